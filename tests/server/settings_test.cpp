#include "server/settings/settings.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <stdlib.h>

#include "server/commands/check_config.hpp"
#include "support/catch_boost.hpp"

using namespace onboard::server;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

using Texts = std::map<std::string, std::string>;

// A TOML file, closed to others, for as long as the test runs.
class ConfigFile {
public:
    explicit ConfigFile(std::string const& text, std::filesystem::perms mode = std::filesystem::perms(0600))
    {
        std::string pattern = std::filesystem::temp_directory_path() / "onboard-settings-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
        std::ofstream(path()) << text;
        std::filesystem::permissions(path(), mode);
    }
    ~ConfigFile() { std::filesystem::remove_all(directory_); }

    ConfigFile(ConfigFile const&) = delete;
    ConfigFile& operator=(ConfigFile const&) = delete;

    std::filesystem::path path() const { return directory_ / "onboard.toml"; }

private:
    std::filesystem::path directory_;
};

// Every problem as a line of its own, as an operator reads them.
std::string problems_of(SettingSources const& sources)
{
    std::string lines;
    for (auto const& problem : report_settings(sources).problems)
        lines += problem.setting + ": " + problem.rule + '\n';
    return lines;
}

Settings settings_of(SettingSources const& sources)
{
    INFO(problems_of(sources));
    auto const settings = read_settings(sources);
    REQUIRE(settings.has_value());
    return *settings;
}

onboard::Region region(std::string_view code)
{
    return onboard::Region::parse(code).value();
}

ShownSetting shown(SettingSources const& sources, std::string const& key)
{
    for (auto const& setting : report_settings(sources).shown)
        if (setting.key == key)
            return setting;
    FAIL("no setting " << key);
    return {.key = key};
}

}

TEST_CASE("without any setting, the server has the documented defaults")
{
    auto const settings = settings_of({});

    CHECK(settings.listen == Endpoint{.address = "127.0.0.1", .port = 8080, .loopback = true});
    CHECK(settings.database == "onboard.db");
    CHECK(settings.secret_file == "onboard.key");
    CHECK(settings.public_url.empty());
    CHECK(settings.mail_directory == "outgoing/mail");
    CHECK(settings.mail_from == "onboard@localhost");
    CHECK(settings.sms_directory == "outgoing/sms");
    CHECK(settings.sms_url.empty());
    CHECK(settings.sms_token.empty());
    CHECK_FALSE(settings.sms_guard_records_only);
    CHECK(settings.terms_version == "1");
    CHECK(settings.privacy_version == "1");
    CHECK(settings.phone_region == region("DE"));
    CHECK(settings.sms_countries == std::vector{region("DE")});
    CHECK(settings.login_link_life == 300s);
    CHECK(settings.password_link_life == 86400s);
    CHECK(settings.opt_in_life == 86400s);
    CHECK(settings.otp_life == 300s);
    CHECK(settings.otp_digits == 6);
    CHECK(settings.otp_tries == 5);
    CHECK(settings.otp_pause == 60s);
    CHECK(settings.otp_per_hour == 5);
    CHECK(settings.otp_per_day == 10);
    CHECK(settings.auth_code_life == 300s);
    CHECK(settings.password_min_length == 15);
    CHECK_FALSE(settings.release_deleted);
    CHECK(settings.google_client_ids.empty());
    CHECK(settings.default_channel.value().str() == "default");
    CHECK_FALSE(settings.tls());
    CHECK_FALSE(settings.behind_proxy);
    CHECK(settings.trusted_proxies.empty());
    CHECK_FALSE(settings.admin_listen);
    CHECK(settings.sms_per_address_per_hour == 60);
    CHECK(settings.sms_per_day == 5000);
    CHECK(settings.sign_in_per_address_per_minute == 30);
    CHECK(settings.log == LogLevel::info);
}

TEST_CASE("a flag beats a variable, a variable the file, and the file the default")
{
    ConfigFile const file("otp_digits = 7\notp_tries = 7\notp_per_hour = 7\n");

    auto const settings = settings_of(
        {.flags = {{"otp_digits", "9"}},
         .environment = {{"ONBOARD_OTP_DIGITS", "8"}, {"ONBOARD_OTP_TRIES", "8"}},
         .config = file.path()});

    CHECK(settings.otp_digits == 9);
    CHECK(settings.otp_tries == 8);
    CHECK(settings.otp_per_hour == 7);
    CHECK(settings.otp_per_day == 10);
}

