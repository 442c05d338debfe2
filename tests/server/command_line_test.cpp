#include "server/commands/command_line.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "support/catch.hpp"

using namespace onboard::server;
using Catch::Matchers::Contains;
using onboard::LinkExisting;
using onboard::Right;
using onboard::Rights;
using Words = std::vector<std::string>;

namespace {

std::variant<CommandLine, NothingToRun> parse(Words const& words)
{
    std::vector<char const*> arguments{"onboard-server"};
    for (auto const& word : words)
        arguments.push_back(word.c_str());
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

CommandLine understood(Words const& words)
{
    auto const parsed = parse(words);
    if (auto const nothing = std::get_if<NothingToRun>(&parsed))
        FAIL(nothing->err);
    return std::get<CommandLine>(parsed);
}

template <class T>
T command(Words const& words)
{
    auto const line = understood(words);
    if constexpr (std::is_constructible_v<Administrative, T>) {
        auto const& administrative = std::get<Administrative>(line.command);
        REQUIRE(std::holds_alternative<T>(administrative));
        return std::get<T>(administrative);
    } else {
        REQUIRE(std::holds_alternative<T>(line.command));
        return std::get<T>(line.command);
    }
}

}

TEST_CASE("a partner gets the three usual rights unless others are named")
{
    auto const usual = command<PartnerAdd>({"partner", "add", "acme"});
    CHECK(usual.name == "acme");
    CHECK(usual.rights == Rights{Right::partner, Right::sso, Right::sunbird});
    CHECK(usual.link_existing == LinkExisting::confirm);

    auto const chosen = command<PartnerAdd>(
        {"partner", "add", "--right", "redeem", "acme", "--right", "partner", "--link-existing", "refuse"});
    CHECK(chosen.name == "acme");
    CHECK(chosen.rights == Rights{Right::redeem, Right::partner});
    CHECK(chosen.link_existing == LinkExisting::refuse);
}

TEST_CASE("revoking spares all tokens but the oldest only when told so")
{
    CHECK(command<PartnerRevoke>({"partner", "revoke", "acme"}).tokens == Revoked::all);
    CHECK(command<PartnerRevoke>({"partner", "revoke", "acme", "--oldest"}).tokens == Revoked::oldest);
}

TEST_CASE("a move names both databases")
{
    auto const move = std::get<Migrate>(
        understood({"migrate", "--from", "sqlite:onboard.db", "--to", "postgresql://host/db"}).command);
    CHECK(move.from == "sqlite:onboard.db");
    CHECK(move.to == "postgresql://host/db");
    CHECK(std::get<Migrate>(understood({"migrate"}).command).from.empty());
}

TEST_CASE("each command is understood")
{
    CHECK(std::holds_alternative<Serve>(understood({"serve"}).command));
    CHECK(std::holds_alternative<CheckConfig>(understood({"check-config"}).command));
    CHECK(std::holds_alternative<Migrate>(understood({"migrate"}).command));
    CHECK(command<PartnerRotate>({"partner", "rotate", "acme"}).name == "acme");
    CHECK(command<PartnerList>({"partner", "list"}).listing == Listing::aligned);
    CHECK(command<PartnerList>({"partner", "list", "--json"}).listing == Listing::json);
    CHECK(command<PlanAdd>({"plan", "add", "P1", "--partner", "acme"}).code == "P1");
    CHECK(command<PlanAdd>({"plan", "add", "P1", "--partner", "acme"}).partner == "acme");
    CHECK(command<PlanClose>({"plan", "close", "P1"}).code == "P1");
    CHECK(command<PlanList>({"plan", "list", "--json"}).listing == Listing::json);
    auto const channel =
        command<ChannelAdd>({"channel", "add", "kerala", "--organisation", "a", "--organisation", "b"});
    CHECK(channel.name == "kerala");
    CHECK(channel.organisations == std::vector<std::string>{"a", "b"});
    CHECK(command<ChannelList>({"channel", "list", "--json"}).listing == Listing::json);
    auto const issuer = command<IssuerAdd>(
        {"issuer", "add", "https://state.example", "--public-key", "key.pem", "--channel", "kerala", "--audience",
         "https://onboard.example"});
    CHECK(issuer.name == "https://state.example");
    CHECK(issuer.public_key == "key.pem");
    CHECK(issuer.channel == "kerala");
    CHECK(issuer.audience == "https://onboard.example");
    CHECK(command<IssuerRemove>({"issuer", "remove", "https://state.example"}).name == "https://state.example");
    CHECK(command<IssuerList>({"issuer", "list"}).listing == Listing::aligned);
    CHECK(command<UserShow>({"user", "show", "jane@example.com", "--json"}).person == "jane@example.com");
    CHECK(command<UserShow>({"user", "show", "+32470123456"}).person == "+32470123456");
    CHECK(command<UserBlock>({"user", "block", "jane@example.com"}).person == "jane@example.com");
    CHECK(command<UserUnblock>({"user", "unblock", "jane@example.com"}).person == "jane@example.com");
    CHECK(command<UserDelete>({"user", "delete", "jane@example.com"}).person == "jane@example.com");

    CHECK(command<OutboxList>({"outbox", "list"}).listing == Listing::aligned);
    CHECK(command<OutboxList>({"outbox", "list", "--json"}).listing == Listing::json);
    CHECK(command<OutboxRetry>({"outbox", "retry"}).id.empty());
    CHECK(command<OutboxRetry>({"outbox", "retry", "an-id"}).id == "an-id");
    command<AuditVerify>({"audit", "verify"});
    CHECK(command<AuditList>({"audit", "list"}).last == 50);
    CHECK(command<AuditList>({"audit", "list", "--last", "7", "--json"}).last == 7);
    CHECK(command<AuditList>({"audit", "list", "--json"}).listing == Listing::json);
}

TEST_CASE("settings may stand before or behind any command")
{
    auto const [why, words] = GENERATE(table<char const*, Words>({
        {"behind", {"serve", "--database", "sqlite:a.db", "--config", "a.toml", "--otp-digits=8"}},
        {"before", {"--database=sqlite:a.db", "--config", "a.toml", "--otp-digits", "8", "serve"}},
        {"behind a listing",
         {"partner", "list", "--config", "a.toml", "--otp-digits", "8", "--database", "sqlite:a.db"}},
        {"between", {"partner", "--otp-digits", "8", "add", "acme", "--database", "sqlite:a.db", "--config=a.toml"}},
    }));
    INFO(why);

    auto const line = understood(words);

    CHECK(line.flags == std::map<std::string, std::string>{{"database", "sqlite:a.db"}, {"otp_digits", "8"}});
    CHECK(line.config == "a.toml");
}

TEST_CASE("a value is taken as it stands, whatever it looks like")
{
    auto const line = understood(
        {"serve", "--otp-digits", "-1", "--listen", "[::1]:0", "--public-url", "", "--trusted-proxies",
         "10.0.0.1,::1", "--home-url", "{public_url}/a b"});

    CHECK(line.flags.at("otp_digits") == "-1");
    CHECK(line.flags.at("listen") == "[::1]:0");
    CHECK(line.flags.at("public_url").empty());
    CHECK(line.flags.at("trusted_proxies") == "10.0.0.1,::1");
    CHECK(line.flags.at("home_url") == "{public_url}/a b");
}

TEST_CASE("wrong usage is told in one line, and nothing is run")
{
    auto const [why, words, told] = GENERATE(table<char const*, Words, char const*>({
        {"nothing", {}, "required"},
        {"half a command", {"partner"}, "required"},
        {"an unknown command", {"dance"}, "dance: no such command"},
        {"no entry of the audit trail", {"audit", "list", "--last", "0"}, "--last"},
        {"an unknown flag", {"serve", "--dance"}, "--dance: no such flag"},
        {"a flag cut short", {"serve", "--publ", "x"}, "--publ: no such flag"},
        {"a flag of another command", {"partner", "list", "--oldest"}, "--oldest: no such flag"},
        {"a flag without its value", {"serve", "--listen"}, "--listen"},
        {"a setting twice", {"serve", "--log", "info", "--log", "warn"}, "--log"},
        {"no name", {"partner", "add"}, "NAME is required"},
        {"a name too many", {"partner", "add", "acme", "other"}, "other: not expected"},
        {"an unknown right", {"partner", "add", "acme", "--right", "all"}, "--right"},
        {"no key for an issuer", {"issuer", "add", "https://state.example", "--channel", "kerala"}, "--public-key"},
        {"no partner for a plan", {"plan", "add", "P1"}, "--partner is required"},
        {"a move to nowhere", {"migrate", "--from", "sqlite:onboard.db"}, "--to"},
        {"a move from nowhere", {"migrate", "--to", "postgresql://host/db"}, "--from"},
        {"two commands", {"serve", "migrate"}, "migrate: not expected"},
        {"a line break", {"se\nrve"}, "no such command"},
    }));
    INFO(why);

    auto const parsed = parse(words);

    REQUIRE(std::holds_alternative<NothingToRun>(parsed));
    auto const& nothing = std::get<NothingToRun>(parsed);
    CHECK(nothing.exit_code == 2);
    CHECK(nothing.out.empty());
    CHECK_THAT(nothing.err, Contains(told) && Catch::EndsWith("; see onboard-server --help\n"));
    CHECK(std::ranges::count(nothing.err, '\n') == 1);
}

TEST_CASE("a secret behind a misspelt flag is not repeated")
{
    auto const parsed = parse({"serve", "--sms-tokn=hush"});

    CHECK_THAT(std::get<NothingToRun>(parsed).err, !Contains("hush"));
}

TEST_CASE("help and version are answers, not mistakes")
{
    auto const [words, told] = GENERATE(table<Words, char const*>({
        {{"--help"}, "--public-url"},
        {{"partner", "add", "--help"}, "onboard-server partner add"},
        {{"serve", "-h"}, "onboard-server serve"},
        {{"--version"}, "onboard-server "},
    }));
    INFO(words.front());

    auto const parsed = parse(words);

    auto const& nothing = std::get<NothingToRun>(parsed);
    CHECK(nothing.exit_code == 0);
    CHECK(nothing.err.empty());
    CHECK_THAT(nothing.out, Contains(told));
}
