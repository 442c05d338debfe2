#include "server/http/tarpit.hpp"

#include <algorithm>

namespace onboard::server {

namespace {

bool is_refusal(int status) noexcept
{
    switch (status) {
    case 400:  // malformed
    case 401:  // without credentials that hold
    case 403:
    case 413:  // too large
    case 415:  // of the wrong type
    case 422:  // invalid
    case 429:  // too many
    case 503: return true;
    default: return false;
    }
}

}

std::chrono::milliseconds Tarpit::note(int status) noexcept
{
    constexpr int free = 16;
    constexpr int most = 25;
    if (is_refusal(status))
        refusals_ = std::min(refusals_ + 1, free + most);
    else
        refusals_ = std::max(refusals_ - 1, 0);
    return std::chrono::milliseconds(is_refusal(status) ? std::max(refusals_ - free, 0) : 0);
}

}
