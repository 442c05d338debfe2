#pragma once

#include <boost/json/object.hpp>

#include <onboard/jwt.hpp>

namespace onboard::jwt {

struct Claims::Content {
    std::string issuer = {};
    std::string subject = {};
    std::vector<std::string> audiences = {};
    std::optional<std::string> authorized_party = {};
    std::optional<std::string> id = {};
    Instant expires_at = {};
    std::optional<Instant> issued_at = {};
    std::optional<Instant> not_before = {};

    Instant refused_from = {};
    Fingerprint fingerprint = {};
    boost::json::object all = {};
};

}
