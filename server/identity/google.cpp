#include "server/identity/google.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "server/identity/https_get.hpp"
#include "server/identity/token_info.hpp"

namespace onboard::server {

namespace {

jwt::FetchedKeys fetch_keys(std::string const& url, std::stop_token const& stop)
{
    auto fetched = https_get(url, stop);
    if (fetched.status != 200)
        throw std::runtime_error("status " + std::to_string(fetched.status));
    return {.text = std::move(fetched.body), .life = jwt::http_life(fetched.cache_control, fetched.age)};
}

}

std::unique_ptr<jwt::IdentityProvider> google_of(Settings const& settings, Log const& log, std::stop_token stop)
{
    if (settings.google_client_ids.empty())
        return nullptr;
    if (!settings.google_tokeninfo_url.empty()) {
        log.warn("every sign-up with Google asks its token-info call: see the setting google_tokeninfo_url");
        return open_token_info(
            settings.google_tokeninfo_url, settings.google_client_ids, system_clock(), std::move(stop));
    }
    auto const fetch = [url = settings.google_keys_url, stop = std::move(stop)] { return fetch_keys(url, stop); };
    auto const complain = [&log](std::string_view why) {
        log.warn("the keys of Google could not be fetched", {{"reason", why}});
    };
    return jwt::open_provider(jwt::google(settings.google_client_ids), fetch, system_clock(), complain);
}

}
