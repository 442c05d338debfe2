#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/settings/settings.hpp"

// How the text of a setting becomes a value, and what is wrong with it otherwise. No rule repeats the text: it may be a
// secret.
namespace onboard::server {

// The rule that was broken, as the end of "SETTING: ...".
using Broken = std::optional<std::string>;

// Puts a text into the settings if it keeps to the rule.
using Rule = std::function<Broken(Settings&, std::string const& text)>;

struct Bounds {
    int least;
    int most;
    std::string_view unit;
};

Rule count(int Settings::*, Bounds);
Rule seconds(std::chrono::seconds Settings::*, int least, int most);
Rule choice(bool Settings::*, std::string_view when_false, std::string_view when_true);
Rule readable_file(std::filesystem::path Settings::*);
Rule private_file(std::filesystem::path Settings::*);
Rule path(std::filesystem::path Settings::*);

// The address of somebody else's server, or nothing: https, or http to this machine.
Rule outgoing_url(std::string Settings::*);

// Visible ASCII without spaces, or nothing.
Rule word(std::string Settings::*);
Rule words(std::vector<std::string> Settings::*);

// 1 to 64 printable characters of ASCII, without a space at either end.
Rule version(std::string Settings::*);

Broken listen_rule(Settings&, std::string const&);
Broken admin_listen_rule(Settings&, std::string const&);
Broken database_rule(Settings&, std::string const&);
Broken public_url_rule(Settings&, std::string const&);
Broken login_url_rule(Settings&, std::string const&);
Broken home_url_rule(Settings&, std::string const&);
Broken trusted_proxies_rule(Settings&, std::string const&);
Broken mail_rule(Settings&, std::string const&);
Broken smtp_rule(Settings&, std::string const&);
Broken mail_from_rule(Settings&, std::string const&);
Broken sms_rule(Settings&, std::string const&);
Broken phone_region_rule(Settings&, std::string const&);
Broken sms_countries_rule(Settings&, std::string const&);
Broken default_channel_rule(Settings&, std::string const&);
Broken log_rule(Settings&, std::string const&);

}
