#include "server/post/smtp_mailer.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <sys/socket.h>

#include <curl/curl.h>
#include <fmt/format.h>

#include "server/address_range.hpp"
#include "server/post/letter_message.hpp"
#include "server/post/mime.hpp"
#include "server/post/smtp_conversation.hpp"

namespace onboard::server::post {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long a server may take to say goodbye.
constexpr milliseconds goodbye{1000};

// Most servers close a connection that has been idle for some minutes.
constexpr long idle_seconds = 60;

// Once for the process, and never undone: others in it may use libcurl, too.
void start_curl()
{
    static auto const outcome = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (outcome != CURLE_OK)
        throw std::runtime_error(fmt::format("libcurl: {}", curl_easy_strerror(outcome)));
}

struct Cleanup {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
    void operator()(char* text) const noexcept { curl_free(text); }
};

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

char const* variable(char const* name)
{
    auto const* const value = std::getenv(name);
    return value && *value ? value : nullptr;
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
    template <class Value>
    void set(CURLoption, Value);
    void set_limits();
    void set_tls(SmtpTls);
    void set_callbacks();
    CURLcode perform(std::string const& to, std::string_view message, std::string_view secret, bool fresh);
    std::string trouble(CURLcode) const;

    std::size_t take(char* room, std::size_t size);
    static std::size_t on_reading(char* room, std::size_t size, std::size_t count, void* self);
    static std::size_t on_line(char* line, std::size_t size, std::size_t count, void* self);
    static std::size_t on_text(char*, std::size_t size, std::size_t count, void*) { return size * count; }
    static int on_debug(CURL*, curl_infotype, char* text, std::size_t size, void* self);
    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

    std::stop_token stop_;
    SmtpLimits limits_;
    std::string from_;
    SmtpConversation conversation_;
    std::array<char, CURL_ERROR_SIZE> error_{};
    std::string_view unsent_;
    steady_clock::time_point deadline_;
    std::unique_ptr<CURL, Cleanup> handle_;
};

SmtpMailer::Transport::Transport(
    SmtpServer const& server, std::string const& from, std::stop_token stop, SmtpLimits const& limits)
    : stop_(std::move(stop)), limits_(limits), from_(from), conversation_(server)
{
    start_curl();
    handle_.reset(curl_easy_init());
    if (!handle_)
        throw std::runtime_error("libcurl: cannot make a handle");

    // The path is the name we greet with. Our own host's name is nobody's business.
    std::unique_ptr<char, Cleanup> const name(curl_easy_escape(handle_.get(), from.c_str() + from.find('@') + 1, 0));
    auto const url = fmt::format(
        "{}://{}:{}/{}", server.tls == SmtpTls::implicit ? "smtps" : "smtp", server.host, server.port,
        name ? name.get() : "localhost");
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_MAIL_FROM, from_.c_str());
    set(CURLOPT_MAXCONNECTS, 1L);
    if (!server.user.empty()) {
        set(CURLOPT_USERNAME, server.user.c_str());
        set(CURLOPT_PASSWORD, server.password.c_str());
        set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
    }
    set_tls(server.tls);
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

template <class Value>
void SmtpMailer::Transport::set(CURLoption option, Value value)
{
    if (auto const outcome = curl_easy_setopt(handle_.get(), option, value); outcome != CURLE_OK)
        throw std::runtime_error(fmt::format("libcurl: {}", curl_easy_strerror(outcome)));
}

void SmtpMailer::Transport::set_limits()
{
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.letter.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.silence.count()));
    set(CURLOPT_MAXAGE_CONN, idle_seconds);
}

void SmtpMailer::Transport::set_tls(SmtpTls tls)
{
    set(CURLOPT_USE_SSL, static_cast<long>(tls == SmtpTls::if_offered ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (auto const* const file = variable("SSL_CERT_FILE"))
        set(CURLOPT_CAINFO, file);
    if (auto const* const directory = variable("SSL_CERT_DIR"))
        set(CURLOPT_CAPATH, directory);
}

void SmtpMailer::Transport::set_callbacks()
{
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_READFUNCTION, &Transport::on_reading);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Transport::on_line);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transport::on_text);
    set(CURLOPT_XFERINFOFUNCTION, &Transport::on_progress);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_DEBUGFUNCTION, &Transport::on_debug);
    set(CURLOPT_DEBUGDATA, this);
    set(CURLOPT_VERBOSE, 1L);  // else there is no debugging function
}

void SmtpMailer::Transport::carry(std::string const& to, std::string_view message, std::string_view secret)
{
    // Whether an address beyond ASCII can be sent is settled when a connection begins.
    auto const fresh = (!is_ascii(to) || !is_ascii(from_)) && !conversation_.offers_utf8();
    auto outcome = perform(to, message, secret, fresh);
    if (outcome != CURLE_OPERATION_TIMEDOUT && conversation_.was_closed(line_after(outcome)))
        outcome = perform(to, message, secret, true);
    conversation_.judge(line_after(outcome), trouble(outcome));
}

CURLcode
SmtpMailer::Transport::perform(std::string const& to, std::string_view message, std::string_view secret, bool fresh)
{
    std::unique_ptr<curl_slist, Cleanup> const recipient(curl_slist_append(nullptr, to.c_str()));
    if (!recipient)
        throw std::bad_alloc();
    set(CURLOPT_MAIL_RCPT, recipient.get());
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
    set(CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);

    conversation_.begin(!is_ascii(to) || !is_ascii(from_), {to, std::string(secret)});
    unsent_ = message;
    error_.front() = '\0';
    deadline_ = steady_clock::now() + limits_.letter;
    auto const outcome = curl_easy_perform(handle_.get());
    set(CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
    return outcome;
}

std::string SmtpMailer::Transport::trouble(CURLcode outcome) const
{
    return error_.front() == '\0' ? curl_easy_strerror(outcome) : error_.data();
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
        transport.deadline_ = std::min(transport.deadline_, steady_clock::now() + goodbye);
    return 0;
}

// Asked once a second at least. libcurl's own limits do not hold while it waits for the answer to QUIT.
int SmtpMailer::Transport::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    auto const& transport = *static_cast<Transport*>(self);
    return transport.stop_.stop_requested() || steady_clock::now() >= transport.deadline_ ? 1 : 0;
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
    hand_over(letter.to.str(), message_of(letter, secret, from_, public_url_, clock_.now()), secret);
}

void SmtpMailer::hand_over(std::string const& to, std::string_view message, std::string_view secret)
{
    require_address(to);
    transport_->carry(to, message, secret);
}

}
