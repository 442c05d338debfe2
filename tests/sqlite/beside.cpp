#include "sqlite/beside.hpp"

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace onboard::testing {

namespace {

using std::filesystem::path;

void require(bool done, char const* what)
{
    if (!done)
        throw std::runtime_error(std::string("cannot ") + what);
}

std::array<int, 2> both_ends()
{
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0, "make a line");
    return ends;
}

path beside(path const& database, char const* suffix)
{
    return database.string() + suffix;
}

}

Beside::Beside(path const& file)
{
    require(sqlite3_open(file.c_str(), &handle_) == SQLITE_OK, "open the database");
}

Beside::~Beside()
{
    sqlite3_close(handle_);
}

void Beside::execute(std::string const& sql)
{
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error("cannot " + sql + ": " + sqlite3_errmsg(handle_));
}

std::string Beside::value(std::string const& sql)
{
    std::string result;
    auto const keep_first = [](void* kept, int, char** columns, char**) {
        *static_cast<std::string*>(kept) = columns[0] ? columns[0] : "";
        return 0;
    };
    require(sqlite3_exec(handle_, sql.c_str(), keep_first, &result, nullptr) == SQLITE_OK, sql.c_str());
    return result;
}

std::string Beside::rows()
{
    auto const every_row =
        value("SELECT group_concat('SELECT ''' || name || ' '' || ' || "
              "(SELECT group_concat('quote(\"' || name || '\")', '||') FROM pragma_table_info(tables.name)) || "
              "' AS row FROM \"' || name || '\"', ' UNION ALL ') FROM sqlite_schema AS tables WHERE type = 'table'");
    return value("SELECT coalesce(group_concat(row, char(10)), '') FROM (" + every_row + ")");
}

void Line::say(std::int64_t word)
{
    require(::send(descriptor_, &word, sizeof word, MSG_NOSIGNAL) == sizeof word, "talk to the other process");
}

std::int64_t Line::hear()
{
    std::int64_t word = 0;
    require(::recv(descriptor_, &word, sizeof word, 0) == sizeof word, "hear the other process");
    return word;
}

void Line::close()
{
    if (descriptor_ >= 0)
        ::close(std::exchange(descriptor_, -1));
}

AnotherProcess::AnotherProcess(std::function<void(Line&)> const& action) : AnotherProcess(action, both_ends()) {}

AnotherProcess::AnotherProcess(std::function<void(Line&)> const& action, std::array<int, 2> ends)
    : id_(::fork()), line_(ends[0])
{
    if (id_ == 0) {
        ::close(ends[0]);
        int status = 1;
        try {
            Line line(ends[1]);
            action(line);
            status = 0;
        } catch (...) {
        }
        ::_exit(status);
    }
    ::close(ends[1]);
    require(id_ > 0, "make another process");
}

AnotherProcess::~AnotherProcess()
{
    line_.close();
    if (id_ <= 0)
        return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
}

bool AnotherProcess::succeeds()
{
    int status = 0;
    require(::waitpid(std::exchange(id_, 0), &status, 0) > 0, "wait for the other process");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

FullDisk::FullDisk(std::uintmax_t size) : handler_(std::signal(SIGXFSZ, SIG_IGN))
{
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    auto const full = rlimit{.rlim_cur = size, .rlim_max = limit_.rlim_max};
    require(::setrlimit(RLIMIT_FSIZE, &full) == 0, "limit the size of files");
}

FullDisk::~FullDisk()
{
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, handler_);
}

std::uintmax_t log_size(path const& database)
{
    std::error_code missing;
    auto const size = std::filesystem::file_size(beside(database, "-wal"), missing);
    return missing ? 0 : size;
}

std::uint64_t write_count(path const& database)
{
    std::uint64_t count = 0;
    std::ifstream(beside(database, "-lock"), std::ios::binary).read(reinterpret_cast<char*>(&count), sizeof count);
    return count;
}

void set_write_count(path const& database, std::uint64_t count)
{
    std::fstream file(beside(database, "-lock"), std::ios::binary | std::ios::in | std::ios::out);
    file.write(reinterpret_cast<char const*>(&count), sizeof count);
}

}
