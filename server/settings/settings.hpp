#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include <onboard/phone.hpp>
#include <onboard/ports.hpp>

#include "server/address_range.hpp"
#include "server/log.hpp"
#include "server/post/smtp_server.hpp"

namespace onboard::server {

// What the operator decides. Made by read_settings(), which knows the defaults and the rules; a value that exists has
// passed them.
struct Settings {
    Endpoint listen;
    std::optional<Endpoint> admin_listen = {};

    std::filesystem::path database;  // the SQLite file; empty if database_url is not
    std::string database_url;        // of PostgreSQL, perhaps with a password
    std::filesystem::path secret_file;

    std::string public_url;  // without a slash at its end; empty if it follows from where the server listens
    std::string login_url;   // `{token}` once in it, and perhaps `{public_url}`
    std::string home_url;    // perhaps with `{public_url}`

    std::filesystem::path tls_certificate;  // both or neither of the two
    std::filesystem::path tls_key;
    bool behind_proxy = false;
    std::vector<AddressRange> trusted_proxies;

    std::filesystem::path mail_directory;  // empty if letters go to smtp
    std::optional<post::SmtpServer> smtp = {};
    std::string mail_from;
    std::filesystem::path sms_directory;  // empty if texts go to sms_url
    std::string sms_url;
    std::string sms_token;  // only for sms_url
    std::optional<Region> phone_region = {};
    std::vector<Region> sms_countries;  // empty means none
    bool sms_guard_records_only = false;

    std::chrono::seconds login_link_life{};
    std::chrono::seconds password_link_life{};
    std::chrono::seconds opt_in_life{};
    std::chrono::seconds otp_life{};
    std::chrono::seconds otp_pause{};
    std::chrono::seconds auth_code_life{};
    int otp_digits = 0;
    int otp_tries = 0;
    int otp_per_hour = 0;
    int otp_per_day = 0;
    int password_min_length = 0;
    std::string terms_version;
    std::string privacy_version;
    bool release_deleted = false;

    std::vector<std::string> google_client_ids;
    std::string google_keys_url;
    std::string google_tokeninfo_url;
    std::optional<ChannelName> default_channel = {};

    int sms_per_address_per_hour = 0;
    int sms_per_day = 0;
    int sign_in_per_address_per_minute = 0;
    LogLevel log = LogLevel::info;

    bool tls() const noexcept { return !tls_certificate.empty(); }
};

// What settings are read from, the strongest first. Under all of them lie the defaults.
struct SettingSources {
    std::map<std::string, std::string> flags = {};        // by key: "public_url"
    std::map<std::string, std::string> environment = {};  // all of it; only ONBOARD_... is looked at
    std::optional<std::filesystem::path> config = {};     // a TOML file
};

// "NAME=value" lines, as a process is given them.
std::map<std::string, std::string> environment_from(char const* const* lines);

struct SettingProblem {
    std::string setting;  // as its user wrote it: "--listen", "ONBOARD_LISTEN", "listen (onboard.toml, line 3)"
    std::string rule;     // never with a secret in it
};

using SettingProblems = std::vector<SettingProblem>;

// A setting as an operator may see it.
struct ShownSetting {
    std::string key;
    std::string value = {};   // secrets masked
    std::string origin = {};  // "flag --listen", "variable ONBOARD_LISTEN", "onboard.toml, line 3", "default"
};

struct SettingsReport {
    Settings settings;  // of use only if there are no problems
    std::vector<ShownSetting> shown;
    SettingProblems problems;
};

// All settings, where they come from, and everything that is wrong with them.
SettingsReport report_settings(SettingSources const&);

// The settings, or everything that is wrong with them.
boost::system::result<Settings, SettingProblems> read_settings(SettingSources const&);

// Found by Boost.System when value() is called on problems; throws std::logic_error. For tests.
[[noreturn]] void throw_exception_from_error(SettingProblems const&, boost::source_location const&);

// A key, and how it is called as a flag and as a variable.
struct SettingName {
    std::string key;          // "public_url"
    std::string flag;         // "--public-url"
    std::string variable;     // "ONBOARD_PUBLIC_URL"
    std::string description;  // one line, for --help
};

// Every setting there is, in the order of the documentation.
std::vector<SettingName> const& setting_names();

// The base of every link: as set, or else as the server listens, whose port may have been chosen by the system.
std::string effective_public_url(Settings const&, std::uint16_t bound_port);

// The templates with the public URL filled in. In that of a login link, `{token}` is left.
std::string effective_login_url(Settings const&, std::uint16_t bound_port);
std::string effective_home_url(Settings const&, std::uint16_t bound_port);

// The numbers that the library goes by.
Policy policy_of(Settings const&);

}
