#pragma once

#include <cstdint>
#include <string>

namespace onboard::server::post {

// When a line to a mail server is encrypted.
enum class SmtpTls : std::uint8_t {
    implicit = 1,  // from the first octet
    required,      // by STARTTLS, or no letter leaves
    if_offered,    // by STARTTLS if there is one: for a server on this machine
};

// A mail server that takes letters, and who we are to it.
struct SmtpServer {
    std::string host;  // as in a URL: an IPv6 address in brackets
    std::uint16_t port = 587;
    SmtpTls tls = SmtpTls::required;
    std::string user = {};  // with a password, or both are empty and nobody signs in
    std::string password = {};
};

}
