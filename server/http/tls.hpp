#pragma once

#include <filesystem>
#include <memory>

#include <boost/asio/ssl/context.hpp>

namespace onboard::server {

// A server's side of TLS 1.2 and 1.3 with the suites and groups of Mozilla's "intermediate" profile, version 5.7,
// without session tickets and renegotiation. Throws std::runtime_error, naming the file and the rule, for a certificate
// or key that does not load, a key that others may read, or a pair that does not belong together.
std::shared_ptr<boost::asio::ssl::context>
load_tls(std::filesystem::path const& certificate, std::filesystem::path const& key);

}
