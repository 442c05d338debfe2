#include "server/commands/command_line.hpp"

#include <algorithm>
#include <functional>

#include <CLI/CLI.hpp>

#include "server/settings/settings.hpp"

#ifndef ONBOARD_VERSION
#define ONBOARD_VERSION "unknown"
#endif

// CLI11 reads flags and commands here and nothing else: its own configuration files beat environment variables, and
// let misspelt keys pass.
namespace onboard::server {
namespace {

constexpr auto version = "onboard-server " ONBOARD_VERSION "\n";
constexpr auto settings_hint = "Every command takes every setting, before or behind it: see onboard-server --help.\n";

// What the command line fills in while it is read, and which command it turned out to be.
struct Draft {
    CommandLine line{.command = Serve{}};
    std::map<std::string, std::string> settings;
    std::string config;

    std::string name;
    std::string partner;
    std::string from;
    std::string to;
    std::vector<std::string> rights;
    std::vector<std::string> organisations;
    std::string public_key;
    std::string channel;
    std::string audience;
    std::string link_existing = "confirm";
    bool oldest = false;
    int last = AuditList{}.last;
    bool json = false;

    Listing listing() const { return json ? Listing::json : Listing::aligned; }
};

constexpr std::array all_links{LinkExisting::refuse, LinkExisting::confirm, LinkExisting::trust};

template <class Choices>
std::vector<std::string> names_of(Choices const& choices)
{
    std::vector<std::string> names(std::size(choices));
    std::ranges::transform(choices, names.begin(), [](auto choice) { return name_of(choice); });
    return names;
}

template <class Choices>
auto chosen(Choices const& choices, std::string_view name)
{
    return *std::ranges::find_if(choices, [&](auto choice) { return name_of(choice) == name; });
}

PartnerAdd partner_add(Draft const& draft)
{
    auto command = PartnerAdd{.name = draft.name, .link_existing = chosen(all_links, draft.link_existing)};
    if (draft.rights.empty())
        return command;

    std::uint8_t bits = 0;
    for (auto const& name : draft.rights)
        bits |= static_cast<std::uint8_t>(chosen(all_rights, name));
    command.rights = Rights::from_bits(bits);
    return command;
}

CLI::App& group(CLI::App& parent, std::string const& name, std::string const& description)
{
    auto& command = *parent.add_subcommand(name, description);
    command.require_subcommand(1);
    return command;
}

// A command, and how to make it of the draft once all of the line is read.
CLI::App& command(
    CLI::App& parent, std::string const& name, std::string const& description, Draft& draft,
    std::function<Command(Draft const&)> make)
{
    auto& added = *parent.add_subcommand(name, description);
    added.footer(settings_hint);
    added.final_callback([&draft, make = std::move(make)] { draft.line.command = make(draft); });
    return added;
}

void takes_name(CLI::App& command, Draft& draft, std::string const& placeholder)
{
    command.add_option(placeholder, draft.name)->required();
}

void takes_json(CLI::App& command, Draft& draft)
{
    command.add_flag("--json", draft.json, "print JSON");
}

void add_partner_commands(CLI::App& app, Draft& draft)
{
    auto& partner = group(app, "partner", "partners and their bearer tokens");

    auto& add = command(partner, "add", "make a partner, and print its bearer token", draft, partner_add);
    takes_name(add, draft, "NAME");
    add.add_option("--right", draft.rights, "what it may ask for; partner, sso and sunbird if none is given")
        ->check(CLI::IsMember(names_of(all_rights)))
        ->allow_extra_args(false);
    add.add_option("--link-existing", draft.link_existing, "for people whom another partner made")
        ->check(CLI::IsMember(names_of(all_links)));

    auto& rotate = command(
        partner, "rotate", "print one more token; the earlier ones go on working", draft,
        [](Draft const& read) { return PartnerRotate{read.name}; });
    takes_name(rotate, draft, "NAME");

    auto& revoke = command(partner, "revoke", "end the partner's tokens", draft, [](Draft const& read) {
        return PartnerRevoke{read.name, read.oldest ? Revoked::oldest : Revoked::all};
    });
    takes_name(revoke, draft, "NAME");
    revoke.add_flag("--oldest", draft.oldest, "only the oldest that still works");

    auto& list = command(
        partner, "list", "all partners", draft, [](Draft const& read) { return PartnerList{read.listing()}; });
    takes_json(list, draft);
}

void add_plan_commands(CLI::App& app, Draft& draft)
{
    auto& plan = group(app, "plan", "bike plan codes");

    auto& add = command(plan, "add", "open a plan code for a partner", draft, [](Draft const& read) {
        return PlanAdd{read.name, read.partner};
    });
    takes_name(add, draft, "CODE");
    add.add_option("--partner", draft.partner, "NAME of the partner")->required();

    auto& close =
        command(plan, "close", "close a plan code", draft, [](Draft const& read) { return PlanClose{read.name}; });
    takes_name(close, draft, "CODE");

    auto& list =
        command(plan, "list", "all plan codes", draft, [](Draft const& read) { return PlanList{read.listing()}; });
    takes_json(list, draft);
}

void add_channel_commands(CLI::App& app, Draft& draft)
{
    auto& channel = group(app, "channel", "root organisations, by channel, and the organisations below them");

    auto& add = command(channel, "add", "make a channel, or add organisations to one", draft, [](Draft const& read) {
        return ChannelAdd{read.name, read.organisations};
    });
    takes_name(add, draft, "NAME");
    add.add_option("--organisation", draft.organisations, "ID of an organisation in it")->allow_extra_args(false);

    auto& list = command(
        channel, "list", "all channels", draft, [](Draft const& read) { return ChannelList{read.listing()}; });
    takes_json(list, draft);
}

void add_issuer_commands(CLI::App& app, Draft& draft)
{
    auto& issuer = group(app, "issuer", "portals whose signed tokens are accepted");

    auto& add = command(issuer, "add", "accept the tokens of a portal", draft, [](Draft const& read) {
        return IssuerAdd{read.name, read.public_key, read.channel, read.audience};
    });
    takes_name(add, draft, "ISS");
    add.add_option("--public-key", draft.public_key, "PEM file: RSA for RS256, P-256 for ES256")->required();
    add.add_option("--channel", draft.channel, "NAME of the channel where its people belong")->required();
    add.add_option("--audience", draft.audience, "URL that its tokens are for; the public URL if none is given");

    auto& remove = command(issuer, "remove", "accept its tokens no more", draft, [](Draft const& read) {
        return IssuerRemove{read.name};
    });
    takes_name(remove, draft, "ISS");

    auto& list =
        command(issuer, "list", "all issuers", draft, [](Draft const& read) { return IssuerList{read.listing()}; });
    takes_json(list, draft);
}

void add_user_commands(CLI::App& app, Draft& draft)
{
    constexpr auto person = "EMAIL-OR-PHONE";
    auto& user = group(app, "user", "single people");

    auto& show = command(user, "show", "all that is known of a person", draft, [](Draft const& read) {
        return UserShow{read.name, read.listing()};
    });
    takes_name(show, draft, person);
    takes_json(show, draft);

    takes_name(
        command(
            user, "block", "refuse a person everywhere", draft,
            [](Draft const& read) { return UserBlock{read.name}; }),
        draft, person);
    takes_name(
        command(
            user, "unblock", "let a person in again", draft,
            [](Draft const& read) { return UserUnblock{read.name}; }),
        draft, person);
    takes_name(
        command(
            user, "delete", "delete a person; the address stays taken", draft,
            [](Draft const& read) { return UserDelete{read.name}; }),
        draft, person);
    takes_name(
        command(
            user, "erase", "delete a person, and overwrite the address and all else, too", draft,
            [](Draft const& read) { return UserErase{read.name}; }),
        draft, person);
    takes_name(
        command(
            user, "export", "print all that is held of a person, as JSON", draft,
            [](Draft const& read) { return UserExport{read.name}; }),
        draft, person);
}

void add_outbox_commands(CLI::App& app, Draft& draft)
{
    auto& outbox = group(app, "outbox", "letters that are not delivered");

    auto& list = command(
        outbox, "list", "letters that wait, were refused, or of which nobody knows", draft,
        [](Draft const& read) { return OutboxList{read.listing()}; });
    takes_json(list, draft);

    auto& retry = command(
        outbox, "retry", "let letters that were given up wait again: all that are not too old, or one", draft,
        [](Draft const& read) { return OutboxRetry{read.name}; });
    retry.add_option("ID", draft.name, "of a letter, as listed");
}

void add_audit_commands(CLI::App& app, Draft& draft)
{
    constexpr int most = 1'000'000;
    auto& audit = group(app, "audit", "what happened, for good");

    command(audit, "verify", "see whether anything was changed, dropped or swapped", draft, [](Draft const&) {
        return AuditVerify{};
    });

    auto& list = command(audit, "list", "the newest entries", draft, [](Draft const& read) {
        return AuditList{read.last, read.listing()};
    });
    list.add_option("--last", draft.last, "how many")->check(CLI::Range(1, most))->capture_default_str();
    takes_json(list, draft);
}

void add_settings(CLI::App& app, Draft& draft)
{
    app.add_option("--config", draft.config, "TOML file of settings")->group("Settings");
    for (auto const& setting : setting_names())
        app.add_option(setting.flag, draft.settings[setting.key], setting.description)->group("Settings");
}

void keep_what_was_given(CLI::App const& app, Draft& draft)
{
    for (auto const& setting : setting_names())
        if (app.count(setting.flag) > 0)
            draft.line.flags[setting.key] = draft.settings[setting.key];
    if (app.count("--config") > 0)
        draft.line.config = draft.config;
}

NothingToRun wrong_usage(std::string complaint)
{
    std::ranges::replace_if(
        complaint, [](unsigned char character) { return character < ' '; }, ' ');
    return {.exit_code = 2, .err = "onboard-server: " + complaint + "; see onboard-server --help\n"};
}

// The first argument that nothing could be made of. What stands behind its = is not repeated: it may be a secret.
std::optional<std::string> not_understood(CLI::App const& app, int argc, char const* const* argv)
{
    auto const left = app.remaining(true);
    for (auto index = 1; index < argc; ++index) {
        auto const argument = std::string(argv[index]);
        if (std::ranges::find(left, argument) == left.end())
            continue;
        if (argument.starts_with('-'))
            return argument.substr(0, argument.find('=')) + ": no such flag";
        return argument + (app.get_subcommands().empty() ? ": no such command" : ": not expected");
    }
    return std::nullopt;
}

// Help for the innermost command that was named.
std::string help_of(CLI::App const& app, std::string const& before = {})
{
    auto const named = app.get_subcommands();
    if (named.empty())
        return app.help(before);
    return help_of(*named.front(), before + (before.empty() ? "" : " ") + app.get_name());
}

}

std::variant<CommandLine, NothingToRun> parse_command_line(int argc, char const* const* argv)
{
    Draft draft;
    CLI::App app("Brings people on board: partners register and log in their users.", "onboard-server");
    app.fallthrough();
    app.require_subcommand(1);
    app.set_version_flag("--version", version);
    add_settings(app, draft);

    command(app, "serve", "run the server until SIGTERM or SIGINT", draft, [](Draft const&) { return Serve{}; });
    command(app, "check-config", "print the effective settings and what is wrong with them", draft, [](Draft const&) {
        return CheckConfig{};
    });
    auto& migrate =
        command(app, "migrate", "bring the database to the current schema, or move it", draft, [](Draft const& read) {
            return Migrate{read.from, read.to};
        });
    auto* const from = migrate.add_option("--from", draft.from, "sqlite:PATH to move everything from");
    auto* const to = migrate.add_option("--to", draft.to, "postgresql://HOST/DATABASE, with nothing in it");
    from->needs(to);
    to->needs(from);
    auto& backup = command(
        app, "backup", "copy the database into a new file, beside a running server", draft,
        [](Draft const& read) { return Backup{read.name}; });
    takes_name(backup, draft, "FILE");
    add_partner_commands(app, draft);
    add_plan_commands(app, draft);
    add_channel_commands(app, draft);
    add_issuer_commands(app, draft);
    add_user_commands(app, draft);
    add_outbox_commands(app, draft);
    add_audit_commands(app, draft);

    try {
        app.parse(argc, argv);
    } catch (CLI::CallForHelp const&) {
        return NothingToRun{.out = help_of(app)};
    } catch (CLI::CallForVersion const&) {
        return NothingToRun{.out = version};
    } catch (CLI::ParseError const& error) {
        return wrong_usage(not_understood(app, argc, argv).value_or(error.what()));
    }
    keep_what_was_given(app, draft);
    return std::move(draft.line);
}

}
