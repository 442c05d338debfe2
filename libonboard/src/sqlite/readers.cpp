#include "readers.hpp"

namespace onboard::sqlite {

void Reader::open()
{
    // Counted before the state is opened: a commit in between makes it look older than it is, never newer.
    auto const now = writes_.value();
    if (connection_.in_transaction() && state_ == now && WriteCount::is_settled(now))
        return;
    let_go();
    connection_.run("BEGIN");
    state_ = now;
}

void Reader::close()
{
    if (!WriteCount::is_settled(state_) || state_ != writes_.value())
        let_go();
}

void Reader::let_go()
{
    if (connection_.in_transaction())
        connection_.run("ROLLBACK");
}

std::unique_ptr<Reader> Readers::take()
{
    {
        std::scoped_lock const lock(mutex_);
        if (!idle_.empty()) {
            auto reader = std::move(idle_.back());
            idle_.pop_back();
            return reader;
        }
    }
    return std::make_unique<Reader>(path_, patience_, writes_);
}

void Readers::give_back(std::unique_ptr<Reader> reader)
{
    std::scoped_lock const lock(mutex_);
    if (idle_.size() < most_kept)
        idle_.push_back(std::move(reader));
}

void Readers::let_go()
{
    std::scoped_lock const lock(mutex_);
    for (auto const& reader : idle_)
        reader->let_go();
}

Reading::Reading(Readers& readers) : readers_(readers), reader_(readers.take())
{
    reader_->open();
}

Reading::~Reading()
{
    try {
        reader_->close();
        readers_.give_back(std::move(reader_));
    } catch (StorageFailure const&) {
        // A connection that cannot end its reading is closed instead.
    }
}

}
