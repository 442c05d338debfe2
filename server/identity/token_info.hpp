#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <onboard/jwt.hpp>

namespace onboard::server {

// Has Google say what a token is worth, by its token-info call, as Sunbird once did. Every sign-up then costs a question
// to somebody else, and works only while they answer; checking the token here is better in every way.
std::unique_ptr<jwt::IdentityProvider>
open_token_info(std::string url, std::vector<std::string> client_ids, Clock&, std::stop_token);

}
