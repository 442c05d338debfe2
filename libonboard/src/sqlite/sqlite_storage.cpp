#include <onboard/sqlite_storage.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <mutex>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "connection.hpp"
#include "file_lock.hpp"
#include "schema.hpp"
#include "stores.hpp"

namespace onboard {

namespace sqlite {

namespace {

class Stores : public UnitOfWork {
public:
    explicit Stores(Connection& connection) : connection_(connection) {}

    Partners& partners() override { return partners_; }
    Accounts& accounts() override { return accounts_; }
    LoginLinks& login_links() override { return login_links_; }
    Sessions& sessions() override { return sessions_; }
    Codes& codes() override { return codes_; }
    RepeatedRequests& repeated_requests() override { return repeated_requests_; }
    Outbox& outbox() override { return outbox_; }

protected:
    Connection& connection_;

private:
    SqlitePartners partners_{connection_};
    SqliteAccounts accounts_{connection_};
    SqliteLoginLinks login_links_{connection_};
    SqliteSessions sessions_{connection_};
    SqliteCodes codes_{connection_};
    SqliteRepeatedRequests repeated_requests_{connection_};
    SqliteOutbox outbox_{connection_};
};

// A mutex that serves whoever waits in the order they came: a thread that writes group after group would otherwise
// keep all others out.
class FairMutex {
public:
    // Whether it was free before patience ran out.
    bool lock_within(std::chrono::milliseconds patience)
    {
        std::unique_lock lock(mutex_);
        auto const ticket = next_ticket_++;
        waiting_.push_back(ticket);
        auto const my_turn = [&] { return !held_ && waiting_.front() == ticket; };
        auto const mine = changed_.wait_for(lock, patience, my_turn);
        std::erase(waiting_, ticket);
        if (mine)
            held_ = true;
        else
            changed_.notify_all();  // whoever waits behind may be first now
        return mine;
    }

    void unlock()
    {
        {
            std::scoped_lock const lock(mutex_);
            held_ = false;
        }
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::uint64_t> waiting_;
    std::uint64_t next_ticket_ = 0;
    bool held_ = false;
};

// Makes an empty database that only its owner can read; the log that SQLite puts beside it gets the same mode. An
// existing file is not even opened: closing it again would end the locks SQLite holds on it in this process.
void make_private_file(std::filesystem::path const& path)
{
    auto const descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor >= 0)
        ::close(descriptor);
    else if (errno != EEXIST)
        throw StorageFailure("cannot make " + path.string() + ": " + std::strerror(errno));
}

// The writing connection, and the two locks in front of it: one among this process's threads, one among processes.
class Writer {
public:
    Writer(std::filesystem::path const& path, SqliteOptions const& options)
        : patience_(options.patience), lock_file_(path.string() + "-lock")
    {
        if (options.sole_server && !lock_file_.lock(LockFile::Part::server, std::chrono::milliseconds(0)))
            throw StorageFailure("another server works on " + path.string());
        lock();
        try {
            if (options.create)
                make_private_file(path);
            connection_.emplace(path, Connection::Use::writing, patience_);
            prepare_schema(*connection_, options.migrate);
        } catch (...) {
            unlock();
            throw;
        }
        unlock();
    }

    // Leaves the whole database in its main file, unless somebody still reads.
    ~Writer()
    {
        try {
            std::scoped_lock const held(*this);
            connection_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (StorageFailure const&) {
            // The log stays, and the next one to open the file reads it.
        }
    }
    Writer(Writer const&) = delete;
    Writer& operator=(Writer const&) = delete;

    Connection& connection() { return *connection_; }

    void lock()
    {
        if (!mutex_.lock_within(patience_))
            throw StorageConflict("the database is busy");
        try {
            if (!lock_file_.lock(LockFile::Part::writer, patience_))
                throw StorageConflict("the database is busy: another process holds it");
        } catch (...) {
            mutex_.unlock();
            throw;
        }
    }

    void unlock()
    {
        lock_file_.unlock(LockFile::Part::writer);
        mutex_.unlock();
    }

    // Which thread has a group open, so that its units of work join in.
    std::atomic<std::thread::id> group_owner{};

    // Whether a unit of work of that group could not be taken back. Only the owner looks.
    bool group_broken = false;

private:
    std::chrono::milliseconds patience_;
    LockFile lock_file_;
    FairMutex mutex_;
    std::optional<Connection> connection_;
};

// A transaction on the writing connection, with its locks. Rolled back unless committed.
class Transaction {
public:
    explicit Transaction(Writer& writer) : writer_(writer), lock_(writer)
    {
        writer.connection().run("BEGIN IMMEDIATE");
    }
    ~Transaction()
    {
        if (!open())
            return;
        try {
            writer_.connection().run("ROLLBACK");
        } catch (StorageFailure const&) {
            // SQLite rolls back by itself where it reports a failure here.
        }
    }
    Transaction(Transaction const&) = delete;
    Transaction& operator=(Transaction const&) = delete;

    // Some failures, a full disk among them, make SQLite roll back at once.
    bool open() const { return writer_.connection().in_transaction(); }

    void commit()
    {
        if (!open())
            throw StorageFailure("database: the transaction was rolled back");
        writer_.connection().run("COMMIT");
    }

private:
    Writer& writer_;
    std::unique_lock<Writer> lock_;
};

class WritingWork : public Stores {
public:
    explicit WritingWork(Writer& writer) : Stores(writer.connection()), transaction_(writer) {}

