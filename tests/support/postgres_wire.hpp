#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/temporary_folder.hpp"

namespace onboard::testing {

// A wire between a storage and the server that the environment names, which counts and can be cut.
class PostgresWire {
public:
    PostgresWire();
    ~PostgresWire();
    PostgresWire(PostgresWire const&) = delete;
    PostgresWire& operator=(PostgresWire const&) = delete;

    // The same URL, over the wire.
    std::string over(std::string const& url) const;

    // How often somebody sent something after an answer, and so had waited for it.
    int turns() const { return turns_; }

    // Whatever is asked next is carried over and its answer is not: the connection ends instead.
    void lose_next_answer() { losing_ = true; }

private:
    void accept_all();
    void carry(int client);

    TemporaryFolder folder_;
    int listener_ = -1;
    std::atomic<int> turns_ = 0;
    std::atomic<bool> losing_ = false;
    std::atomic<bool> over_ = false;
    std::vector<std::thread> carriers_;  // only the acceptor adds to them
    std::thread acceptor_;
};

}
