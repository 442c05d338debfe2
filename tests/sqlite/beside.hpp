#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <sys/resource.h>
#include <sys/types.h>

struct sqlite3;

// What happens to a database from outside.
namespace onboard::testing {

// The database in the hands of a program that knows nothing of ours. Everything it does succeeds, or throws.
class Beside {
public:
    explicit Beside(std::filesystem::path const& file);
    ~Beside();
    Beside(Beside const&) = delete;
    Beside& operator=(Beside const&) = delete;

    void execute(std::string const& sql);

    // The first column of the last row.
    std::string value(std::string const& sql);

    // Every row of every table, as text.
    std::string rows();

private:
    sqlite3* handle_ = nullptr;
};

// One end of a line between two processes, on which they take turns.
class Line {
public:
    explicit Line(int descriptor) : descriptor_(descriptor) {}
    ~Line() { close(); }
    Line(Line const&) = delete;
    Line& operator=(Line const&) = delete;

    void say(std::int64_t word);

    // Waits for a word. Throws if the other has gone.
    std::int64_t hear();

    void close();

private:
    int descriptor_;
};

// A copy of this process that does something of its own, without Catch2. It is to be made before this process opens
// the database in question, and before it has threads: what SQLite remembers of an open file is wrong in a copy.
class AnotherProcess {
public:
    explicit AnotherProcess(std::function<void(Line&)> const& action);
    ~AnotherProcess();
    AnotherProcess(AnotherProcess const&) = delete;
    AnotherProcess& operator=(AnotherProcess const&) = delete;

    Line& line() noexcept { return line_; }

    // Waits for its end. Whether it did what it should.
    bool succeeds();

private:
    AnotherProcess(std::function<void(Line&)> const& action, std::array<int, 2> ends);

    pid_t id_;
    Line line_;
};

// While it lives, no file of this process grows beyond a size, as if the disk were full.
class FullDisk {
public:
    explicit FullDisk(std::uintmax_t size);
    ~FullDisk();
    FullDisk(FullDisk const&) = delete;
    FullDisk& operator=(FullDisk const&) = delete;

private:
    rlimit limit_{};
    void (*handler_)(int);
};

// How long a database's write-ahead log is, in octets; and how long a log the writer stops for.
constexpr std::uintmax_t longest_log = 64 << 20;
std::uintmax_t log_size(std::filesystem::path const& database);

// The number that its lock file begins with, which is odd from before a commit until after it.
std::uint64_t write_count(std::filesystem::path const& database);
void set_write_count(std::filesystem::path const& database, std::uint64_t);

}
