#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "connection.hpp"
#include "write_count.hpp"

namespace onboard::sqlite {

// A read-only connection that shows one state of the database while it is open.
//
// To open a state costs system calls and a lock that all readers share. So a state is kept for the next reader, who
// goes on with it if nothing was committed meanwhile.
class Reader {
public:
    Reader(std::filesystem::path const& path, std::chrono::milliseconds patience, WriteCount const& writes)
        : connection_(path, Connection::Use::reading, patience), writes_(writes)
    {
    }

    Connection& connection() { return connection_; }

    // Shows a state that has all commits that were told as done before the call.
    void open();

    // Ends the reading, and keeps the state if it may be of use again.
    void close();

    // Lets go of the state: what keeps one, keeps the write-ahead log from starting over.
    void let_go();

private:
    Connection connection_;
    WriteCount const& writes_;
    std::uint64_t state_ = 0;  // the count of writes when the state was opened
};

// Readers that nobody uses just now. Safe to use from many threads.
class Readers {
public:
    Readers(std::filesystem::path path, std::chrono::milliseconds patience, WriteCount const& writes)
        : path_(std::move(path)), patience_(patience), writes_(writes)
    {
    }

    std::unique_ptr<Reader> take();
    void give_back(std::unique_ptr<Reader>);

    // Lets go of all states that are only kept.
    void let_go();

private:
    // More are opened when more threads read at once, and closed again afterwards.
    static constexpr std::size_t most_kept = 16;

    std::filesystem::path path_;
    std::chrono::milliseconds patience_;
    WriteCount const& writes_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Reader>> idle_;
};

// A reader that is borrowed, and the state it shows, which has all commits that were told as done before.
class Reading {
public:
    explicit Reading(Readers&);
    ~Reading();
    Reading(Reading const&) = delete;
    Reading& operator=(Reading const&) = delete;

    Connection& connection() { return reader_->connection(); }

private:
    Readers& readers_;
    std::unique_ptr<Reader> reader_;
};

}