TEST_CASE("every setting is known by a flag, a variable and a key")
{
    CHECK(setting_names().size() == 40);
    for (auto const& name : setting_names()) {
        INFO(name.key);
        CHECK(name.flag.starts_with("--"));
        CHECK(name.variable.starts_with("ONBOARD_"));
        CHECK(shown({.environment = {{name.variable, "?"}}}, name.key).origin == "variable " + name.variable);
        CHECK(shown({.flags = {{name.key, "?"}}}, name.key).origin == "flag " + name.flag);
    }
}

TEST_CASE("a file writes numbers, truths and lists as TOML does")
{
    ConfigFile const file("login_link_seconds = 120\nbehind_proxy = true\npublic_url = \"https://onboard.example\"\n"
                          "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nsms_countries = [\"be\", \"NL\"]\n");

    auto const settings = settings_of({.config = file.path()});

    CHECK(settings.login_link_life == 120s);
    CHECK(settings.behind_proxy);
    CHECK(settings.trusted_proxies.size() == 2);
    CHECK(settings.sms_countries == std::vector{region("BE"), region("NL")});
}

TEST_CASE("an empty list of countries means none, and not the default")
{
    CHECK(settings_of({.environment = {{"ONBOARD_SMS_COUNTRIES", ""}}}).sms_countries.empty());
    CHECK(settings_of({.flags = {{"phone_region", "IN"}}}).sms_countries == std::vector{region("IN")});
}

TEST_CASE("a misspelt variable is refused, and the one that was meant is named")
{
    auto const [why, name, told] = GENERATE(table<char const*, char const*, char const*>({
        {"a letter left out", "ONBOARD_PUBLC_URL",
         "ONBOARD_PUBLC_URL: no such setting; is ONBOARD_PUBLIC_URL meant?"},
        {"in lower case", "ONBOARD_listen", "is ONBOARD_LISTEN meant?"},
        {"like nothing there is", "ONBOARD_COFFEE_MACHINE", "ONBOARD_COFFEE_MACHINE: no such setting\n"},
        {"the file itself", "ONBOARD_CONFIG", "named by the flag --config"},
    }));
    INFO(why);

    CHECK_THAT(problems_of({.environment = {{name, "x"}}}), Contains(told));
}

TEST_CASE("variables of other programs are left alone")
{
    CHECK(problems_of({.environment = {{"PATH", "/bin"}, {"ONBOARDING_URL", "x"}, {"LISTEN", "x"}}}).empty());
}

TEST_CASE("a bad file is refused with the line it is bad at")
{
    auto const [why, text, told] = GENERATE(table<char const*, char const*, char const*>({
        {"an unknown key", "\nlisten_on = \"x\"\n", "listen_on ("},
        {"an unknown key is told its line", "\nlistn = \"x\"\n", "line 2): no such setting; is listen meant?"},
        {"a table", "[server]\nlisten = \"127.0.0.1:1\"\n", "no such setting"},
        {"a key twice", "otp_digits = 6\notp_digits = 7\n", "line 2"},
        {"no TOML at all", "listen: 127.0.0.1\n", "not TOML"},
        {"a number in quotes", "otp_digits = \"6\"\n", "line 1): must be a whole number, without quotes"},
        {"a broken number", "otp_digits = 6.5\n", "must be a whole number"},
        {"a number for a text", "listen = 8080\n", "must be a text in quotes"},
        {"a text for a truth", "behind_proxy = \"perhaps\"\n", "must be no or yes"},
        {"a number in a list", "trusted_proxies = [1]\n", "must be a list of texts"},
        {"a line break in a text", "default_channel = \"a\\nb\"\n", "control characters"},
    }));
    INFO(why);
    ConfigFile const file(text);

    CHECK_THAT(problems_of({.config = file.path()}), Contains(told));
}

TEST_CASE("a file that is not there is refused")
{
    CHECK_THAT(problems_of({.config = "/nowhere/onboard.toml"}), Contains("--config: cannot read /nowhere"));
    CHECK_THAT(problems_of({.config = "/"}), Contains("--config: cannot read /"));
}

