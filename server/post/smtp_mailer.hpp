#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <onboard/courier.hpp>

#include "server/post/smtp_server.hpp"

namespace onboard::server::post {

// How long a mail server may take.
struct SmtpLimits {
    std::chrono::milliseconds connect{10000};  // to be found, to greet, to take up TLS and to let us in
    std::chrono::milliseconds letter{60000};   // for one letter, connecting included
    std::chrono::seconds silence{30};          // without an octet in either direction
};

// Hands letters to a mail server (RFC 5321, RFC 6409), over a connection that is kept for the next one. For one thread:
// each that delivers has a mailer of its own.
//
// Where there is TLS, it is 1.2 or newer, and the certificate has to be the host's and one that the system trusts.
// SSL_CERT_FILE and SSL_CERT_DIR in the environment replace the system's certificates, as for OpenSSL's own programs.
class SmtpMailer : public Mailer {
public:
    // The clock must outlive this. Throws std::invalid_argument if `from` is not a bare address, and for a user who
    // would have to sign in to another machine in the clear. Once a stop is requested, a letter under way is left
    // within a second or so.
    SmtpMailer(
        SmtpServer const&, std::string from, std::string public_url, Clock const& clock, std::stop_token = {},
        SmtpLimits const& = {});
    ~SmtpMailer() override;

    void send(Letter const&, std::string_view secret) override;

    // Sends a message that is complete, with lines that end in CRLF, to one address. Throws as send() does, and never
    // repeats the address or the secret.
    void hand_over(std::string const& to, std::string_view message, std::string_view secret);

private:
    class Transport;

    std::string from_;
    std::string public_url_;
    Clock const& clock_;
    std::unique_ptr<Transport> transport_;
};

}
