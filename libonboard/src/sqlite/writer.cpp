#include "writer.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <onboard/error.hpp>

#include "schema.hpp"

namespace onboard::sqlite {

namespace {

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

}

void SharedCommit::wait()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over_; });
    if (!trouble_.empty())
        throw StorageFailure(trouble_);
}

void SharedCommit::end(std::string trouble)
{
    {
        std::scoped_lock const lock(mutex_);
        over_ = true;
        trouble_ = std::move(trouble);
    }
    changed_.notify_all();
}

// The writer's turn and the file's lock, for what is no unit of work.
class Writer::Lock {
public:
    explicit Lock(Writer& writer) : writer_(writer)
    {
        writer_.take_turn();
        try {
            writer_.lock_file();
        } catch (...) {
            writer_.turns_.give_back();
            throw;
        }
    }
    ~Lock()
    {
        writer_.file_.unlock(LockFile::Part::writer);
        writer_.turns_.give_back();
    }
    Lock(Lock const&) = delete;
    Lock& operator=(Lock const&) = delete;

private:
    Writer& writer_;
};

Writer::Writer(std::filesystem::path const& path, SqliteOptions const& options)
    : patience_(options.patience),
      file_(path.string() + "-lock"),
      writes_(WriteCount::Of::everything, file_.descriptor()),
      partner_writes_(WriteCount::Of::partners, file_.descriptor()),
      readers_(path, patience_, writes_)
{
    if (options.sole_server && !file_.lock(LockFile::Part::server, std::chrono::milliseconds(0)))
        throw StorageFailure("another server works on " + path.string());
    Lock const lock(*this);
    if (options.create)
        make_private_file(path);
    connection_.emplace(path, Connection::Use::writing, patience_);
    connection_->execute("PRAGMA cache_size = -" + std::to_string(options.cache / 1024));
    prepare_schema(*connection_, options.migrate);
    checkpointer_.emplace(path, patience_, writes_, readers_);
}

Writer::~Writer()
{
    checkpointer_->stop();
    if (checkpointer_->distrusts_file())
        return;
    checkpointer_.reset();
    try {
        readers_.let_go();
        Lock const lock(*this);
        connection_->wait_for_locks(std::chrono::milliseconds(0));  // nor for readers of other processes
        connection_->pragma("wal_checkpoint(TRUNCATE)");
    } catch (StorageFailure const&) {
        // The log stays, and the next one to open the file reads it.
    }
}

void Writer::begin()
{
    take_turn();
    try {
        if (!open_)
            open_transaction();
        enter();
    } catch (...) {
        leave();
        throw;
    }
}

void Writer::commit()
{
    try {
        keep();
    } catch (...) {
        abandon();
        throw;
    }
    share();
}

void Writer::share()
{
    ++shares_;
    auto const shared = shared_;
    leave();
    shared->wait();
}

void Writer::abandon() noexcept
{
    take_back();
    leave();
}

void Writer::leave() noexcept
{
    if (open_ && !broken_ && connection_->in_transaction() && shares_ < most_shares && turns_.give_back_if_wanted())
        return;
    if (open_)
        end_transaction();
    turns_.give_back();
}

void Writer::begin_group()
{
    take_turn();
    try {
        if (open_)
            end_transaction();
        open_transaction();
    } catch (...) {
        turns_.give_back();
        throw;
    }
    group_owner_ = std::this_thread::get_id();
}

void Writer::commit_group()
{
    group_owner_ = std::thread::id();
    share();
}

void Writer::abandon_group() noexcept
{
    broken_ = true;
    end_transaction();
    group_owner_ = std::thread::id();
    turns_.give_back();
}

void Writer::enter()
{
    if (broken_ || !connection_->in_transaction())
        throw StorageFailure("database: the transaction was rolled back");
    connection_->run("SAVEPOINT work");
    connection_->audit_end().mark();
}

void Writer::keep()
{
    connection_->run("RELEASE work");
    counts_.note_unit();
}

void Writer::take_back() noexcept
{
    connection_->numbers().lose_reservations();
    connection_->audit_end().take_back();
    try {
        if (connection_->in_transaction()) {
            connection_->run("ROLLBACK TO work");
            connection_->run("RELEASE work");
        }
    } catch (StorageFailure const&) {
        broken_ = true;  // half of it would be committed with the others
    }
}

void Writer::take_turn()
{
    if (!turns_.take(patience_))
        throw StorageConflict("the database is busy");
}

void Writer::lock_file()
{
    if (!file_.lock(LockFile::Part::writer, patience_))
        throw StorageConflict("the database is busy: another process holds it");
}

void Writer::open_transaction()
{
    lock_file();
    try {
        if (connection_->in_transaction())
            connection_->run("ROLLBACK");  // there was no memory for it when it was due
        if (connection_->log_pages() >= stop_at_ || checkpointer_->has_left_little()) {
            writes_.announce();
            checkpointer_->finish(*connection_);
            stop_at_ = connection_->log_pages() + Checkpointer::worthwhile;  // if the log did not start over
        }
        connection_->run("BEGIN IMMEDIATE");
        connection_->audit_end().forget();
    } catch (...) {
        writes_.settle();
        file_.unlock(LockFile::Part::writer);
        throw;
    }
    open_ = true;
    broken_ = false;
    shares_ = 0;
    shared_ = std::make_shared<SharedCommit>();
}

std::string Writer::end_transaction() noexcept
{
    auto trouble = commit_or_roll_back();
    writes_.settle();
    if (connection_->partners_changed())
        partner_writes_.settle();
    connection_->note_partners_changed(false);
    connection_->note_accounts_changed(false);
    file_.unlock(LockFile::Part::writer);
    open_ = false;
    shared_->end(trouble);
    if (connection_->log_pages() < Checkpointer::longest_log)
        stop_at_ = Checkpointer::longest_log;
    checkpointer_->log_has_grown(connection_->log_pages());
    return trouble;
}

std::string Writer::commit_or_roll_back() noexcept
{
    std::string trouble;
    try {
        // Some failures, a full disk among them, make SQLite roll back at once.
        if (!connection_->in_transaction())
            throw StorageFailure("database: the transaction was rolled back");
        if (!broken_) {
            connection_->audit_end().write_down();
            writes_.announce();
            if (connection_->partners_changed())
                partner_writes_.announce();
            connection_->run("COMMIT");
            counts_.note_commit();
            return trouble;
        }
        trouble = "database: a unit of work could not be taken back";
    } catch (StorageFailure const& failure) {
        trouble = failure.what();
    }
    connection_->numbers().lose_reservations();
    try {
        if (connection_->in_transaction())
            connection_->run("ROLLBACK");
    } catch (StorageFailure const&) {
        // SQLite has rolled back by itself, or who opens the next transaction does it first.
    }
    return trouble;
}

}