TEST_CASE("a secret in a file that anybody may read is refused")
{
    using std::filesystem::perms;
    auto const* const secret = "sms = \"https://sms.example\"\nsms_token = \"hush\"\n";
    ConfigFile const open(secret, perms(0644));
    ConfigFile const closed(secret, perms(0640));
    ConfigFile const harmless("otp_digits = 6\n", perms(0644));

    CHECK_THAT(problems_of({.config = open.path()}), Contains("sms_token") && Contains("must be closed to others"));
    CHECK(problems_of({.config = closed.path()}).empty());
    CHECK(problems_of({.config = harmless.path()}).empty());
}

TEST_CASE("a number out of its bounds is refused")
{
    auto const [variable, least, most] = GENERATE(table<char const*, int, int>({
        {"ONBOARD_LOGIN_LINK_SECONDS", 1, 600},
        {"ONBOARD_PASSWORD_LINK_SECONDS", 1, 259200},
        {"ONBOARD_OPT_IN_SECONDS", 1, 172800},
        {"ONBOARD_OTP_SECONDS", 1, 600},
        {"ONBOARD_OTP_DIGITS", 6, 10},
        {"ONBOARD_OTP_TRIES", 1, 10},
        {"ONBOARD_AUTH_CODE_SECONDS", 1, 3600},
        {"ONBOARD_PASSWORD_MIN_LENGTH", 8, 64},
    }));
    INFO(variable);
    auto const range = "from " + std::to_string(least) + " to " + std::to_string(most);

    CHECK(problems_of({.environment = {{variable, std::to_string(least)}}}).empty());
    CHECK(problems_of({.environment = {{variable, std::to_string(most)}}}).empty());
    for (auto const& text :
         {std::to_string(least - 1), std::to_string(most + 1), std::string("-1"), std::string("5m"),
          std::string(" 6"), std::string("6.0"), std::string("99999999999999999999"), std::string()})
        CHECK_THAT(problems_of({.environment = {{variable, text}}}), Contains(variable) && Contains(range));
}

