#include "server/settings/urls.hpp"

#include <algorithm>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include "server/post/text_message.hpp"
#include "server/settings/rules.hpp"
#include "server/text.hpp"

namespace onboard::server {
namespace {

constexpr std::string_view public_url_placeholder = "{public_url}";
constexpr std::string_view token_placeholder = "{token}";
constexpr std::string_view mask = "***";

constexpr std::uint16_t submission_port = 587;
constexpr std::uint16_t smtps_port = 465;

// Stand-ins while a template is looked at.
constexpr std::string_view some_public_url = "http://127.0.0.1:8080";
constexpr std::string_view some_token = "some-token";

bool is_plain_host(std::string_view host)
{
    if (host.starts_with('['))
        return true;
    return !host.empty() && std::ranges::all_of(host, [](unsigned char character) {
        return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '.' ||
               character == '-';
    });
}

std::string host_of(boost::urls::url_view const& url)
{
    auto host = std::string(url.encoded_host());
    std::ranges::transform(host, host.begin(), lower);
    return host;
}

// Boost.URL 1.81 takes http://127.0.0.1.example for the host 127.0.0.1 and the path ".example". Behind a host a path
// is empty or begins with a slash (RFC 3986, 3.3).
bool ends_its_host(boost::urls::url_view const& url)
{
    return url.encoded_path().empty() || url.encoded_path().starts_with('/');
}

bool has_control(std::string_view text)
{
    return std::ranges::any_of(text, [](unsigned char character) { return character < ' ' || character == 0x7F; });
}

// What is wrong with the user and the password of a mail server.
Broken broken_credentials(boost::urls::url_view const& url)
{
    if (!url.has_userinfo())
        return std::nullopt;
    if (url.encoded_user().empty() || url.encoded_password().empty())
        return "must have both a user and a password, or neither";
    if (has_control(url.user()) || has_control(url.password()))
        return "must not have control characters in its user or password, not even encoded";
    return std::nullopt;
}

// How a mail server is to be reached, whoever signs in there. Nothing for a port that is none.
std::optional<post::SmtpServer> mail_server(boost::urls::url_view const& url)
{
    auto const encrypted = url.scheme() == "smtps";
    auto server = post::SmtpServer{.host = host_of(url), .port = encrypted ? smtps_port : submission_port};
    if (encrypted)
        server.tls = post::SmtpTls::implicit;
    else
        server.tls = is_loopback(server.host) ? post::SmtpTls::if_offered : post::SmtpTls::required;
    if (url.has_port())
        server.port = url.port_number();
    if (server.port == 0)  // also for one that is empty or too large
        return std::nullopt;
    return server;
}

std::size_t occurrences(std::string_view text, std::string_view part)
{
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

// What is common to templates: {public_url}, if it is there, is the beginning and ends where a path may begin, and
// what comes out is a URL. The stand-ins are in it.
std::optional<WebUrl> read_template(std::string_view text)
{
    auto const rest = text.starts_with(public_url_placeholder) ? text.substr(public_url_placeholder.size()) : text;
    if (rest.size() != text.size() && !rest.empty() &&
        std::string_view("/?#").find(rest[0]) == std::string_view::npos)
        return std::nullopt;

    auto const sample = filled(filled(text, public_url_placeholder, some_public_url), token_placeholder, some_token);
    if (occurrences(rest, public_url_placeholder) > 0 || sample.find_first_of("{}") != std::string::npos)
        return std::nullopt;
    return WebUrl::parse(sample);
}

// Where the authority begins; nothing for a text without one.
std::optional<std::size_t> authority_begin(std::string_view url)
{
    auto const slashes = url.find("://");
    if (slashes == std::string_view::npos)
        return std::nullopt;
    return slashes + 3;
}

bool is_local(std::string_view text)
{
    return text.starts_with("dir:") || text.starts_with("sqlite:");
}

std::string with_user_masked(std::string_view url, std::size_t begin, std::size_t at)
{
    auto const colon = url.substr(begin, at - begin).find(':');
    auto const kept = colon == std::string_view::npos ? begin : begin + colon + 1;
    return std::string(url.substr(0, kept)) + std::string(mask) + std::string(url.substr(at));
}

}

std::optional<WebUrl> WebUrl::parse(std::string_view text)
{
    auto const parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed || !ends_its_host(*parsed))
        return std::nullopt;

