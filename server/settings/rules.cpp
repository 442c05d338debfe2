#include "server/settings/rules.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include <fmt/format.h>

#include "server/settings/urls.hpp"
#include "server/text.hpp"

namespace onboard::server {
namespace {

#ifdef ONBOARD_POSTGRES
constexpr bool has_postgres = true;
#else
constexpr bool has_postgres = false;
#endif

bool is_postgres_url(std::string_view text)
{
    for (std::string_view const scheme : {"postgresql://", "postgres://"})
        if (text.starts_with(scheme) && text.size() > scheme.size())
            return true;
    return false;
}

// Nothing gives no entries; an empty entry between commas stays one.
std::vector<std::string> split(std::string_view text)
{
    std::vector<std::string> entries;
    if (without_blanks(text).empty())
        return entries;
    for (auto comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
        entries.emplace_back(without_blanks(text.substr(0, comma)));
        text.remove_prefix(comma + 1);
    }
    entries.emplace_back(without_blanks(text));
    return entries;
}

std::optional<int> read_number(std::string_view text)
{
    auto number = 0;
    auto const end = text.data() + text.size();
    auto const [stopped, trouble] = std::from_chars(text.data(), end, number);
    if (trouble != std::errc() || stopped != end)
        return std::nullopt;
    return number;
}

Broken broken_bounds(std::optional<int> number, Bounds const& bounds)
{
    if (number && *number >= bounds.least && *number <= bounds.most)
        return std::nullopt;
    return fmt::format("must be a whole number of {} from {} to {}", bounds.unit, bounds.least, bounds.most);
}

bool is_word(std::string_view text)
{
    return !text.empty() &&
           std::ranges::all_of(text, [](char character) { return character > ' ' && character <= '~'; });
}

std::optional<std::filesystem::path> directory_of(std::string_view text)
{
    constexpr std::string_view prefix = "dir:";
    if (!text.starts_with(prefix) || text.size() == prefix.size())
        return std::nullopt;
    return std::filesystem::path(text.substr(prefix.size()));
}

}

Rule count(int Settings::*member, Bounds bounds)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        auto const number = read_number(text);
        if (auto const broken = broken_bounds(number, bounds))
            return broken;
        settings.*member = *number;
        return std::nullopt;
    };
}

Rule seconds(std::chrono::seconds Settings::*member, int least, int most)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        auto const number = read_number(text);
        if (auto const broken = broken_bounds(number, {least, most, "seconds"}))
            return broken;
        settings.*member = std::chrono::seconds(*number);
        return std::nullopt;
    };
}

Rule choice(bool Settings::*member, std::string_view when_false, std::string_view when_true)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        if (text != when_false && text != when_true)
            return fmt::format("must be {} or {}", when_false, when_true);
        settings.*member = text == when_true;
        return std::nullopt;
    };
}

Rule path(std::filesystem::path Settings::*member)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        settings.*member = text;
        return std::nullopt;
    };
}

Rule readable_file(std::filesystem::path Settings::*member)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        std::error_code trouble;
        if (!text.empty() && (!std::filesystem::is_regular_file(text, trouble) || !std::ifstream(text)))
            return "must be a file that can be read";
        settings.*member = text;
        return std::nullopt;
    };
}

Rule private_file(std::filesystem::path Settings::*member)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        if (auto const broken = readable_file(member)(settings, text))
            return broken;
        if (!text.empty() && (std::filesystem::status(text).permissions() & std::filesystem::perms::others_all) !=
                                 std::filesystem::perms::none)
            return "must be a file that is closed to others (chmod o-rwx)";
        return std::nullopt;
    };
}

Rule outgoing_url(std::string Settings::*member)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        if (!text.empty()) {
            auto const url = WebUrl::parse(text);
            if (!url || url->has_user || (!url->https && !is_loopback(url->host)))
                return "must be an https:// URL, or http:// to this machine, without a user or password";
        }
        settings.*member = text;
        return std::nullopt;
    };
}

Rule word(std::string Settings::*member)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        if (!text.empty() && !is_word(text))
            return "must be visible ASCII characters without spaces";
        settings.*member = text;
        return std::nullopt;
    };
}

Rule words(std::vector<std::string> Settings::*member)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        auto const entries = split(text);
        if (!std::ranges::all_of(entries, is_word))
            return "must be a list of visible ASCII characters without spaces, separated by commas";
        settings.*member = entries;
        return std::nullopt;
    };
}

