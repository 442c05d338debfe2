#include "server/identity/https_get.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "server/curl_handle.hpp"
#include "server/text.hpp"

namespace onboard::server {

namespace {

constexpr std::chrono::seconds limit{5};
constexpr long connect_milliseconds = 3000;
constexpr std::size_t longest_body = 65536;
constexpr std::size_t longest_head = 32768;

struct Reception {
    Fetched fetched;
    std::size_t head = 0;  // octets of it
};

// What is not taken in full ends the transfer.
std::size_t on_body(char* octets, std::size_t size, std::size_t count, void* self)
{
    auto& body = static_cast<Reception*>(self)->fetched.body;
    if (body.size() + size * count > longest_body)
        return 0;
    body.append(octets, size * count);
    return size * count;
}

std::size_t on_head(char* octets, std::size_t size, std::size_t count, void* self)
{
    auto& reception = *static_cast<Reception*>(self);
    reception.head += size * count;
    if (reception.head > longest_head)
        return 0;
    std::string_view line(octets, size * count);
    while (line.ends_with('\n') || line.ends_with('\r'))
        line.remove_suffix(1);
    auto const colon = std::min(line.find(':'), line.size());
    auto const value = without_blanks(line.substr(std::min(colon + 1, line.size())));
    if (equal_but_case(line.substr(0, colon), "cache-control"))
        reception.fetched.cache_control += (reception.fetched.cache_control.empty() ? "" : ", ") + std::string(value);
    if (equal_but_case(line.substr(0, colon), "age"))
        reception.fetched.age = value;
    return size * count;
}

}

Fetched https_get(std::string const& url, std::stop_token stop)
{
    Reception reception;
    CurlHandle handle(std::move(stop));
    handle.set(CURLOPT_URL, url.c_str());
    handle.set(CURLOPT_PROTOCOLS_STR, "https,http");
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, connect_milliseconds);
    handle.set(CURLOPT_HEADERFUNCTION, &on_head);
    handle.set(CURLOPT_HEADERDATA, &reception);
    handle.set(CURLOPT_WRITEFUNCTION, &on_body);
    handle.set(CURLOPT_WRITEDATA, &reception);
    if (auto const outcome = handle.perform(limit); outcome != CURLE_OK)
        throw std::runtime_error(curl_easy_strerror(outcome));
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &reception.fetched.status);
    return std::move(reception.fetched);
}

std::string escaped_for_query(std::string_view text)
{
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    std::string escaped;
    for (auto const letter : text)
        if (plain.find(letter) != std::string_view::npos)
            escaped += letter;
        else
            escaped += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    return escaped;
}

}