    auto url = WebUrl{
        .https = parsed->scheme_id() == boost::urls::scheme::https,
        .has_user = parsed->has_userinfo(),
        .has_query = parsed->has_query(),
        .has_fragment = parsed->has_fragment(),
        .host = host_of(*parsed),
        .path = std::string(parsed->encoded_path())};
    if ((!url.https && parsed->scheme_id() != boost::urls::scheme::http) || !is_plain_host(url.host))
        return std::nullopt;

    if (parsed->has_port()) {
        url.port = parsed->port_number();
        if (*url.port == 0)  // also for one that is empty or too large
            return std::nullopt;
    }
    return url;
}

std::string WebUrl::origin() const
{
    auto text = std::string(https ? "https://" : "http://") + host;
    if (port && *port != (https ? 443 : 80))
        text += ':' + std::to_string(*port);
    return text;
}

std::string filled(std::string_view text, std::string_view placeholder, std::string_view value)
{
    auto result = std::string(text);
    for (auto at = result.find(placeholder); at != std::string::npos;
         at = result.find(placeholder, at + value.size()))
        result.replace(at, placeholder.size(), value);
    return result;
}

std::string without_password(std::string_view url)
{
    auto const begin = authority_begin(url);
    if (!begin)
        return std::string(url);
    auto const end = std::min(url.size(), url.find_first_of("/?#", *begin));
    auto const at = url.substr(0, end).rfind('@');
    if (at == std::string_view::npos || at < *begin)
        return std::string(url);
    return with_user_masked(url, *begin, at);
}

std::string without_secrets(std::string_view url)
{
    auto const begin = authority_begin(url);
    if (!begin)
        return is_local(url) || url.find('@') == std::string_view::npos ? std::string(url) : std::string(mask);

    // A password with a slash or a question mark in it is ill-formed, and still a password: all up to the last @ goes.
    auto const at = url.rfind('@');
    auto shown = at == std::string_view::npos || at < *begin ? std::string(url) : with_user_masked(url, *begin, at);
    if (auto const query = shown.find('?'); query != std::string::npos)
        shown.replace(query + 1, std::string::npos, mask);
    return shown;
}

Broken public_url_rule(Settings& settings, std::string const& text)
{
    if (text.empty())
        return std::nullopt;
    auto const url = WebUrl::parse(text);
    if (!url)
        return "must be an http:// or https:// URL with a plain host name, without a wildcard";
    if (url->has_user || url->has_query || url->has_fragment || (!url->path.empty() && url->path != "/"))
        return "must have a scheme, a host and perhaps a port, and no user, password, path, query or fragment";
    if (!post::is_text_host(url->host))
        return fmt::format("must have a host of at most {} characters", post::longest_text_host);
    if (!url->https && !is_loopback(url->host))
        return "must be https:// unless its host is this machine: over http:// cookies and links could be read";
    settings.public_url = url->origin();
    return std::nullopt;
}

Broken login_url_rule(Settings& settings, std::string const& text)
{
    if (occurrences(text, token_placeholder) != 1)
        return "must contain {token} exactly once";
    auto const url = read_template(text);
    if (!url || url->has_user || url->host.find(some_token) != std::string::npos)
        return "must be an http:// or https:// URL, perhaps beginning with {public_url}, with {token} behind its "
               "host";
    settings.login_url = text;
    return std::nullopt;
}

Broken home_url_rule(Settings& settings, std::string const& text)
{
    auto const url = read_template(text);
    if (!url || url->has_user || occurrences(text, token_placeholder) != 0)
        return "must be an http:// or https:// URL, perhaps beginning with {public_url}";
    settings.home_url = text;
    return std::nullopt;
}

Broken smtp_rule(Settings& settings, std::string const& text)
{
    auto const url = boost::urls::parse_uri(text);
    if (!url || !is_plain_host(host_of(*url)) || (url->scheme() != "smtp" && url->scheme() != "smtps"))
        return "must be smtp://HOST or smtps://HOST with a plain host name, perhaps with USER:PASSWORD@ before it, "
               "percent-encoded, and :PORT behind";
    if (url->has_query() || url->has_fragment() || (!url->encoded_path().empty() && url->encoded_path() != "/"))
        return "must have nothing behind its host and port; any of / ? # : @ in a user or password is "
               "percent-encoded";
    if (auto const broken = broken_credentials(*url))
        return broken;
    auto server = mail_server(*url);
    if (!server)
        return "must have a port from 1 to 65535, or none";
    server->user = url->user();
    server->password = url->password();
    settings.smtp = std::move(server);
    return std::nullopt;
}

}
