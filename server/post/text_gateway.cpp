#include "server/post/text_gateway.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "server/address_range.hpp"
#include "server/curl_handle.hpp"
#include "server/post/text_message.hpp"
#include "server/settings/urls.hpp"

namespace onboard::server::post {

namespace {

// Nobody reads what a gateway says beside its status.
constexpr std::size_t longest_answer = 65536;

constexpr std::string_view too_late = "does not answer in time";

// The URL without its path and query: either may be a secret.
std::string origin_of(std::string const& url)
{
    auto const parsed = WebUrl::parse(url);
    if (!parsed || parsed->has_user || parsed->has_fragment || (!parsed->https && !is_loopback(parsed->host)))
        throw std::invalid_argument("a gateway is reached by https, or by http on this machine");
    return parsed->origin();
}

// libcurl writes what it is given: a token with a line end in it would be two fields.
void check_token(std::string_view token)
{
    if (!std::ranges::all_of(token, [](char character) { return character > ' ' && character <= '~'; }))
        throw std::invalid_argument("a token is visible ASCII");
}

void append(CurlList& list, std::string const& line)
{
    auto* const longer = curl_slist_append(list.get(), line.c_str());
    if (!longer)
        throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
}

// RFC 9110, 15.5.9 and 15.6; RFC 8470, 5.2; RFC 6585, 4.
bool is_temporary(long status)
{
    return status == 408 || status == 425 || status == 429 || (status >= 500 && status < 600);
}

std::string_view advice_on(long status)
{
    if (status == 401 || status == 403)
        return ": see the setting sms_token";
    if (status / 100 == 3)
        return ", and no redirect is followed: see the setting sms";
    if (status == 404 || status == 405)
        return ": see the setting sms";
    return "";
}

}

class TextGateway::Transport {
public:
    Transport(TextGatewayAddress const&, std::stop_token, TextGatewayLimits const&);

    void carry(std::string const& id, std::string const& document);

private:
    CURLcode perform(std::string const& id, std::string const& document);
    long status() const;
    [[noreturn]] void throw_line(CURLcode) const;
    static std::size_t on_octets(char*, std::size_t size, std::size_t count, void* self);

    TextGatewayLimits limits_;
    std::string gateway_;  // "https://sms.example"
    std::string token_;
    std::size_t heard_ = 0;  // octets of an answer
    CurlHandle handle_;
};

TextGateway::Transport::Transport(
    TextGatewayAddress const& address, std::stop_token stop, TextGatewayLimits const& limits)
    : limits_(limits), gateway_(origin_of(address.url)), token_(address.token), handle_(std::move(stop))
{
    check_token(token_);
    handle_.set(CURLOPT_URL, address.url.c_str());
    handle_.set(CURLOPT_PROTOCOLS_STR, "https,http");
    handle_.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    handle_.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect.count()));
    handle_.set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.message.count()));
    handle_.set(CURLOPT_HEADERFUNCTION, &Transport::on_octets);
    handle_.set(CURLOPT_HEADERDATA, this);
    handle_.set(CURLOPT_WRITEFUNCTION, &Transport::on_octets);
    handle_.set(CURLOPT_WRITEDATA, this);
}

// A status decides, whatever becomes of the line behind it.
void TextGateway::Transport::carry(std::string const& id, std::string const& document)
{
    auto const outcome = perform(id, document);
    auto const said = status();
    if (said < 200)
        throw_line(outcome);
    if (said < 300)
        return;
    if (is_temporary(said))
        throw DeliveryFailure(fmt::format("{} puts the message off: status {}", gateway_, said));
    throw DeliveryRefused(fmt::format("{} refuses the message: status {}{}", gateway_, said, advice_on(said)));
}

CURLcode TextGateway::Transport::perform(std::string const& id, std::string const& document)
{
    CurlList fields;
    append(fields, "Content-Type: application/json");
    append(fields, fmt::format("Idempotency-Key: {}", id));
    if (!token_.empty())
        append(fields, fmt::format("Authorization: Bearer {}", token_));
    handle_.set(CURLOPT_HTTPHEADER, fields.get());
    handle_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(document.size()));
    handle_.set(CURLOPT_POSTFIELDS, document.c_str());

    heard_ = 0;
    auto const outcome = handle_.perform(limits_.message);
    handle_.set(CURLOPT_POSTFIELDS, static_cast<char*>(nullptr));
    handle_.set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
    return outcome;
}

// 0 until there is one; 1xx is not the last word.
long TextGateway::Transport::status() const
{
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
}

// In libcurl's words for the outcome alone: those for the very case may have the gateway's in them.
void TextGateway::Transport::throw_line(CURLcode outcome) const
{
    auto const* const words = curl_easy_strerror(outcome);
    switch (outcome) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: throw DeliveryFailure(fmt::format("cannot reach {}: {}", gateway_, words));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        throw DeliveryFailure(fmt::format(
            "the certificate of {} is not to be trusted: see the host in the setting sms, and SSL_CERT_FILE",
            gateway_));
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER: throw DeliveryFailure(fmt::format("no TLS with {}: {}", gateway_, words));
    case CURLE_OPERATION_TIMEDOUT: throw DeliveryFailure(fmt::format("{} {}", gateway_, too_late));
    case CURLE_ABORTED_BY_CALLBACK:
        throw DeliveryFailure(fmt::format("{} {}", gateway_, handle_.stop_requested() ? "was left" : too_late));
    default: throw DeliveryFailure(fmt::format("the line to {} broke: {}", gateway_, words));
    }
}

// What is not taken in full ends the transfer.
std::size_t TextGateway::Transport::on_octets(char*, std::size_t size, std::size_t count, void* self)
{
    auto& heard = static_cast<Transport*>(self)->heard_;
    heard += size * count;
    return heard <= longest_answer ? size * count : 0;
}

TextGateway::TextGateway(
    TextGatewayAddress const& address, std::string host, std::stop_token stop, TextGatewayLimits const& limits)
    : host_(std::move(host)), transport_(std::make_unique<Transport>(address, std::move(stop), limits))
{
    if (!is_text_host(host_))
        throw std::invalid_argument("not a host that a text message has room for");
}

TextGateway::~TextGateway() = default;

void TextGateway::send(Letter const& letter, std::string_view code)
{
    transport_->carry(letter.id, text_document(letter, code, host_));
}

}
