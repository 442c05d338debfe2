#include "server/post/smtp_mailer.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <sys/socket.h>

#include <fmt/format.h>

#include "server/address_range.hpp"
#include "server/curl_handle.hpp"
#include "server/post/letter_message.hpp"
#include "server/post/mime.hpp"
#include "server/post/smtp_conversation.hpp"

namespace onboard::server::post {

namespace {

// How long a server may take to say goodbye.
constexpr std::chrono::milliseconds goodbye{1000};

bool is_ascii(std::string_view text)
{
    return std::ranges::all_of(text, [](unsigned char character) { return character < 0x80; });
}

// libcurl writes what it is given: a recipient with a line end in it would be two lines to the server.
void require_address(std::string_view to)
try {
    check_address(to);
    if (auto const address = EmailAddress::parse(to); !address || address->str() != to)
        throw std::invalid_argument("not the address of a person");
} catch (std::invalid_argument const& error) {
    throw DeliveryRefused(fmt::format("cannot write to the recipient: {}", error.what()));
}

SmtpLine line_after(CURLcode outcome)
{
    switch (outcome) {
    case CURLE_OK: return SmtpLine::held;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return SmtpLine::untrusted;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED: return SmtpLine::without_tls;
    case CURLE_SEND_ERROR: return SmtpLine::broken_sending;
    default: return SmtpLine::broken;
    }
}

}

class SmtpMailer::Transport {
public:
    Transport(SmtpServer const& server, std::string const& from, std::stop_token, SmtpLimits const&);
    ~Transport();
    Transport(Transport const&) = delete;
    Transport& operator=(Transport const&) = delete;

    void carry(std::string const& to, std::string_view message, std::string_view secret);

private:
    void set_limits();
    void set_callbacks();
    CURLcode perform(std::string const& to, std::string_view message, std::string_view secret, bool fresh);

    std::size_t take(char* room, std::size_t size);
    static std::size_t on_reading(char* room, std::size_t size, std::size_t count, void* self);
    static std::size_t on_line(char* line, std::size_t size, std::size_t count, void* self);
    static std::size_t on_text(char*, std::size_t size, std::size_t count, void*) { return size * count; }
    static int on_debug(CURL*, curl_infotype, char* text, std::size_t size, void* self);

    SmtpLimits limits_;
    std::string from_;
    SmtpConversation conversation_;
    std::string_view unsent_;
    CurlHandle handle_;
};

SmtpMailer::Transport::Transport(
    SmtpServer const& server, std::string const& from, std::stop_token stop, SmtpLimits const& limits)
    : limits_(limits), from_(from), conversation_(server), handle_(std::move(stop))
{
    // The path is the name we greet with. Our own host's name is nobody's business.
    CurlText const name(curl_easy_escape(handle_.get(), from.c_str() + from.find('@') + 1, 0));
    auto const url = fmt::format(
        "{}://{}:{}/{}", server.tls == SmtpTls::implicit ? "smtps" : "smtp", server.host, server.port,
        name ? name.get() : "localhost");
    handle_.set(CURLOPT_URL, url.c_str());
    handle_.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    handle_.set(CURLOPT_UPLOAD, 1L);
    handle_.set(CURLOPT_MAIL_FROM, from_.c_str());
    if (!server.user.empty()) {
        handle_.set(CURLOPT_USERNAME, server.user.c_str());
        handle_.set(CURLOPT_PASSWORD, server.password.c_str());
        handle_.set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
    }
    handle_.set(
        CURLOPT_USE_SSL, static_cast<long>(server.tls == SmtpTls::if_offered ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    set_limits();
    set_callbacks();
}

// The goodbye leaves, and nobody waits for its answer.
SmtpMailer::Transport::~Transport()
{
    curl_socket_t line = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &line) == CURLE_OK && line != CURL_SOCKET_BAD)
        ::shutdown(line, SHUT_RD);
}

void SmtpMailer::Transport::set_limits()
{
    handle_.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect.count()));
    handle_.set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.letter.count()));
    handle_.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    handle_.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.silence.count()));
}

