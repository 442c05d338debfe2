#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <onboard/postgres_storage.hpp>

#include "connection.hpp"
#include "turnstile.hpp"

namespace onboard::postgres {

// A bounded number of connections, opened when they are needed and kept for the next one. Some are kept free of
// writers, so that readers never wait for all of those. Safe to use from many threads.
//
// A connection that broke is thrown away, and with it all that nobody uses: what ended one will have ended the others.
// While the server cannot be reached, one attempt a second finds out, and the others fail with what it was told.
//
// A server that comes back when its standby has taken over is not used any more, whatever it says of itself: what it were
// told would be lost.
class Pool {
public:
    enum class Use { writing, reading };

    // A connection for as long as this lives.
    class Lease {
    public:
        // Waits for its turn. Throws StorageConflict if that takes too long, and StorageFailure without a server.
        Lease(Pool&, Use);
        ~Lease();
        Lease(Lease const&) = delete;
        Lease& operator=(Lease const&) = delete;

        Connection& connection() { return *connection_; }

    private:
        Pool& pool_;
        Use use_;
        std::unique_ptr<Connection> connection_;
    };

    Pool(std::string url, PostgresOptions const& options);

    int writers() const { return writers_; }

private:
    void enter(Use);
    void leave(Use);
    std::unique_ptr<Connection> take();
    std::unique_ptr<Connection> take_idle();
    std::unique_ptr<Connection> open();
    bool was_replaced(Connection const&);
    void give_back(std::unique_ptr<Connection>);
    void drop_idle();

    std::string const url_;
    PostgresOptions const options_;
    int const writers_;
    Turnstile all_;
    Turnstile writing_;

    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;  // the last one used is the first to be used again
    std::string timeline_;                           // the newest one that was seen
    std::string refusal_;
    std::chrono::steady_clock::time_point refused_until_;
};

}
