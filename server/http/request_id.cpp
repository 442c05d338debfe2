#include "server/http/request_id.hpp"

#include <random>
#include <span>

#include "server/text.hpp"

namespace onboard::server {

namespace {

bool is_harmless(std::string_view text)
{
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    return !text.empty() && text.size() <= 128 && text.find_first_not_of(allowed) == std::string_view::npos;
}

}

std::string request_id(std::string_view offered)
{
    if (is_harmless(offered))
        return std::string(offered);

    // Unlikely to come twice; nothing depends on nobody guessing it.
    thread_local std::mt19937_64 generator{std::random_device{}()};
    auto const number = generator();
    return hex(std::as_bytes(std::span(&number, 1)));
}

}