TEST_CASE("a value that breaks its rule is refused")
{
    auto const [why, key, text, told] = GENERATE(table<char const*, char const*, char const*, char const*>({
        {"a port alone", "listen", "8080", "must be ADDRESS:PORT"},
        {"no port", "listen", "127.0.0.1", "must be ADDRESS:PORT"},
        {"a port too large", "listen", "127.0.0.1:65536", "must be ADDRESS:PORT"},
        {"a host name", "listen", "example.org:80", "must be ADDRESS:PORT"},
        {"IPv6 without brackets", "listen", "::1:8080", "must be ADDRESS:PORT"},
        {"a database without a scheme", "database", "onboard.db", "must be sqlite:PATH"},
        {"a database without a path", "database", "sqlite:", "must be sqlite:PATH"},
        {"another database", "database", "mysql://host/db", "must be sqlite:PATH"},
        {"PostgreSQL without a host or database", "database", "postgresql://", "must be sqlite:PATH"},
        {"a public URL without a scheme", "public_url", "onboard.example", "must be an http:// or https:// URL"},
        {"another scheme", "public_url", "ftp://onboard.example", "must be an http:// or https:// URL"},
        {"a user in it", "public_url", "https://me@onboard.example", "no user"},
        {"a path in it", "public_url", "https://onboard.example/app", "no user, password, path"},
        {"a query in it", "public_url", "https://onboard.example?a", "query"},
        {"a fragment in it", "public_url", "https://onboard.example#a", "fragment"},
        {"a wildcard in it", "public_url", "https://*.onboard.example", "without a wildcard"},
        {"an encoded host", "public_url", "https://onboard%2eexample", "plain host name"},
        {"plain http to the world", "public_url", "http://onboard.example", "must be https://"},
        {"a host that no text message has room for", "public_url",
         "https://onboard-onboard-onboard-onboard.onboard-onboard-onboard-onboard.onboard-onboard-onboard-onboard."
         "onboard-onboard-onboard-onboard.example",
         "a host of at most 128 characters"},
        {"a login URL without a token", "login_url", "https://app.example/", "{token} exactly once"},
        {"a login URL with two", "login_url", "https://app.example/{token}/{token}", "{token} exactly once"},
        {"a token in the host", "login_url", "https://{token}.example/", "behind its host"},
        {"a login URL that is none", "login_url", "/login/{token}", "must be an http:// or https:// URL"},
        {"a misspelt placeholder", "login_url", "{public-url}/{token}", "perhaps beginning with {public_url}"},
        {"a host after the public URL", "login_url", "{public_url}.example/{token}", "perhaps beginning"},
        {"a home URL that is none", "home_url", "javascript:alert(1)", "must be an http:// or https:// URL"},
        {"a token in the home URL", "home_url", "{public_url}/{token}", "must be an http:// or https:// URL"},
        {"mail to nowhere", "mail", "dir:", "must be dir:PATH"},
        {"mail by another road", "mail", "https://mail.example", "must be dir:PATH"},
        {"mail to a bare host", "mail", "mail.example", "smtp://HOST or smtps://HOST"},
        {"SMTP without slashes", "mail", "smtp:mail.example", "must be smtp://HOST"},
        {"SMTP to no host", "mail", "smtp://", "must be smtp://HOST"},
        {"SMTP to a wildcard", "mail", "smtp://*.mail.example", "plain host name"},
        {"SMTP to an encoded host", "mail", "smtp://mail%2eexample", "plain host name"},
        {"SMTP to two hosts", "mail", "smtp://a.example,b.example", "plain host name"},
        {"SMTP with a space", "mail", "smtp://mail.example ", "must be smtp://HOST"},
        {"SMTP to no port", "mail", "smtp://mail.example:", "a port from 1 to 65535"},
        {"SMTP to port 0", "mail", "smtp://mail.example:0", "a port from 1 to 65535"},
        {"SMTP to a port too large", "mail", "smtps://mail.example:65536", "a port from 1 to 65535"},
        {"SMTP with a path", "mail", "smtp://mail.example/inbox", "nothing behind its host and port"},
        {"SMTP with a query", "mail", "smtp://mail.example?tls=no", "nothing behind its host and port"},
        {"SMTP with a fragment", "mail", "smtp://mail.example#a", "nothing behind its host and port"},
        {"a user without a password", "mail", "smtp://me@mail.example", "both a user and a password"},
        {"a user with an empty password", "mail", "smtp://me:@mail.example", "both a user and a password"},
        {"a password without a user", "mail", "smtp://:hush@mail.example", "both a user and a password"},
        {"an at sign in the user", "mail", "smtp://me@here:hush@mail.example", "percent-encoded"},
        {"a line break in the password", "mail", "smtp://me:a%0d%0ab@mail.example", "control characters"},
        {"a zero byte in the user", "mail", "smtp://me%00:hush@mail.example", "control characters"},
        {"a sender without a host", "mail_from", "onboard", "must be an address"},
        {"a sender with a line break", "mail_from", "a@b\r\nBcc: c@d", "control characters"},
        {"a gateway in the clear", "sms", "http://sms.example", "https:// URL"},
        {"a gateway that is almost this machine", "sms", "http://localhost.example", "https:// URL"},
        {"a gateway that begins like this machine", "sms", "http://127.0.0.1.example/send", "https:// URL"},
        {"keys on what begins like this machine", "google_keys_url", "http://127.0.0.1.example", "https:// URL"},
        {"a public host that begins like this machine", "public_url", "http://127.0.0.1.example", "plain host name"},
        {"SMTP to what begins like this machine", "mail", "smtp://127.0.0.1.example", "must have nothing behind"},
        {"a gateway with a user", "sms", "https://me:hush@sms.example", "without a user"},
        {"a gateway with a fragment", "sms", "https://sms.example/#send", "without a user, password or fragment"},
        {"texts to nowhere", "sms", "dir:", "must be dir:PATH"},
        {"texts by mail", "sms", "smtp://sms.example", "must be dir:PATH"},
        {"texts by nothing", "sms", "", "must be dir:PATH"},
        {"a guard that sleeps", "sms_guard", "off", "must be refuse or record"},
        {"terms without a version", "terms_version", "", "1 to 64 printable"},
        {"terms with a space behind", "terms_version", "2024 ", "1 to 64 printable"},
        {"a notice with a long version", "privacy_version",
         "01234567890123456789012345678901234567890123456789012345678901234", "1 to 64 printable"},
        {"a notice beyond ASCII", "privacy_version", "März", "1 to 64 printable"},
        {"a token with a space", "sms_token", "a b", "visible ASCII"},
        {"an unknown country", "phone_region", "XX", "country code"},
        {"two countries run together", "phone_region", "D ", "country code"},
        {"a country that is a language", "sms_countries", "DE,EN", "country codes"},
        {"an empty country", "sms_countries", "DE,,NL", "country codes"},
        {"neither block nor release", "deleted", "yes", "must be block or release"},
        {"Google's keys in the clear", "google_keys_url", "http://keys.example/", "must be an https:// URL"},
        {"no channel", "default_channel", "", "must be 1 to 64 letters"},
        {"a channel with a blank", "default_channel", "a b", "must be 1 to 64 letters"},
        {"a certificate that is not there", "tls_certificate", "/nowhere.pem", "must be a file that can be read"},
        {"a proxy that is a name", "trusted_proxies", "proxy.example", "addresses or ranges"},
        {"a range too narrow", "trusted_proxies", "10.0.0.0/33", "addresses or ranges"},
        {"everybody a proxy", "trusted_proxies", "0.0.0.0/0", "must not trust every address"},
        {"everybody on IPv6", "trusted_proxies", "10.0.0.1,::/0", "must not trust every address"},
        {"an unknown level", "log", "verbose", "must be debug, info, warn or error"},
    }));
    INFO(why);

    auto const problems = problems_of({.flags = {{key, text}}});

    CHECK_THAT(problems, Contains(told));
    CHECK_THAT(problems, Catch::StartsWith("--"));
}

