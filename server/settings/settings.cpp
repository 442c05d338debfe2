#include "server/settings/settings.hpp"

#include <algorithm>
#include <set>

#include <boost/throw_exception.hpp>
#include <fmt/format.h>

#include "server/settings/sources.hpp"
#include "server/settings/table.hpp"
#include "server/settings/urls.hpp"

namespace onboard::server {
namespace {

// Everything read so far: what each setting was given as, and which of them were refused.
struct Reading {
    SettingsReport report;
    std::map<std::string_view, GivenSetting> given;
    std::set<std::string_view> broken;

    bool sound(std::initializer_list<std::string_view> keys) const
    {
        return std::ranges::none_of(keys, [&](std::string_view key) { return broken.contains(key); });
    }

    // As its user wrote it; a setting that was left out goes by its variable.
    std::string name(std::string_view key) const
    {
        auto const found = given.find(key);
        return found == given.end() ? variable_of(key) : found->second.name;
    }

    void refuse(std::string_view key, std::string rule)
    {
        report.problems.push_back({name(key), std::move(rule)});
        broken.insert(key);
    }
};

Broken check(SettingRow const& row, Settings& settings, std::string const& text)
{
    auto const control = [](unsigned char character) { return character < ' ' || character == 0x7F; };
    if (std::ranges::any_of(text, control))
        return "must not contain control characters";
    return row.rule(settings, text);
}

void take(SettingRow const& row, Reading& reading)
{
    auto const given = reading.given.find(row.key);
    if (given == reading.given.end()) {
        row.rule(reading.report.settings, std::string(row.fallback));
    } else if (given->second.trouble) {
        reading.refuse(row.key, *given->second.trouble);
    } else if (auto broken = check(row, reading.report.settings, given->second.text)) {
        reading.refuse(row.key, std::move(*broken));
    }
}

// Defaults that follow from other settings. A list of countries that was given as empty stays empty.
void derive(Reading& reading)
{
    auto& settings = reading.report.settings;
    if (settings.secret_file.empty())
        settings.secret_file = settings.database.parent_path() / "onboard.key";
    if (!reading.given.contains("sms_countries") && settings.phone_region)
        settings.sms_countries = {*settings.phone_region};
}

void check_listener(Reading& reading, std::string_view key, Endpoint const& endpoint)
{
    auto const& settings = reading.report.settings;
    if (endpoint.loopback || settings.tls() || settings.behind_proxy)
        return;
    reading.refuse(
        key, fmt::format(
                 "must be a loopback address, unless {} and {} are given or {} is yes: plain HTTP could be read",
                 reading.name("tls_certificate"), reading.name("tls_key"), reading.name("behind_proxy")));
}

void check_transport(Reading& reading)
{
    auto const& settings = reading.report.settings;
    if (!reading.sound({"tls_certificate", "tls_key", "behind_proxy"}))
        return;

    if (settings.tls_certificate.empty() != settings.tls_key.empty()) {
        auto const [there, missing] = settings.tls_key.empty() ? std::pair("tls_certificate", "tls_key")
                                                               : std::pair("tls_key", "tls_certificate");
        reading.refuse(missing, fmt::format("must be given together with {}", reading.name(there)));
        return;
    }
    if (reading.sound({"listen"}))
        check_listener(reading, "listen", settings.listen);
    if (reading.sound({"admin_listen"}) && settings.admin_listen)
        check_listener(reading, "admin_listen", *settings.admin_listen);
}

void check_public_url(Reading& reading)
{
    auto const& settings = reading.report.settings;
    if (!reading.sound({"public_url", "listen", "behind_proxy", "tls_certificate"}))
        return;

    if (settings.public_url.empty() && !settings.listen.loopback)
        reading.refuse(
            "public_url", fmt::format("must be given, since {} is not a loopback address", reading.name("listen")));
    else if (settings.public_url.empty() && settings.behind_proxy)
        reading.refuse("public_url", fmt::format("must be given, since {} is yes", reading.name("behind_proxy")));
    else if (settings.tls() && settings.public_url.starts_with("http:"))
        reading.refuse(
            "public_url", fmt::format("must be https://, since {} is given", reading.name("tls_certificate")));
}

void check_admin_listener(Reading& reading)
{
    auto const& settings = reading.report.settings;
    if (reading.sound({"listen", "admin_listen"}) && settings.listen.port != 0 &&
        settings.admin_listen == settings.listen)
        reading.refuse("admin_listen", fmt::format("must not be the same as {}", reading.name("listen")));
}

// A token for nobody: whoever gives one means a gateway.
void check_texts(Reading& reading)
{
    auto const& settings = reading.report.settings;
    if (reading.sound({"sms", "sms_token"}) && !settings.sms_token.empty() && !settings.sms_directory.empty())
        reading.refuse("sms_token", fmt::format("must not be given, since {} is a directory", reading.name("sms")));
}

std::string masked(SettingRow const& row, std::string const& text)
{
    switch (row.secrecy) {
    case Secrecy::open: return without_password(text);
    case Secrecy::in_url: return without_secrets(text);
    case Secrecy::secret: return text.empty() ? "" : "***";
    }
    return "***";
}

std::string effective_default(SettingRow const& row, Settings const& settings)
{
    if (row.key == "secret_file")
        return settings.secret_file.string();
    if (row.key == "sms_countries")
        return settings.phone_region ? std::string(settings.phone_region->str()) : "";
    if (row.key == "public_url")
        return "as it listens";
    return std::string(row.fallback);
}

// What keeps a secret in a file that anybody may read is refused: the file is the secret.
void check_file_secrets(Reading& reading)
{
    for (auto const& row : setting_rows()) {
        auto const given = reading.given.find(row.key);
        if (given != reading.given.end() && given->second.file_open_to_all && row.secrecy != Secrecy::open &&
            masked(row, given->second.text) != given->second.text)
            reading.refuse(row.key, "holds a secret, so its file must be closed to others (chmod o-rwx)");
    }
}

void show(Reading& reading)
{
    for (auto const& row : setting_rows()) {
        auto const given = reading.given.find(row.key);
        auto shown = ShownSetting{.key = std::string(row.key)};
        if (given == reading.given.end()) {
            shown.value = effective_default(row, reading.report.settings);
            shown.origin = "default";
        } else {
            shown.value = masked(row, given->second.text);
            shown.origin = given->second.origin;
        }
        reading.report.shown.push_back(std::move(shown));
    }
}

}

SettingsReport report_settings(SettingSources const& sources)
{
    Reading reading;
    reading.given = gather(sources, reading.report.problems);
    for (auto const& row : setting_rows())
        take(row, reading);
    derive(reading);
    check_transport(reading);
    check_public_url(reading);
    check_admin_listener(reading);
    check_texts(reading);
    check_file_secrets(reading);
    show(reading);
    return std::move(reading.report);
}

boost::system::result<Settings, SettingProblems> read_settings(SettingSources const& sources)
{
    auto report = report_settings(sources);
    if (!report.problems.empty())
        return std::move(report.problems);
    return std::move(report.settings);
}

void throw_exception_from_error(SettingProblems const& problems, boost::source_location const& where)
{
    std::string what = "settings refused";
    for (auto const& problem : problems)
        what += fmt::format("; {}: {}", problem.setting, problem.rule);
    boost::throw_exception(std::logic_error(what), where);
}

std::vector<SettingName> const& setting_names()
{
    static auto const names = [] {
        std::vector<SettingName> made;
        for (auto const& row : setting_rows())
            made.push_back(
                {std::string(row.key), flag_of(row.key), variable_of(row.key), std::string(row.description)});
        return made;
    }();
    return names;
}

std::string effective_public_url(Settings const& settings, std::uint16_t bound_port)
{
    if (!settings.public_url.empty())
        return settings.public_url;
    auto endpoint = settings.listen;
    endpoint.port = bound_port;
    return url_of(endpoint, settings.tls() ? "https" : "http");
}

std::string effective_login_url(Settings const& settings, std::uint16_t bound_port)
{
    return filled(settings.login_url, "{public_url}", effective_public_url(settings, bound_port));
}

std::string effective_home_url(Settings const& settings, std::uint16_t bound_port)
{
    return filled(settings.home_url, "{public_url}", effective_public_url(settings, bound_port));
}

Policy policy_of(Settings const& settings)
{
    return {
        .login_link_life = settings.login_link_life,
        .code_digits = settings.otp_digits,
        .code_life = settings.otp_life,
        .code_tries = settings.otp_tries,
        .code_pause = settings.otp_pause,
        .codes_per_hour = settings.otp_per_hour,
        .codes_per_day = settings.otp_per_day,
        .texted_regions = settings.sms_countries,
        .texts_per_client_per_hour = settings.sms_per_address_per_hour,
        .texts_per_day = settings.sms_per_day,
        .text_guard_records_only = settings.sms_guard_records_only,
        .auth_code_life = settings.auth_code_life,
        .opt_in_life = settings.opt_in_life,
        .default_channel = settings.default_channel.value(),
        .terms_version = settings.terms_version,
        .privacy_version = settings.privacy_version,
        .password_link_life = settings.password_link_life,
        .password_min_length = settings.password_min_length,
        .sign_ins_per_client_per_minute = settings.sign_in_per_address_per_minute,
        .release_deleted = settings.release_deleted};
}

}
