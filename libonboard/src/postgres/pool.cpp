#include "pool.hpp"

#include <algorithm>

#include <onboard/error.hpp>

namespace onboard::postgres {

namespace {

constexpr std::chrono::seconds pause_after_refusal{1};

int checked(int connections)
{
    if (connections < 2)
        throw StorageFailure("database: it takes two connections or more");
    return connections;
}

int writers_among(int connections)
{
    return connections - std::max(1, connections / 4);
}

}

Pool::Pool(std::string url, PostgresOptions const& options)
    : url_(std::move(url)),
      options_(options),
      writers_(writers_among(checked(options.connections))),
      all_(options.connections),
      writing_(writers_)
{
}

Pool::Lease::Lease(Pool& pool, Use use) : pool_(pool), use_(use)
{
    pool.enter(use);
    try {
        connection_ = pool.take();
    } catch (...) {
        pool.leave(use);
        throw;
    }
}

Pool::Lease::~Lease()
{
    pool_.give_back(std::move(connection_));
    pool_.leave(use_);
}

void Pool::enter(Use use)
{
    auto const busy = StorageConflict("the database is busy: all connections are in use");
    if (use == Use::writing && !writing_.enter(options_.patience))
        throw busy;
    if (all_.enter(options_.patience))
        return;
    if (use == Use::writing)
        writing_.leave();
    throw busy;
}

void Pool::leave(Use use)
{
    all_.leave();
    if (use == Use::writing)
        writing_.leave();
}

std::unique_ptr<Connection> Pool::take()
{
    while (auto connection = take_idle()) {
        if (!connection->hung_up() && !was_replaced(*connection))
            return connection;
        drop_idle();
    }
    return open();
}

std::unique_ptr<Connection> Pool::take_idle()
{
    std::scoped_lock const lock(mutex_);
    if (idle_.empty())
        return nullptr;
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
}

std::unique_ptr<Connection> Pool::open()
{
    {
        std::scoped_lock const lock(mutex_);
        if (std::chrono::steady_clock::now() < refused_until_)
            throw StorageFailure(refusal_);
    }
    try {
        auto connection = std::make_unique<Connection>(url_, options_);
        if (was_replaced(*connection))
            throw StorageFailure("database: this server was replaced by one that has taken over from it");
        return connection;
    } catch (StorageFailure const& refusal) {
        std::scoped_lock const lock(mutex_);
        refusal_ = refusal.what();
        refused_until_ = std::chrono::steady_clock::now() + pause_after_refusal;
        throw;
    }
}

bool Pool::was_replaced(Connection const& connection)
{
    auto const& timeline = connection.timeline();
    if (timeline.empty())
        return false;
    std::scoped_lock const lock(mutex_);
    timeline_ = std::max(timeline_, timeline);
    return timeline != timeline_;
}

void Pool::give_back(std::unique_ptr<Connection> connection)
{
    if (connection->broken()) {
        drop_idle();
        return;
    }
    std::scoped_lock const lock(mutex_);
    idle_.push_back(std::move(connection));
}

void Pool::drop_idle()
{
    std::vector<std::unique_ptr<Connection>> dropped;  // closed without the lock
    std::scoped_lock const lock(mutex_);
    dropped.swap(idle_);
}

}
