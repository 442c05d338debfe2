#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <onboard/sqlite_storage.hpp>

#include "../work_counts.hpp"
#include "checkpointer.hpp"
#include "connection.hpp"
#include "file_lock.hpp"
#include "partner_cache.hpp"
#include "readers.hpp"
#include "turns.hpp"
#include "write_count.hpp"

namespace onboard::sqlite {

// Units of work that share a transaction, and so a sync of the disk. Whoever committed waits here for that.
class SharedCommit {
public:
    // Throws StorageFailure if it did not come to be durable.
    void wait();

    // Tells all who wait. Empty trouble is good news.
    void end(std::string trouble);

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::string trouble_;
};

// The writing connection with what stands before it: turns among this process's threads, and a lock among processes. One
// thread at a time has the turn and works in the transaction that is open.
//
// A thread that commits, and sees that others wait, leaves the transaction open for them and waits; the first one whom
// nobody waits behind commits for all. So a sync is shared by as many as there are, and nobody waits for company.
// A group begins a transaction of its own, since it may be taken back as a whole; others may go on with it afterwards.
class Writer {
public:
    // Opens the database, and makes it and brings its schema up to date as the options say.
    Writer(std::filesystem::path const&, SqliteOptions const&);

    // Leaves the whole database in its main file, unless somebody still reads.
    ~Writer();
    Writer(Writer const&) = delete;
    Writer& operator=(Writer const&) = delete;

    Connection& connection() { return *connection_; }
    Readers& readers() { return readers_; }
    PartnerCache& partner_cache() { return partner_cache_; }
    StorageStatistics statistics() const noexcept { return counts_.read(); }

    // Takes the turn and opens a savepoint in the transaction. Throws StorageConflict if others did not let go in time.
    void begin();

    // Keeps what was done since, gives the turn back, and returns when it is durable. Throws StorageFailure; whether it
    // is there is then unknown.
    void commit();

    // Takes back what was done since, and gives the turn back.
    void abandon() noexcept;

    // The same for a thread that keeps the turn for many units of work, each between enter() and keep() or take_back(),
    // until it commits or abandons them all.
    void begin_group();
    bool in_group() const noexcept { return group_owner_.load() == std::this_thread::get_id(); }
    void enter();
    void keep();
    void take_back() noexcept;
    void commit_group();
    void abandon_group() noexcept;

private:
    class Lock;

    void take_turn();
    void lock_file();
    void open_transaction();

    // Makes the transaction durable and tells all who share it. Says what went wrong, if anything did.
    std::string end_transaction() noexcept;
    std::string commit_or_roll_back() noexcept;

    // Keeps what was done since the turn was taken, gives it back, and returns when the transaction is durable.
    void share();

    // Gives the turn back, with the transaction if somebody waits who goes on with it, else ends it before.
    void leave() noexcept;

    static constexpr int most_shares = 128;

    std::chrono::milliseconds patience_;
    LockFile file_;
    WriteCount writes_;
    WriteCount partner_writes_;
    PartnerCache partner_cache_{partner_writes_};
    Turns turns_;
    WorkCounts counts_;
    std::optional<Connection> connection_;
    Readers readers_;
    std::optional<Checkpointer> checkpointer_;
    std::atomic<std::thread::id> group_owner_{};

    // About the open transaction. Only whoever has the turn looks.
    bool open_ = false;
    bool broken_ = false;  // a unit of work could not be taken back
    int shares_ = 0;       // how many wait for it
    std::shared_ptr<SharedCommit> shared_;
    int stop_at_ = Checkpointer::longest_log;  // how long a log the writer stops for
};

}
