#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/post/smtp_server.hpp"

namespace onboard::server::post {

// What a conversation has come to, in this order; `hello` comes once more after `tls`.
enum class SmtpStep : std::uint8_t {
    silence = 1,
    greeting,
    hello,
    tls,
    sign_in,
    sender,
    recipient,
    data,
    message,  // all of it may be with the server
};

// What the transport says of its line.
enum class SmtpLine : std::uint8_t {
    held = 1,
    untrusted,       // the certificate is not one we believe
    without_tls,     // TLS failed for any other reason
    broken_sending,  // before everything had left
    broken,          // or too slow
};

// What we and a mail server say to each other about a letter, and what became of the letter by it. It sees lines and
// no network. However much the server says, little is kept, and of what is said to sign in, nothing.
class SmtpConversation {
public:
    explicit SmtpConversation(SmtpServer const&);

    // A letter comes. None of `secrets` will be in the words of an exception.
    void begin(bool needs_utf8, std::vector<std::string> secrets);

    // A line of ours has left.
    void say(std::string_view line);

    // The last octet of the message is with the transport.
    void hand_over() noexcept;

    // A line of the server's has come. False if there is no point in going on.
    bool hear(std::string_view line);

    // Returns if the letter was taken. Throws DeliveryRefused, DeliveryUnknown or DeliveryFailure if it was not; the
    // transport's own words are `trouble`.
    void judge(SmtpLine, std::string_view trouble) const;

    // Whether the server was last heard to take addresses beyond ASCII (RFC 6531).
    bool offers_utf8() const noexcept { return offers_.utf8; }

    // Whether the line was kept from an earlier letter, and the server had closed it, as it may while nothing is said.
    bool was_closed(SmtpLine) const noexcept;

    bool leaving() const noexcept { return leaving_; }

private:
    struct Offers {
        bool tls = false;
        bool sign_in = false;
        bool utf8 = false;
    };

    enum class Objection : std::uint8_t { none = 1, no_tls, no_sign_in, no_utf8, no_end };

    void notice_offer(std::string_view line);
    bool will_start_tls() const noexcept;
    Objection objection() const noexcept;
    std::string words() const;
    void throw_objection() const;
    void throw_permanent() const;
    void throw_line(SmtpLine, std::string_view trouble) const;

    std::string server_;  // "mail.example:587"
    SmtpTls tls_;
    bool signs_in_;

    bool needs_utf8_ = false;
    std::vector<std::string> secrets_;

    SmtpStep step_ = SmtpStep::silence;
    int code_ = 0;  // of the reply to what we said last; 0 until it is complete
    std::string reply_;
    std::size_t heard_ = 0;  // octets about this letter
    bool kept_ = false;
    bool encrypted_ = false;
    bool leaving_ = false;
    Offers offers_;
    Objection objection_ = Objection::none;
};

}
