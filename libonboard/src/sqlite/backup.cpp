#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <SQLiteCpp/Exception.h>

#include <onboard/error.hpp>
#include <onboard/sqlite_storage.hpp>

#include "connection.hpp"
#include "schema.hpp"

namespace onboard {

namespace {

constexpr std::chrono::milliseconds patience{5000};

[[noreturn]] void throw_trouble(std::filesystem::path const& path)
{
    throw StorageFailure("cannot write " + path.string() + ": " + std::strerror(errno));
}

// A file that is being written, under another name than it will have. Goes away unless it is put in place.
class Draft {
public:
    explicit Draft(std::filesystem::path path)
        : path_(std::move(path)), aside_(path_.string() + ".part-" + std::to_string(::getpid()))
    {
        struct stat there {};
        if (::lstat(path_.c_str(), &there) == 0)
            throw StorageFailure("there is a file " + path_.string() + " already");
        auto const descriptor = ::open(aside_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (descriptor < 0)
            throw_trouble(aside_);
        ::close(descriptor);
    }
    ~Draft()
    {
        if (!in_place_)
            ::unlink(aside_.c_str());
    }
    Draft(Draft const&) = delete;
    Draft& operator=(Draft const&) = delete;

    std::filesystem::path const& aside() const noexcept { return aside_; }

    // Gives it its name, unless somebody else has taken that meanwhile. Then all of it is on the disk.
    void put_in_place()
    {
        sync(aside_);
        if (::renameat2(AT_FDCWD, aside_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0)
            throw_trouble(path_);
        in_place_ = true;
        auto const folder = path_.parent_path();
        sync(folder.empty() ? "." : folder);
    }

private:
    static void sync(std::filesystem::path const& path)
    {
        auto const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
            throw_trouble(path);
        auto const synced = ::fsync(descriptor) == 0;
        auto const trouble = errno;
        ::close(descriptor);
        errno = trouble;
        if (!synced)
            throw_trouble(path);
    }

    std::filesystem::path path_;
    std::filesystem::path aside_;
    bool in_place_ = false;
};

// In one step: whoever copies in several begins anew with every commit in between. The connection only reads, so it holds
// one state of the log, and neither checkpoints nor keeps anybody from writing.
void copy_state(std::filesystem::path const& database, std::filesystem::path const& to)
try {
    sqlite::Connection source(database, sqlite::Connection::Use::reading, patience);
    if (!sqlite::is_ours(source))
        throw StorageFailure(database.string() + " is not a database of ours");
    SQLite::Database target(to.string(), SQLite::OPEN_READWRITE);
    // The file is of use only when it is whole, and synced then.
    target.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    source.copy_to(target);
} catch (SQLite::Exception const& error) {
    sqlite::throw_failure(error);
}

}

void back_up_sqlite(std::filesystem::path const& database, std::filesystem::path const& copy_path)
{
    std::error_code trouble;
    if (!std::filesystem::is_regular_file(database, trouble))
        throw StorageFailure("there is no database " + database.string());
    Draft draft(copy_path);
    copy_state(database, draft.aside());
    draft.put_in_place();
}

}