TEST_CASE("a value that keeps its rule is taken")
{
    auto const [why, key, text] = GENERATE(table<char const*, char const*, char const*>({
        {"any free port", "listen", "127.0.0.1:0"},
        {"IPv6", "listen", "[::1]:8080"},
        {"this machine by name", "listen", "localhost:8080"},
        {"a public URL with a port", "public_url", "https://onboard.example:8443"},
        {"a public URL with its last slash", "public_url", "https://onboard.example/"},
        {"http on this machine", "public_url", "http://localhost:8080"},
        {"http on this machine by IPv6", "public_url", "http://[::1]:8080"},
        {"an application of one's own", "login_url", "https://app.example/enter?token={token}"},
        {"a token behind the hash", "login_url", "{public_url}/#/{token}"},
        {"the public URL itself", "home_url", "{public_url}"},
        {"a gateway", "sms", "https://sms.example/send"},
        {"a gateway with a key", "sms", "https://sms.example/send?key=abc"},
        {"a gateway on this machine", "sms", "http://127.0.0.1:9000/send"},
        {"a version in words", "terms_version", "March 2024, second edition"},
        {"texts recorded", "sms_guard", "record"},
        {"Google's keys on this machine", "google_keys_url", "http://127.0.0.1:9000/keys"},
        {"several clients", "google_client_id", "one.apps.example, two.apps.example"},
        {"a lower case country", "phone_region", "in"},
        {"a range and an address", "trusted_proxies", "10.0.0.0/8, fd00::1"},
        {"a second listener", "admin_listen", "127.0.0.1:9090"},
    }));
    INFO(why);

    CHECK(problems_of({.flags = {{key, text}}}).empty());
}

TEST_CASE("settings that are unsafe together are refused")
{
    auto const [why, environment, told] = GENERATE(table<char const*, Texts, char const*>({
        {"plain HTTP for the world",
         {{"ONBOARD_LISTEN", "0.0.0.0:80"}, {"ONBOARD_PUBLIC_URL", "https://onboard.example"}},
         "ONBOARD_LISTEN: must be a loopback address, unless"},
        {"metrics for the world",
         {{"ONBOARD_ADMIN_LISTEN", "0.0.0.0:9090"}},
         "ONBOARD_ADMIN_LISTEN: must be a loopback address, unless"},
        {"links that lead nowhere",
         {{"ONBOARD_LISTEN", "0.0.0.0:80"}, {"ONBOARD_BEHIND_PROXY", "yes"}},
         "ONBOARD_PUBLIC_URL: must be given, since ONBOARD_LISTEN is not a loopback address"},
        {"links past the proxy",
         {{"ONBOARD_BEHIND_PROXY", "yes"}},
         "ONBOARD_PUBLIC_URL: must be given, since ONBOARD_BEHIND_PROXY is yes"},
        {"a certificate without a key",
         {{"ONBOARD_TLS_CERTIFICATE", "/dev/../etc/passwd"}},
         "ONBOARD_TLS_KEY: must be given together with ONBOARD_TLS_CERTIFICATE"},
        {"a token for a directory",
         {{"ONBOARD_SMS_TOKEN", "hush"}},
         "ONBOARD_SMS_TOKEN: must not be given, since ONBOARD_SMS is a directory"},
        {"two listeners in one place",
         {{"ONBOARD_LISTEN", "127.0.0.1:8080"}, {"ONBOARD_ADMIN_LISTEN", "127.0.0.1:8080"}},
         "ONBOARD_ADMIN_LISTEN: must not be the same as ONBOARD_LISTEN"},
    }));
    INFO(why);

    CHECK_THAT(problems_of({.environment = environment}), Contains(told));
}

