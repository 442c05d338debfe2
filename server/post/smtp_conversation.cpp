#include "server/post/smtp_conversation.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <onboard/error.hpp>

#include "server/text.hpp"

namespace onboard::server::post {

namespace {

constexpr std::size_t longest_reply = 2000;
constexpr std::size_t longest_words = 300;
constexpr std::size_t most_heard = std::size_t{256} << 10;

bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

bool begins_with(std::string_view line, std::string_view word)
{
    return line.size() >= word.size() && equal_but_case(line.substr(0, word.size()), word);
}

// The reply's code, if this line is its last.
std::optional<int> final_code(std::string_view line)
{
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit))
        return std::nullopt;
    if (line.size() > 3 && line[3] != ' ' && line[3] != '\r' && line[3] != '\n')
        return std::nullopt;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

// Only of a line that begins with a code.
std::string_view behind_code(std::string_view line)
{
    return without_blanks(line.substr(std::min<std::size_t>(4, line.size())));
}

std::optional<SmtpStep> step_of(std::string_view line)
{
    static constexpr std::array<std::pair<std::string_view, SmtpStep>, 7> verbs{{
        {"EHLO ", SmtpStep::hello},
        {"HELO ", SmtpStep::hello},
        {"STARTTLS\r\n", SmtpStep::tls},
        {"AUTH ", SmtpStep::sign_in},
        {"MAIL FROM:", SmtpStep::sender},
        {"RCPT TO:", SmtpStep::recipient},
        {"DATA\r\n", SmtpStep::data},
    }};
    for (auto const& [verb, step] : verbs)
        if (line.starts_with(verb))
            return step;
    return std::nullopt;
}

std::string_view place_of(SmtpStep step)
{
    switch (step) {
    case SmtpStep::silence: return "before the greeting";
    case SmtpStep::greeting: return "at the greeting";
    case SmtpStep::hello: return "at EHLO";
    case SmtpStep::tls: return "at STARTTLS";
    case SmtpStep::sign_in: return "at AUTH";
    case SmtpStep::sender: return "at MAIL";
    case SmtpStep::recipient: return "at RCPT";
    case SmtpStep::data: return "at DATA";
    case SmtpStep::message: return "at the end of the message";
    }
    return "somewhere";
}

// What a server says of us and not of the letter, whichever line it answers: sign in first, and encrypt (RFC 4954, 6).
bool is_about_us(int code)
{
    return code == 530 || code == 534 || code == 535 || code == 538;
}

// Every place where the part stands in whatever case: a server may write an address in its own way.
void replace_all(std::string& text, std::string_view part, std::string_view by)
{
    auto const same_but_case = [](char a, char b) { return lower(a) == lower(b); };
    for (std::size_t at = 0;; at += by.size()) {
        auto const from = text.begin() + static_cast<std::ptrdiff_t>(at);
        auto const found = std::search(from, text.end(), part.begin(), part.end(), same_but_case);
        if (found == text.end())
            return;
        at = static_cast<std::size_t>(found - text.begin());
        text.replace(at, part.size(), by);
    }
}

// Any text as it may be logged and stored: one line of ASCII.
std::string plain(std::string_view text)
{
    std::string line;
    for (auto const character : text)
        line += character >= 0x20 && character < 0x7f ? character : '?';
    return line;
}

}

SmtpConversation::SmtpConversation(SmtpServer const& server)
    : server_(fmt::format("{}:{}", server.host, server.port)), tls_(server.tls), signs_in_(!server.user.empty())
{
}

void SmtpConversation::begin(bool needs_utf8, std::vector<std::string> secrets)
{
    needs_utf8_ = needs_utf8;
    secrets_ = std::move(secrets);
    step_ = SmtpStep::silence;
    code_ = 0;
    reply_.clear();
    heard_ = 0;
    kept_ = false;
    encrypted_ = tls_ == SmtpTls::implicit;
    leaving_ = false;
    objection_ = Objection::none;
}

void SmtpConversation::say(std::string_view line)
{
    if (line.starts_with("QUIT\r\n"))
        leaving_ = true;
    if (leaving_)
        return;

    code_ = 0;
    reply_.clear();
    auto const step = step_of(line);
    auto const hello_again = step == SmtpStep::hello && step_ == SmtpStep::tls;
    if (!step || (*step < step_ && !hello_again))
        return;  // what a sign-in goes on with looks like anything
    if (step == SmtpStep::hello)
        offers_ = {};
    encrypted_ = encrypted_ || hello_again;
    kept_ = kept_ || (step_ == SmtpStep::silence && step == SmtpStep::sender);
    step_ = *step;
}

void SmtpConversation::hand_over() noexcept
{
    step_ = SmtpStep::message;
    code_ = 0;
    reply_.clear();
}

bool SmtpConversation::hear(std::string_view line)
{
    if (leaving_)
        return true;
    if (step_ == SmtpStep::silence)
        step_ = SmtpStep::greeting;

    heard_ += line.size();
    if (heard_ > most_heard) {
        objection_ = Objection::no_end;
        return false;
    }
    // A server may repeat a name or a password that it does not like.
    if (step_ != SmtpStep::sign_in && reply_.size() + line.size() <= longest_reply)
        reply_ += fmt::format(" {}", behind_code(line));
    if (step_ == SmtpStep::hello)
        notice_offer(behind_code(line));

    auto const code = final_code(line);
    if (!code)
        return true;
    code_ = *code;
    objection_ = objection();
    return objection_ == Objection::none;
}

