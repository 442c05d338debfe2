#include "server/http/tls.hpp"

#include <stdexcept>
#include <string_view>

#include <openssl/ssl.h>

namespace onboard::server {

namespace asio = boost::asio;

namespace {

constexpr char const* tls12_suites = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                     "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                     "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char const* groups = "X25519:P-256:P-384";

// The one protocol we speak; a client that offers others only is told so.
int choose_protocol(
    SSL*, unsigned char const** chosen, unsigned char* chosen_size, unsigned char const* offered,
    unsigned int offered_size, void*)
{
    constexpr std::string_view http = "http/1.1";
    for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
        std::string_view const protocol(reinterpret_cast<char const*>(offered + at + 1), offered[at]);
        if (at + 1U + offered[at] <= offered_size && protocol == http) {
            *chosen = offered + at + 1;
            *chosen_size = offered[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void require(bool truth, char const* what)
{
    if (!truth)
        throw std::runtime_error(std::string("TLS: ") + what);
}

}

std::shared_ptr<asio::ssl::context>
load_tls(std::filesystem::path const& certificate, std::filesystem::path const& key)
{
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    auto* const handle = context->native_handle();
    require(SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION) == 1, "version 1.2 is not available");
    require(SSL_CTX_set_cipher_list(handle, tls12_suites) == 1, "the cipher suites are not available");
    require(SSL_CTX_set1_groups_list(handle, groups) == 1, "the groups are not available");
    SSL_CTX_set_options(
        handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_num_tickets(handle, 0);
    SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(handle, choose_protocol, nullptr);

    auto const permissions = std::filesystem::status(key).permissions();
    if ((permissions & (std::filesystem::perms::others_all)) != std::filesystem::perms::none)
        throw std::runtime_error("TLS key " + key.string() + ": must not be open to others");
    boost::system::error_code error;
    context->use_certificate_chain_file(certificate.string(), error);
    if (error)
        throw std::runtime_error("TLS certificate " + certificate.string() + ": " + error.message());
    context->use_private_key_file(key.string(), asio::ssl::context::pem, error);
    if (error)
        throw std::runtime_error("TLS key " + key.string() + ": " + error.message());
    if (SSL_CTX_check_private_key(handle) != 1)
        throw std::runtime_error(
            "TLS key " + key.string() + ": does not belong to the certificate " + certificate.string());
    return context;
}

}