Rule version(std::string Settings::*member)
{
    return [=](Settings& settings, std::string const& text) -> Broken {
        auto const printable = [](char character) { return character >= ' ' && character <= '~'; };
        if (text.empty() || text.size() > 64 || without_blanks(text) != text || !std::ranges::all_of(text, printable))
            return "must be 1 to 64 printable ASCII characters without spaces around them";
        settings.*member = text;
        return std::nullopt;
    };
}

Broken listen_rule(Settings& settings, std::string const& text)
{
    auto const endpoint = Endpoint::parse(text);
    if (!endpoint)
        return "must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080";
    settings.listen = *endpoint;
    return std::nullopt;
}

Broken admin_listen_rule(Settings& settings, std::string const& text)
{
    if (text.empty())
        return std::nullopt;
    auto const endpoint = Endpoint::parse(text);
    if (!endpoint)
        return "must be ADDRESS:PORT, such as 127.0.0.1:9090 or [::1]:9090";
    settings.admin_listen = *endpoint;
    return std::nullopt;
}

Broken database_rule(Settings& settings, std::string const& text)
{
    constexpr std::string_view sqlite = "sqlite:";
    settings.database.clear();
    settings.database_url.clear();
    if (is_postgres_url(text)) {
        if (!has_postgres)
            return "must be sqlite:PATH; this program was built without PostgreSQL";
        settings.database_url = text;
        return std::nullopt;
    }
    if (!text.starts_with(sqlite) || text.size() == sqlite.size() || text == "sqlite::memory:")
        return "must be sqlite:PATH, the path of a file, or postgresql://HOST/DATABASE";
    settings.database = text.substr(sqlite.size());
    return std::nullopt;
}

Broken trusted_proxies_rule(Settings& settings, std::string const& text)
{
    for (auto const& entry : split(text)) {
        auto const range = AddressRange::parse(entry);
        if (!range)
            return "must be a list of addresses or ranges such as 10.0.0.0/8, separated by commas";
        if (range->everything())
            return "must not trust every address there is";
        settings.trusted_proxies.push_back(*range);
    }
    return std::nullopt;
}

Broken mail_rule(Settings& settings, std::string const& text)
{
    settings.mail_directory.clear();
    settings.smtp.reset();
    if (text.starts_with("smtp:") || text.starts_with("smtps:"))
        return smtp_rule(settings, text);
    auto const directory = directory_of(text);
    if (!directory)
        return "must be dir:PATH, the path of a directory, or smtp://HOST or smtps://HOST";
    settings.mail_directory = *directory;
    return std::nullopt;
}

// The host may be a plain one: mail from one machine to itself is a fair trial.
Broken mail_from_rule(Settings& settings, std::string const& text)
{
    auto const plain = is_word(text) && text.find_first_of("\"(),:;<>[]\\") == std::string::npos;
    auto const inside = !text.empty() && text.front() != '@' && text.back() != '@';
    if (!plain || !inside || std::ranges::count(text, '@') != 1 || text.size() > 254)
        return "must be an address such as onboard@example.org";
    settings.mail_from = text;
    return std::nullopt;
}

Broken sms_rule(Settings& settings, std::string const& text)
{
    settings.sms_directory.clear();
    settings.sms_url.clear();
    if (auto const directory = directory_of(text)) {
        settings.sms_directory = *directory;
        return std::nullopt;
    }
    auto const url = WebUrl::parse(text);
    if (!url || url->has_user || url->has_fragment || (!url->https && !is_loopback(url->host)))
        return "must be dir:PATH, or an https:// URL, or http:// to this machine, without a user, password or "
               "fragment";
    settings.sms_url = text;
    return std::nullopt;
}

Broken phone_region_rule(Settings& settings, std::string const& text)
{
    auto const region = Region::parse(text);
    if (!region)
        return "must be a country code of ISO 3166-1, such as DE or IN";
    settings.phone_region = *region;
    return std::nullopt;
}

Broken sms_countries_rule(Settings& settings, std::string const& text)
{
    for (auto const& entry : split(text)) {
        auto const region = Region::parse(entry);
        if (!region)
            return "must be a list of country codes of ISO 3166-1, such as BE,NL, separated by commas";
        settings.sms_countries.push_back(*region);
    }
    return std::nullopt;
}

Broken default_channel_rule(Settings& settings, std::string const& text)
{
    auto const channel = ChannelName::parse(text);
    if (!channel || channel->str() != text)
        return "must be 1 to 64 letters, digits, dots, dashes and underscores";
    settings.default_channel = *channel;
    return std::nullopt;
}

Broken log_rule(Settings& settings, std::string const& text)
{
    for (auto const level : {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error}) {
        if (text != name_of(level))
            continue;
        settings.log = level;
        return std::nullopt;
    }
    return "must be debug, info, warn or error";
}

}