void SmtpConversation::notice_offer(std::string_view line)
{
    while (line.ends_with('\r') || line.ends_with('\n'))
        line.remove_suffix(1);
    auto const padded = fmt::format("{} ", line);
    if (begins_with(padded, "STARTTLS "))
        offers_.tls = true;
    if (begins_with(padded, "SMTPUTF8 "))
        offers_.utf8 = true;
    if (begins_with(padded, "AUTH "))
        offers_.sign_in = padded.find(" PLAIN ") != std::string::npos || padded.find(" LOGIN ") != std::string::npos;
}

bool SmtpConversation::will_start_tls() const noexcept
{
    return !encrypted_ && offers_.tls && step_ == SmtpStep::hello;
}

// What a server lacks is known when it has answered the last EHLO. Later would be too late: without AUTH the transport
// goes on as nobody, and without SMTPUTF8 it sends an address that the server cannot read.
SmtpConversation::Objection SmtpConversation::objection() const noexcept
{
    auto const greeted = step_ == SmtpStep::hello && code_ / 100 == 2;
    auto const tls_declined = step_ == SmtpStep::tls && code_ != 220 && tls_ == SmtpTls::if_offered;
    if ((!greeted && !tls_declined) || will_start_tls())
        return Objection::none;
    if (!encrypted_ && tls_ == SmtpTls::required)
        return Objection::no_tls;
    if (signs_in_ && !offers_.sign_in)
        return Objection::no_sign_in;
    if (needs_utf8_ && !offers_.utf8)
        return Objection::no_utf8;
    return Objection::none;
}

bool SmtpConversation::was_closed(SmtpLine line) const noexcept
{
    if (step_ == SmtpStep::silence)
        return line == SmtpLine::broken_sending;
    return kept_ && step_ == SmtpStep::sender && (heard_ == 0 || code_ == 421);
}

// Nothing that must not be in a log, whatever the server repeats.
std::string SmtpConversation::words() const
{
    auto text = reply_;
    std::erase_if(text, [](unsigned char character) { return character < 0x20 || character == 0x7f; });
    for (auto const& secret : secrets_)
        if (!secret.empty())
            replace_all(text, secret, "***");
    return plain(text.substr(0, longest_words));
}

void SmtpConversation::judge(SmtpLine line, std::string_view trouble) const
{
    throw_objection();
    if (step_ == SmtpStep::message && code_ / 100 == 2)
        return;
    if (code_ / 100 == 4)
        throw DeliveryFailure(
            fmt::format("{} puts the letter off {}: {}{}", server_, place_of(step_), code_, words()));
    if (code_ / 100 == 5)
        throw_permanent();
    if (step_ == SmtpStep::message && line != SmtpLine::broken_sending)
        throw DeliveryUnknown(
            fmt::format("{} was given the letter and did not say whether it took it: {}", server_, plain(trouble)));
    throw_line(line, trouble);
}

void SmtpConversation::throw_objection() const
{
    switch (objection_) {
    case Objection::none: return;
    case Objection::no_tls:
        throw DeliveryFailure(fmt::format(
            "{} offers no STARTTLS, and nothing is sent in the clear: see the port in the setting mail, and who "
            "stands "
            "in between",
            server_));
    case Objection::no_sign_in:
        throw DeliveryFailure(fmt::format(
            "{} offers no sign-in by AUTH PLAIN or LOGIN: see the user and the port in the setting mail", server_));
    case Objection::no_utf8:
        throw DeliveryRefused(
            fmt::format("{} does not take addresses beyond ASCII (SMTPUTF8), and nothing was sent", server_));
    case Objection::no_end: throw DeliveryFailure(fmt::format("{} talks without end", server_));
    }
}

void SmtpConversation::throw_permanent() const
{
    if (step_ == SmtpStep::sign_in || is_about_us(code_))
        throw DeliveryFailure(fmt::format(
            "{} does not let us sign in ({} {}): see user and password in the setting mail", server_, code_,
            place_of(step_)));
    if (step_ < SmtpStep::sender)
        throw DeliveryFailure(fmt::format(
            "{} does not talk to us {}: {}{}: see host and port in the setting mail", server_, place_of(step_), code_,
            words()));
    throw DeliveryRefused(fmt::format("{} refuses the letter {}: {}{}", server_, place_of(step_), code_, words()));
}

void SmtpConversation::throw_line(SmtpLine line, std::string_view trouble) const
{
    if (line == SmtpLine::untrusted)
        throw DeliveryFailure(fmt::format(
            "the certificate of {} is not to be trusted: {}: see the host in the setting mail, and SSL_CERT_FILE",
            server_, plain(trouble)));
    if (line == SmtpLine::without_tls)
        throw DeliveryFailure(
            fmt::format("no TLS with {}: {}: see the port in the setting mail", server_, plain(trouble)));
    if (step_ == SmtpStep::silence)
        throw DeliveryFailure(fmt::format("cannot reach {}: {}", server_, plain(trouble)));
    throw DeliveryFailure(fmt::format("the line to {} broke {}: {}", server_, place_of(step_), plain(trouble)));
}

}