void SmtpMailer::Transport::set_callbacks()
{
    handle_.set(CURLOPT_READFUNCTION, &Transport::on_reading);
    handle_.set(CURLOPT_READDATA, this);
    handle_.set(CURLOPT_HEADERFUNCTION, &Transport::on_line);
    handle_.set(CURLOPT_HEADERDATA, this);
    handle_.set(CURLOPT_WRITEFUNCTION, &Transport::on_text);
    handle_.set(CURLOPT_DEBUGFUNCTION, &Transport::on_debug);
    handle_.set(CURLOPT_DEBUGDATA, this);
    handle_.set(CURLOPT_VERBOSE, 1L);  // else there is no debugging function
}

void SmtpMailer::Transport::carry(std::string const& to, std::string_view message, std::string_view secret)
{
    // Whether an address beyond ASCII can be sent is settled when a connection begins.
    auto const fresh = (!is_ascii(to) || !is_ascii(from_)) && !conversation_.offers_utf8();
    auto outcome = perform(to, message, secret, fresh);
    if (outcome != CURLE_OPERATION_TIMEDOUT && conversation_.was_closed(line_after(outcome)))
        outcome = perform(to, message, secret, true);
    conversation_.judge(line_after(outcome), handle_.trouble(outcome));
}

CURLcode
SmtpMailer::Transport::perform(std::string const& to, std::string_view message, std::string_view secret, bool fresh)
{
    CurlList const recipient(curl_slist_append(nullptr, to.c_str()));
    if (!recipient)
        throw std::bad_alloc();
    handle_.set(CURLOPT_MAIL_RCPT, recipient.get());
    handle_.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
    handle_.set(CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);

    conversation_.begin(!is_ascii(to) || !is_ascii(from_), {to, std::string(secret)});
    unsent_ = message;
    auto const outcome = handle_.perform(limits_.letter);
    handle_.set(CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
    return outcome;
}

std::size_t SmtpMailer::Transport::take(char* room, std::size_t size)
{
    auto const taken = std::min(size, unsent_.size());
    std::memcpy(room, unsent_.data(), taken);
    unsent_.remove_prefix(taken);
    if (unsent_.empty())
        conversation_.hand_over();
    return taken;
}

std::size_t SmtpMailer::Transport::on_reading(char* room, std::size_t size, std::size_t count, void* self)
{
    return static_cast<Transport*>(self)->take(room, size * count);
}

// What is not taken in full ends the transfer. Nothing may be thrown through C.
std::size_t SmtpMailer::Transport::on_line(char* line, std::size_t size, std::size_t count, void* self)
try {
    return static_cast<Transport*>(self)->conversation_.hear({line, size * count}) ? size * count : 0;
} catch (std::exception const&) {
    return 0;
}

// Only of commands, and these not kept: among them are the user and the password.
int SmtpMailer::Transport::on_debug(CURL*, curl_infotype type, char* text, std::size_t size, void* self)
{
    if (type != CURLINFO_HEADER_OUT)
        return 0;
    auto& transport = *static_cast<Transport*>(self);
    transport.conversation_.say({text, size});
    if (transport.conversation_.leaving())
        transport.handle_.end_within(goodbye);
    return 0;
}

SmtpMailer::SmtpMailer(
    SmtpServer const& server, std::string from, std::string public_url, Clock const& clock, std::stop_token stop,
    SmtpLimits const& limits)
    : from_(std::move(from)), public_url_(std::move(public_url)), clock_(clock)
{
    check_address(from_);
    if (!server.user.empty() && server.tls == SmtpTls::if_offered && !is_loopback(server.host))
        throw std::invalid_argument("a user signs in to another machine only over TLS");
    transport_ = std::make_unique<Transport>(server, from_, std::move(stop), limits);
}

SmtpMailer::~SmtpMailer() = default;

void SmtpMailer::send(Letter const& letter, std::string_view secret)
{
    hand_over(
        std::get<EmailAddress>(letter.to).str(), message_of(letter, secret, from_, public_url_, clock_.now()),
        secret);
}

void SmtpMailer::hand_over(std::string const& to, std::string_view message, std::string_view secret)
{
    require_address(to);
    transport_->carry(to, message, secret);
}

}
