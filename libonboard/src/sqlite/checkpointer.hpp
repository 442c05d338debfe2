#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "connection.hpp"
#include "readers.hpp"

namespace onboard::sqlite {

// Brings the write-ahead log back into the database file, beside the writer and not in its way.
//
// The SQLite of Debian 12 corrupts a database when a checkpoint that has read how long the log is meets a writer that
// starts the log over. So a state of the database is held open from before a checkpoint until after it. Either that
// state lives in the log: then no writer, of any process, can start the log over meanwhile. Or all of the log was in
// the file already: then the state keeps the checkpoint from the file, and it does nothing. docs/decisions.md has the
// reasoning, tests/sqlite/log_model_test.cpp the proof.
//
// Because of that the log never starts over while writes go on. When it has grown long, the writer stops once, right
// after a checkpoint, finishes what little is left, and starts the log over.
//
// A disk that fails to sync the file may have lost any of it. From then on nothing is checkpointed and the log, which has
// it all, is kept: whoever opens the database next copies all of it once more.
class Checkpointer {
public:
    // In pages of 4 KiB: how much the log grows before a checkpoint is worth its two syncs, from where on the writer stops
    // after one, and how long the log is when he stops at once.
    static constexpr int worthwhile = 4096;
    static constexpr int long_log = 3 * worthwhile;
    static constexpr int longest_log = 16200;

    // For readers of an old state, when the log is to start over.
    static constexpr std::chrono::milliseconds longest_wait{50};

    Checkpointer(std::filesystem::path const&, std::chrono::milliseconds patience, WriteCount const&, Readers&);
    ~Checkpointer() { stop(); }
    Checkpointer(Checkpointer const&) = delete;
    Checkpointer& operator=(Checkpointer const&) = delete;

    // Waits for a checkpoint that is under way. None begins any more.
    void stop();

    // To be told after a commit how long the log is.
    void log_has_grown(int pages) noexcept;

    // Whether a checkpoint of a long log has just left little to do for finish().
    bool has_left_little() const noexcept { return left_little_; }

    // Whether the file failed to sync, so that the log has to stay.
    bool distrusts_file() const noexcept { return distrusts_file_; }

    // Finishes the checkpoint on the writer's own connection, between two of its transactions, and starts the log over.
    // The writer has announced a commit, so that nobody keeps a state that is in the way.
    void finish(Connection& writer);

private:
    void work();
    void checkpoint();

    std::filesystem::path path_;
    std::chrono::milliseconds patience_;
    Readers& readers_;
    Reader holder_;
    std::optional<Connection> connection_;
    std::mutex working_;  // held during a checkpoint

    std::mutex mutex_;
    std::condition_variable changed_;
    int begin_at_ = worthwhile;  // how long the log is when the next checkpoint begins
    bool wanted_ = false;
    bool is_long_ = false;  // the log that a checkpoint is wanted of
    std::atomic<bool> left_little_ = false;
    std::atomic<bool> distrusts_file_ = false;
    bool over_ = false;
    std::thread thread_;
};

}
