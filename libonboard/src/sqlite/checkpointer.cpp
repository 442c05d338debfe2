#include "checkpointer.hpp"

#include <system_error>

#include <onboard/error.hpp>

namespace onboard::sqlite {

namespace {

// A state that is held open for a scope, whatever happens in it.
class Held {
public:
    explicit Held(Reader& reader) : reader_(reader)
    {
        reader_.open();
        reader_.connection().query("SELECT 1 FROM sqlite_schema").next();  // a state begins with the first look
    }
    ~Held()
    {
        try {
            reader_.let_go();
        } catch (StorageFailure const&) {
            // The next one to open a state tries again.
        }
    }
    Held(Held const&) = delete;
    Held& operator=(Held const&) = delete;

private:
    Reader& reader_;
};

}

Checkpointer::Checkpointer(
    std::filesystem::path const& path, std::chrono::milliseconds patience, WriteCount const& writes, Readers& readers)
    : path_(path), patience_(patience), readers_(readers), holder_(path, patience, writes)
{
}

void Checkpointer::stop()
{
    {
        std::scoped_lock const lock(mutex_);
        over_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

void Checkpointer::log_has_grown(int pages) noexcept
{
    try {
        std::scoped_lock const lock(mutex_);
        if (pages + worthwhile < begin_at_)
            begin_at_ = worthwhile;  // the log started over
        if (pages < begin_at_)
            return;
        begin_at_ = pages + worthwhile;
        if (!thread_.joinable())
            thread_ = std::thread([this] { work(); });
        wanted_ = true;
        is_long_ = pages >= long_log;
    } catch (std::system_error const&) {
        return;  // no thread to be had: the writer stops for a long log
    }
    changed_.notify_one();
}

void Checkpointer::finish(Connection& writer)
{
    std::scoped_lock const lock(working_);
    left_little_ = false;
    if (distrusts_file_)
        return;
    readers_.let_go();
    try {
        writer.wait_for_locks(longest_wait);
        writer.pragma("wal_checkpoint(RESTART)");
    } catch (SyncFailure const&) {
        distrusts_file_ = true;
    } catch (StorageFailure const&) {
        // The log grows, and the writer stops for it again.
    }
    writer.wait_for_locks(patience_);
}

void Checkpointer::work()
{
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return over_ || wanted_; });
        if (over_)
            return;
        wanted_ = false;
        auto const was_long = is_long_;
        lock.unlock();
        try {
            checkpoint();
            if (was_long) {
                connection_->sync_file();
                checkpoint();  // of what came meanwhile
            }
            left_little_ = was_long;
        } catch (SyncFailure const&) {
            distrusts_file_ = true;
            return;
        } catch (StorageFailure const&) {
            // The log grows, and the next commit asks again.
        }
        lock.lock();
    }
}

void Checkpointer::checkpoint()
{
    std::scoped_lock const lock(working_);
    if (!connection_)
        connection_.emplace(path_, Connection::Use::writing, patience_);
    readers_.let_go();
    Held const state(holder_);
    connection_->pragma("wal_checkpoint(PASSIVE)");
}

}
