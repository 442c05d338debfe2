#pragma once

#include <chrono>

namespace onboard::server {

// Holds back the answers of a connection on which one request after the other is refused, so that a flood of them costs
// little. A contract's ordinary answers are no refusals, such as 404 or 409; a client that heeds a refusal never waits.
class Tarpit {
public:
    // For how long to hold back an answer. Every refusal counts, and every other answer makes up for one.
    std::chrono::milliseconds note(int status) noexcept;

private:
    int refusals_ = 0;
};

}