    void commit() override { transaction_.commit(); }

private:
    Transaction transaction_;
};

// A unit of work inside a group: a savepoint in the group's transaction.
class GroupedWork : public Stores {
public:
    GroupedWork(Connection& connection, bool& broken) : Stores(connection), broken_(broken)
    {
        if (broken_ || !connection_.in_transaction())
            throw StorageFailure("database: the group's transaction was rolled back");
        connection_.run("SAVEPOINT work");
    }
    ~GroupedWork() override
    {
        if (committed_ || !connection_.in_transaction())
            return;
        try {
            connection_.run("ROLLBACK TO work");
            connection_.run("RELEASE work");
        } catch (StorageFailure const&) {
            broken_ = true;  // half of this would be committed with the group
        }
    }
    GroupedWork(GroupedWork const&) = delete;
    GroupedWork& operator=(GroupedWork const&) = delete;

    void commit() override
    {
        connection_.run("RELEASE work");
        committed_ = true;
    }

private:
    bool& broken_;
    bool committed_ = false;
};

class SqliteGroup : public Group {
public:
    explicit SqliteGroup(Writer& writer) : writer_(writer), transaction_(writer)
    {
        writer.group_broken = false;
        writer.group_owner = std::this_thread::get_id();
    }
    ~SqliteGroup() override { writer_.group_owner = std::thread::id(); }
    SqliteGroup(SqliteGroup const&) = delete;
    SqliteGroup& operator=(SqliteGroup const&) = delete;

    void commit() override
    {
        if (writer_.group_broken)
            throw StorageFailure("database: a unit of work of the group could not be taken back");
        transaction_.commit();
    }

private:
    Writer& writer_;
    Transaction transaction_;
};

// Reading connections that nobody uses just now.
class Readers {
public:
    Readers(std::filesystem::path path, std::chrono::milliseconds patience)
        : path_(std::move(path)), patience_(patience)
    {
    }

    std::unique_ptr<Connection> take()
    {
        {
            std::scoped_lock const lock(mutex_);
            if (!idle_.empty()) {
                auto connection = std::move(idle_.back());
                idle_.pop_back();
                return connection;
            }
        }
        return std::make_unique<Connection>(path_, Connection::Use::reading, patience_);
    }

    void give_back(std::unique_ptr<Connection> connection)
    {
        std::scoped_lock const lock(mutex_);
        idle_.push_back(std::move(connection));
    }

private:
    std::filesystem::path path_;
    std::chrono::milliseconds patience_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

// Reads from one snapshot. The write-ahead log shows a commit to readers only after it was synced.
class ReadingWork : public UnitOfWork {
public:
    explicit ReadingWork(Readers& readers) : readers_(readers), connection_(readers.take()), stores_(*connection_)
    {
        connection_->run("BEGIN");
    }
    ~ReadingWork() override
    {
        try {
            connection_->run("ROLLBACK");
            readers_.give_back(std::move(connection_));
        } catch (StorageFailure const&) {
            // A connection that cannot end its reading is closed instead.
        }
    }
    ReadingWork(ReadingWork const&) = delete;
    ReadingWork& operator=(ReadingWork const&) = delete;

    Partners& partners() override { return stores_.partners(); }
    Accounts& accounts() override { return stores_.accounts(); }
    LoginLinks& login_links() override { return stores_.login_links(); }
    Sessions& sessions() override { return stores_.sessions(); }
    Codes& codes() override { return stores_.codes(); }
    RepeatedRequests& repeated_requests() override { return stores_.repeated_requests(); }
    Outbox& outbox() override { return stores_.outbox(); }
    void commit() override {}

private:
    class ReadingStores : public Stores {
    public:
        using Stores::Stores;
        void commit() override {}
    };

    Readers& readers_;
    std::unique_ptr<Connection> connection_;
    ReadingStores stores_;
};

class SqliteStorage : public Storage {
public:
    SqliteStorage(std::filesystem::path const& path, SqliteOptions const& options)
        : writer_(path, options), readers_(path, options.patience)
    {
    }

    std::unique_ptr<UnitOfWork> begin() override
    {
        if (writer_.group_owner.load() == std::this_thread::get_id())
            return std::make_unique<GroupedWork>(writer_.connection(), writer_.group_broken);
        return std::make_unique<WritingWork>(writer_);
    }

    std::unique_ptr<UnitOfWork const> begin_reading() override
    {
        return std::make_unique<ReadingWork const>(readers_);
    }

    std::unique_ptr<Group> begin_group() override { return std::make_unique<SqliteGroup>(writer_); }

private:
    Writer writer_;
    Readers readers_;
};

}

}

namespace {

// SQLite takes a file that is too short for a database for an empty one, and would write over it. Only the size is
// looked at: to open the file and close it would end the locks that SQLite holds on it in this process.
void refuse_other_content(std::filesystem::path const& path)
{
    constexpr std::uintmax_t smallest_database = 512;
    std::error_code none;
    auto const size = std::filesystem::file_size(path, none);
    if (!none && size > 0 && size < smallest_database)
        throw StorageFailure(path.string() + " is not a database");
}

}

std::unique_ptr<Storage> open_sqlite(std::filesystem::path const& path, SqliteOptions const& options)
{
    std::error_code ignored;
    if (!options.create && std::filesystem::file_size(path, ignored) == static_cast<std::uintmax_t>(-1))
        throw StorageFailure("there is no database " + path.string());
    if (auto const folder = path.parent_path(); !folder.empty() && !std::filesystem::is_directory(folder, ignored))
        throw StorageFailure("there is no folder " + folder.string() + " to keep the database in");
    refuse_other_content(path);
    return std::make_unique<sqlite::SqliteStorage>(path, options);
}

}
