#include <fstream>
#include <iterator>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <onboard/jwt.hpp>

#include "server/commands/administer.hpp"

namespace onboard::server {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_file = 65536;

std::optional<std::string> read_file(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string text(longest_file + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || !file.eof())
        return std::nullopt;
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

std::string_view rule_of(jwt::KeyFault fault)
{
    switch (fault) {
    case jwt::KeyFault::secret: return "holds a private key: keep that where it belongs, and give the public one";
    case jwt::KeyFault::kind_unknown: return "must be an RSA key, or one on the curve P-256";
    case jwt::KeyFault::too_small: return "must have 2048 bits or more";
    case jwt::KeyFault::too_large: return "must have 8192 bits or fewer";
    case jwt::KeyFault::exponent_unsafe:
    case jwt::KeyFault::invalid: return "is not a key that is safe to use";
    default: return "must be one public key in PEM, as `openssl pkey -pubout` writes it";
    }
}

std::string algorithm_of(TokenIssuer const& issuer)
{
    auto const key = jwt::VerificationKey::from_pem(issuer.public_key);
    return std::string(key ? name_of(key->algorithm()) : "unusable");
}

}

int perform(Administration& administration, IssuerAdd const& command, Terminal const& terminal)
{
    auto const channel = ChannelName::parse(command.channel);
    if (!channel)
        return refuse_command(terminal, "--channel", Errc::channel_unknown);
    auto pem = read_file(command.public_key);
    if (!pem)
        return refuse_command(terminal, fmt::format("--public-key: cannot read {}", command.public_key));
    auto const key = jwt::VerificationKey::from_pem(*pem);
    if (!key)
        return refuse_command(terminal, fmt::format("--public-key {}", rule_of(key.error())));

    auto const added = administration.add_issuer(
        {.name = command.name, .public_key = *std::move(pem), .channel = *channel, .audience = command.audience});
    if (!added)
        return refuse_command(
            terminal, added.error().code == Errc::channel_unknown ? "--channel" : "ISS", added.error().code);
    terminal.out << fmt::format(
        "Tokens of {} are accepted, signed with {}.\n", command.name, name_of(key->algorithm()));
    return 0;
}

int perform(Administration& administration, IssuerRemove const& command, Terminal const& terminal)
{
    if (auto const removed = administration.remove_issuer(command.name); !removed)
        return refuse_command(terminal, "ISS", removed.error().code);
    terminal.out << fmt::format("Tokens of {} are accepted no more.\n", command.name);
    return 0;
}

int perform(Administration& administration, IssuerList const& command, Terminal const& terminal)
{
    json::array objects;
    std::vector<std::vector<std::string>> rows{{"ISSUER", "ALGORITHM", "CHANNEL", "AUDIENCE", "ADDED"}};
    for (auto const& issuer : administration.issuers()) {
        auto const algorithm = algorithm_of(issuer);
        objects.push_back(json::object{
            {"name", issuer.name},
            {"algorithm", algorithm},
            {"channel", issuer.channel.str()},
            {"audience", issuer.audience.empty() ? json::value(nullptr) : json::value(issuer.audience)},
            {"addedAt", written(issuer.added_at)}});
        rows.push_back(
            {issuer.name, algorithm, issuer.channel.str(),
             issuer.audience.empty() ? "the public URL" : issuer.audience, written(issuer.added_at)});
    }

    if (command.listing == Listing::json)
        terminal.out << objects << '\n';
    else
        print_aligned(terminal.out, rows);
    return 0;
}

}