TEST_CASE("a proxy in front makes plain HTTP on any address safe")
{
    auto const settings = settings_of(
        {.environment = {
             {"ONBOARD_LISTEN", "0.0.0.0:80"},
             {"ONBOARD_BEHIND_PROXY", "yes"},
             {"ONBOARD_PUBLIC_URL", "https://onboard.example"}}});

    CHECK_FALSE(settings.listen.loopback);
}

TEST_CASE("a key that others may read is refused")
{
    ConfigFile const certificate("not looked into");
    ConfigFile const open("not looked into", std::filesystem::perms(0644));
    ConfigFile const closed("not looked into");
    auto const with_key = [&](ConfigFile const& key) {
        return SettingSources{.flags = {{"tls_certificate", certificate.path()}, {"tls_key", key.path()}}};
    };

    CHECK_THAT(problems_of(with_key(open)), Contains("--tls-key: must be a file that is closed to others"));
    CHECK(effective_public_url(settings_of(with_key(closed)), 8443) == "https://127.0.0.1:8443");
}

TEST_CASE("all that is wrong is told at once")
{
    auto const problems = problems_of(
        {.flags = {{"listen", "x"}}, .environment = {{"ONBOARD_OTP_DIGITS", "4"}, {"ONBOARD_OTHER", "1"}}});

    CHECK_THAT(problems, Contains("--listen: ") && Contains("ONBOARD_OTP_DIGITS: ") && Contains("ONBOARD_OTHER: "));
    CHECK(std::ranges::count(problems, '\n') == 3);
}

TEST_CASE("a secret is shown to nobody, not even when it is refused")
{
    auto const [why, key, text] = GENERATE(table<char const*, char const*, char const*>({
        {"a gateway's token", "sms_token", "hush"},
        {"a token that is refused", "sms_token", "hush hush"},
        {"a password for mail", "mail", "smtp://me:hush@mail.example"},
        {"a password with a slash", "mail", "smtp://me:hu/sh?hush@mail.example"},
        {"a password for mail over TLS", "mail", "smtps://me:h%75sh-hush@mail.example:1"},
        {"a token in place of a user", "mail", "smtps://hush@mail.example"},
        {"a password without a scheme's slashes", "mail", "smtp:me:hush@mail.example"},
        {"a password for the database", "database", "postgresql://me:hush@host/db"},
        {"a password in the database's query", "database", "postgresql://host/db?password=hush"},
        {"a key in the gateway's query", "sms", "https://sms.example/send?key=hush"},
        {"a password in the public URL", "public_url", "https://me:hush@onboard.example"},
    }));
    INFO(why);
    std::ostringstream out;
    std::ostringstream err;

    check_config({.flags = {{key, text}}}, {out, err});

    CHECK_THAT(out.str() + err.str(), Contains("***") && !Contains("hush"));
}

TEST_CASE("check-config prints every setting, and fails if one is bad")
{
    std::ostringstream out;
    std::ostringstream err;

    SECTION("all of them good")
    {
        CHECK(check_config({.flags = {{"log", "debug"}}}, {out, err}) == 0);
        CHECK_THAT(out.str(), Contains("flag --log") && Contains("admin_listen") && !Contains("bad"));
        CHECK_THAT(
            out.str(), Catch::EndsWith("\nguessed codes: at most 1 in 10000 per number or address and day "
                                       "(5 guesses an hour, 10 codes a day, 6 digits)\n"));
        CHECK(err.str().empty());
    }
    SECTION("others, by which codes are harder to guess")
    {
        CHECK(
            check_config({.flags = {{"otp_tries", "1"}, {"otp_per_day", "1"}, {"otp_digits", "8"}}}, {out, err}) ==
            0);
        CHECK_THAT(
            out.str(), Catch::EndsWith("\nguessed codes: at most 1 in 50000000 per number or address and day "
                                       "(1 guess an hour, 1 code a day, 8 digits)\n"));
    }
    SECTION("others, by which they are easier")
    {
        CHECK(check_config({.flags = {{"otp_tries", "7"}, {"otp_per_day", "3"}}}, {out, err}) == 0);
        CHECK_THAT(out.str(), Contains("at most 1 in 23809 per number or address"));
    }
    SECTION("one of them bad")
    {
        CHECK(check_config({.flags = {{"log", "loud"}}}, {out, err}) == 1);
        CHECK_THAT(out.str(), Contains("bad: --log: must be debug, info, warn or error") && !Contains("guessed"));
        CHECK(err.str() == "onboard-server: bad settings: --log\n");
    }
}

