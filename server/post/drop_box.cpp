#include "server/post/drop_box.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <onboard/error.hpp>

namespace onboard::server::post {

namespace {

using std::filesystem::path;

[[noreturn]] void fail(std::string_view action, path const& file)
{
    auto const reason = errno;
    throw DeliveryFailure(fmt::format("cannot {} {}: {}", action, file.string(), std::strerror(reason)));
}

class Descriptor {
public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    ~Descriptor()
    {
        if (number_ >= 0)
            ::close(number_);
    }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;

    int get() const noexcept { return number_; }
    bool is_open() const noexcept { return number_ >= 0; }

    // Some file systems tell only now that they could not write.
    bool close() noexcept { return ::close(std::exchange(number_, -1)) == 0; }

private:
    int number_;
};

// A file under a name of its own until it is complete; gone if it never is.
class Draft {
public:
    Draft(path const& directory, std::string_view id)
        : name_((directory / fmt::format("{}.XXXXXX.tmp", id)).string()),
          file_(::mkostemps(name_.data(), 4, O_CLOEXEC))
    {
        if (!file_.is_open())
            fail("create", name_);
    }
    ~Draft()
    {
        if (!published_)
            ::unlink(name_.c_str());
    }
    Draft(Draft const&) = delete;
    Draft& operator=(Draft const&) = delete;

    void write(std::string_view text)
    {
        while (!text.empty()) {
            auto const written = ::write(file_.get(), text.data(), text.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                fail("write", name_);
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    void publish(path const& as)
    {
        if (::fsync(file_.get()) != 0)
            fail("sync", name_);
        if (!file_.close())
            fail("close", name_);
        if (::rename(name_.c_str(), as.c_str()) != 0)
            fail("rename to", as);
        published_ = true;
    }

private:
    std::string name_;
    Descriptor file_;
    bool published_ = false;
};

// Makes names in a directory outlast a power cut.
void sync_directory(path const& directory)
{
    Descriptor const opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open())
        fail("open", directory);
    if (::fsync(opened.get()) != 0)
        fail("sync", directory);
}

void make_directory(path const& directory)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(directory, ignored))
        return;

    auto const parent = directory.has_parent_path() ? directory.parent_path() : path(".");
    if (parent != directory)
        make_directory(parent);
    if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        fail("create", directory);
    sync_directory(parent);
}

}

void drop(path const& directory, std::string_view id, std::string_view extension, std::string_view contents)
{
    make_directory(directory);
    Draft draft(directory, id);
    draft.write(contents);
    draft.publish(directory / fmt::format("{}{}", id, extension));
    sync_directory(directory);
}

}
