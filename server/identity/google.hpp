#pragma once

#include <memory>
#include <stop_token>

#include <onboard/jwt.hpp>

#include "server/log.hpp"
#include "server/settings/settings.hpp"

namespace onboard::server {

// Google as the settings have it: its tokens checked here with keys that are fetched, or by its token-info call. None if
// it is off. The log must outlive it; a stop ends what it asks of others.
std::unique_ptr<jwt::IdentityProvider> google_of(Settings const&, Log const&, std::stop_token);

}