TEST_CASE("links lead to the public URL, or else to where the server listens")
{
    auto const free_port = settings_of({.flags = {{"listen", "127.0.0.1:0"}}});
    CHECK(effective_public_url(free_port, 41234) == "http://127.0.0.1:41234");
    CHECK(effective_login_url(free_port, 41234) == "http://127.0.0.1:41234/login/{token}");
    CHECK(effective_home_url(free_port, 41234) == "http://127.0.0.1:41234/home");

    auto const ipv6 = settings_of({.flags = {{"listen", "[::1]:0"}}});
    CHECK(effective_public_url(ipv6, 41234) == "http://[::1]:41234");

    auto const named = settings_of({.flags = {{"public_url", "HTTPS://Onboard.Example:443/"}}});
    CHECK(effective_login_url(named, 8080) == "https://onboard.example/login/{token}");

    auto const elsewhere = settings_of({.flags = {{"login_url", "https://app.example/?t={token}"}}});
    CHECK(effective_login_url(elsewhere, 8080) == "https://app.example/?t={token}");
}

TEST_CASE("the secret file is looked for beside the database")
{
    CHECK(settings_of({.flags = {{"database", "sqlite:/var/lib/a.db"}}}).secret_file == "/var/lib/onboard.key");
    CHECK(settings_of({.flags = {{"secret_file", "/etc/key"}}}).secret_file == "/etc/key");
}

TEST_CASE("a database that is a file has a path and no URL")
{
    auto const settings = settings_of({.flags = {{"database", "sqlite:/var/lib/a.db"}}});
    CHECK(settings.database == "/var/lib/a.db");
    CHECK(settings.database_url.empty());
}

#ifdef ONBOARD_POSTGRES
TEST_CASE("a database of PostgreSQL has a URL and no path, and a key in the working directory")
{
    auto const* const url = GENERATE("postgresql://me:hush@host/db", "postgres://host", "postgresql:///db?host=/run");
    auto const settings = settings_of({.flags = {{"database", url}}});
    CHECK(settings.database.empty());
    CHECK(settings.database_url == url);
    CHECK(settings.secret_file == "onboard.key");
}
#endif

TEST_CASE("the library goes by the numbers that were set")
{
    auto const policy = policy_of(settings_of(
        {.flags = {
             {"login_link_seconds", "10"},
             {"otp_seconds", "20"},
             {"otp_digits", "8"},
             {"otp_tries", "3"},
             {"otp_pause_seconds", "0"},
             {"otp_per_hour", "2"},
             {"otp_per_day", "4"},
             {"sms_countries", "BE,NL"},
             {"sms_guard", "record"},
             {"sms_per_address_per_hour", "6"},
             {"sms_per_day", "600"},
             {"auth_code_seconds", "40"},
             {"opt_in_seconds", "50"},
             {"terms_version", "2024-05"},
             {"privacy_version", "3"},
             {"password_link_seconds", "30"},
             {"password_min_length", "12"},
             {"sign_in_per_address_per_minute", "7"},
             {"deleted", "release"}}}));

    CHECK(policy.login_link_life == 10s);
    CHECK(policy.code_life == 20s);
    CHECK(policy.code_digits == 8);
    CHECK(policy.code_tries == 3);
    CHECK(policy.code_pause == 0s);
    CHECK(policy.codes_per_hour == 2);
    CHECK(policy.codes_per_day == 4);
    CHECK(policy.texted_regions == std::vector{region("BE"), region("NL")});
    CHECK(policy.text_guard_records_only);
    CHECK(policy.texts_per_client_per_hour == 6);
    CHECK(policy.texts_per_day == 600);
    CHECK(policy.auth_code_life == 40s);
    CHECK(policy.opt_in_life == 50s);
    CHECK(policy.terms_version == "2024-05");
    CHECK(policy.privacy_version == "3");
    CHECK(policy.password_link_life == 30s);
    CHECK(policy.password_min_length == 12);
    CHECK(policy.sign_ins_per_client_per_minute == 7);
    CHECK(policy.release_deleted);
}

TEST_CASE("mail goes to a directory or to a server, and never to both")
{
    auto const directory = settings_of({.flags = {{"mail", "dir:/var/mail"}}});
    CHECK(directory.mail_directory == "/var/mail");
    CHECK_FALSE(directory.smtp);

    auto const server = settings_of({.flags = {{"mail", "smtp://mail.example"}}});
    CHECK(server.mail_directory.empty());
    CHECK(server.smtp);
}

TEST_CASE("texts go to a directory or to a gateway, and never to both")
{
    auto const directory = settings_of({.flags = {{"sms", "dir:/var/sms"}}});
    CHECK(directory.sms_directory == "/var/sms");
    CHECK(directory.sms_url.empty());

    auto const gateway = settings_of({.flags = {{"sms", "https://sms.example/send?key=abc"}, {"sms_token", "hush"}}});
    CHECK(gateway.sms_directory.empty());
    CHECK(gateway.sms_url == "https://sms.example/send?key=abc");
    CHECK(gateway.sms_token == "hush");
}

TEST_CASE("a mail server is reached in the clear only on this machine")
{
    using post::SmtpTls;
    auto const [url, host, port, tls] = GENERATE(table<char const*, char const*, int, SmtpTls>({
        {"smtp://mail.example", "mail.example", 587, SmtpTls::required},
        {"smtp://mail.example/", "mail.example", 587, SmtpTls::required},
        {"smtp://Mail.Example:25", "mail.example", 25, SmtpTls::required},
        {"smtp://192.0.2.1:2525", "192.0.2.1", 2525, SmtpTls::required},
        {"smtp://[2001:db8::1]", "[2001:db8::1]", 587, SmtpTls::required},
        {"smtp://localhost:25", "localhost", 25, SmtpTls::if_offered},
        {"smtp://127.0.0.1", "127.0.0.1", 587, SmtpTls::if_offered},
        {"smtp://[::1]:25", "[::1]", 25, SmtpTls::if_offered},
        {"smtp://localhost.example", "localhost.example", 587, SmtpTls::required},
        {"smtps://mail.example", "mail.example", 465, SmtpTls::implicit},
        {"smtps://mail.example:587", "mail.example", 587, SmtpTls::implicit},
        {"smtps://127.0.0.1", "127.0.0.1", 465, SmtpTls::implicit},
    }));
    INFO(url);

    auto const smtp = settings_of({.flags = {{"mail", url}}}).smtp.value();

    CHECK(smtp.host == host);
    CHECK(smtp.port == port);
    CHECK(smtp.tls == tls);
    CHECK(smtp.user.empty());
    CHECK(smtp.password.empty());
}

TEST_CASE("a mail server's user and password may hold any characters, encoded")
{
    auto const smtp =
        settings_of({.flags = {{"mail", "smtps://me%40mail.example:p%3Ass%2Fw%20%C3%B6rd%25@mail.example"}}})
            .smtp.value();

    CHECK(smtp.user == "me@mail.example");
    CHECK(smtp.password == "p:ss/w örd%");
    CHECK(smtp.host == "mail.example");
}

TEST_CASE("a proxy is trusted by its address or its range")
{
    auto const [range, address, trusted] = GENERATE(table<char const*, char const*, bool>({
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "10.0.0.2", false},
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"192.168.4.0/22", "192.168.7.255", true},
        {"192.168.4.0/22", "192.168.8.0", false},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},
        {"fd00::/8", "fd12::1", true},
        {"fd00::/8", "fe80::1", false},
        {"fd00::/8", "10.0.0.1", false},
        {"10.0.0.0/8", "not an address", false},
        {"10.0.0.0/8", "", false},
    }));
    INFO(range << " and " << address);

    CHECK(AddressRange::parse(range)->contains(address) == trusted);
}
