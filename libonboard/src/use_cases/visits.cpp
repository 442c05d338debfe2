#include <onboard/onboard.hpp>

#include <array>
#include <memory>

#include "../audit.hpp"
#include "../unicode.hpp"
#include "../user_names.hpp"
#include "contact_codes.hpp"
#include "phone_codes.hpp"
#include "steps.hpp"
#include "user_accounts.hpp"

namespace onboard {

namespace {

// All that is known of somebody who has yet to enter a code.
struct Visitor {
    std::string issuer;
    std::string subject;
    PhoneNumber phone;
    bool phone_verified = false;
    std::optional<PersonName> name = {};
    std::optional<OrganisationId> organisation = {};
    Language language = Language::english;
    std::string target;
    Instant expires_at{};
};

// Line by line; no value has a line break in it.
std::string write(Visitor const& visitor)
{
    std::string text;
    auto const add = [&](std::string_view line) { (text += line) += '\n'; };
    add(visitor.issuer);
    add(visitor.subject);
    add(visitor.phone.e164());
    add(visitor.phone_verified ? "verified" : "");
    add(visitor.name ? visitor.name->first() : std::string());
    add(visitor.name ? visitor.name->last() : std::string());
    add(visitor.organisation ? visitor.organisation->str() : std::string());
    add(code_of(visitor.language));
    add(visitor.target);
    add(std::to_string(visitor.expires_at.time_since_epoch().count()));
    return text;
}

std::optional<PersonName> read_name(std::string const& first, std::string const& last)
{
    if (first.empty())
        return std::nullopt;
    return (last.empty() ? PersonName::parse(first) : PersonName::parse(first, last)).value();
}

// Of what write() has written.
Visitor read(std::string_view text)
{
    std::array<std::string, 10> lines;
    for (auto& line : lines) {
        auto const end = text.find('\n');
        line = text.substr(0, end);
        text.remove_prefix(end + 1);
    }
    auto const& [issuer, subject, phone, phone_verified, first_name, last_name, organisation, language, target, expires_at] =
        lines;
    return {
        .issuer = issuer,
        .subject = subject,
        .phone = PhoneNumber::from_storage(phone).value(),
        .phone_verified = !phone_verified.empty(),
        .name = read_name(first_name, last_name),
        .organisation =
            organisation.empty() ? std::nullopt : std::optional(OrganisationId::parse(organisation).value()),
        .language = parse_language(language).value(),
        .target = target,
        .expires_at = Instant(std::chrono::milliseconds(std::stoll(expires_at)))};
}

Result<Visitor> read_visit(Ports const& ports, std::string_view visit_token)
{
    auto const content = VisitToken::read(visit_token, ports.key);
    auto visitor = content ? std::optional(read(*content)) : std::nullopt;
    if (!visitor || ports.clock.now() >= visitor->expires_at)
        return refuse(Errc::link_unknown, "token");
    return *std::move(visitor);
}

// The code is good for this person of the portal alone, also if they come once more before it arrives; and says nothing
// of who that is.
std::string binding_of(Ports const& ports, std::string_view issuer, std::string_view subject)
{
    constexpr std::string_view digits = "0123456789abcdef";
    auto const digest = ports.key.digest(Purpose::visit, issuer, subject);
    std::string binding = "visit ";
    for (auto const byte : digest.bytes()) {
        binding += digits[std::to_integer<std::size_t>(byte >> 4)];
        binding += digits[std::to_integer<std::size_t>(byte & std::byte{0x0f})];
    }
    return binding;
}

// Whatever a token may have in it, a visit is written down line by line.
Result<void> check_lines(Visit const& visit)
{
    constexpr std::size_t longest_subject = 255;
    auto const is_line = [](std::string_view text) { return unicode::printable_length(text).has_value(); };
    if (visit.subject.empty() || visit.subject.size() > longest_subject || !is_line(visit.subject))
        return refuse(Errc::text_malformed, "subject");
    if (!is_line(visit.target))
        return refuse(Errc::text_malformed, "target");
    return {};
}

bool note_token(UnitOfWork& work, Ports const& ports, Visit const& visit)
{
    auto const digest = ports.key.digest(Purpose::used_token, visit.issuer, visit.token_id);
    return work.used_tokens().note(digest, visit.token_refused_from);
}

// A code that is on its way already is as good as a new one, where it is the number that has to wait: such a text was
// counted for nobody.
Result<void> text_code(UnitOfWork& work, Ports const& ports, Policy const& policy, Visit const& visit)
{
    auto const binding = binding_of(ports, visit.issuer, visit.subject);
    auto const sent = steps::text_code(
        work, ports, policy,
        {.phone = *visit.phone, .language = visit.language, .client = visit.client, .binding = binding});
    if (sent)
        return {};
    auto const has_to_wait = sent.error().code == Errc::attempts_spent && sent.error().field == "phone";
    if (has_to_wait && steps::any_contact_code(work, ports, *visit.phone, binding))
        return {};
    return sent.error();
}

Result<std::optional<OrganisationId>> read_organisation(std::string_view text)
{
    if (text.empty())
        return std::optional<OrganisationId>();
    auto id = OrganisationId::parse(text);
    if (!id)
        return refuse(Errc::organisation_unknown, "organisation");
    return std::optional(*std::move(id));
}

Result<VisitToken> begin_visit(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Visit const& visit, ChannelName const& channel)
{
    auto const organisation = read_organisation(visit.organisation);
    if (!organisation)
        return organisation.error();
    if (auto const home = steps::find_membership(work, policy, channel, *organisation); !home)
        return home.error();
    if (!visit.phone)
        return refuse(Errc::contact_missing, "phone");
    if (auto const texted = text_code(work, ports, policy, visit); !texted)
        return texted.error();
    Visitor const visitor{
        .issuer = std::string(visit.issuer),
        .subject = std::string(visit.subject),
        .phone = *visit.phone,
        .phone_verified = visit.phone_verified,
        .name = visit.name,
        .organisation = *organisation,
        .language = visit.language,
        .target = std::string(visit.target),
        .expires_at = ports.clock.now() + policy.code_life};
    return VisitToken::make(write(visitor), ports.key, ports.random);
}

// The account with the visitor's number, if it may be linked.
Result<std::optional<Account>> find_by_phone(UnitOfWork const& work, Policy const& policy, PhoneNumber const& phone)
{
    auto owner = work.accounts().find(phone);
    if (!owner || owner->status == AccountStatus::active)
        return owner;
    if (auto const free = steps::check_contact(work, policy, phone); !free)
        return free.error().code == Errc::phone_taken ? refuse(Errc::account_deleted, "phone") : free.error();
    return std::optional<Account>();
}

Result<Account> open(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Visitor const& visitor, ChannelName const& channel,
    std::string_view base)
{
    auto membership = steps::find_membership(work, policy, channel, visitor.organisation);
    if (!membership)
        return membership.error();
    auto account = steps::new_account(ports, visitor.phone, visitor.language);
    account.name = visitor.name;
    account.membership = *std::move(membership);
    if (!steps::open_account(work, ports, policy, account, base))
        throw StorageConflict("somebody took the telephone number while it was looked for");
    audit::record(work, ports, {{.event = AuditEvent::account_opened, .account = account.id}});
    return account;
}

// Who the visitor is here: known by their identity, by their number, or not at all until now.
Result<Account> find_or_open(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Visitor const& visitor, ChannelName const& channel,
    std::string_view base)
{
    auto owner = steps::find_owner(work, policy, visitor.issuer, visitor.subject);
    if (!owner)
        return owner.error();
    if (*owner)
        return **std::move(owner);
    auto const namesake = find_by_phone(work, policy, visitor.phone);
    if (!namesake)
        return namesake.error();
    auto account = *namesake ? Result<Account>(**namesake) : open(work, ports, policy, visitor, channel, base);
    auto const may_link =
        !*namesake || (visitor.phone_verified && !steps::is_known_to(work, (*namesake)->id, visitor.issuer));
    if (account && may_link)
        steps::link_identity(work, ports, policy, account->id, visitor.issuer, visitor.subject);
    return account;
}

// With a guess that is counted already.
Result<FinishedVisit> enter_code(
    Ports const& ports, Policy const& policy, Visitor const& visitor, std::string_view typed,
    std::string_view previous, std::string_view base, Result<int> const& left)
{
    auto work = ports.storage.begin();
    auto const binding = binding_of(ports, visitor.issuer, visitor.subject);
    auto const code = steps::spend_texted_code(*work, ports, visitor.phone, binding, typed, left);
    if (!code)
        return code.error();

    auto const issuer = work->token_issuers().find(visitor.issuer);
    auto const account = issuer ? find_or_open(*work, ports, policy, visitor, issuer->channel, base)
                                : Result<Account>(refuse(Errc::link_unknown, "token"));
    if (!account) {
        // The code was right: it stays good, and the guess costs nothing.
        work.reset();
        steps::give_back_code_try(ports, visitor.phone);
        return account.error();
    }
    steps::note_answered_text(*work, visitor.phone, *code);
    auto session = steps::open_session(*work, ports, policy, *account, std::nullopt, previous, "a code to a visitor");
    work->commit();
    return FinishedVisit{.session = std::move(session), .target = visitor.target};
}

}

Result<TokenIssuer> Onboarding::token_issuer(std::string_view name)
{
    auto issuer = ports_.storage.begin_reading()->token_issuers().find(name);
    if (!issuer)
        return refuse(Errc::issuer_unknown, "issuer");
    return *std::move(issuer);
}

Result<Arrival> Onboarding::arrive(Visit const& visit)
{
    if (auto const lines = check_lines(visit); !lines)
        return lines.error();
    auto const work = ports_.storage.begin();
    auto const issuer = work->token_issuers().find(visit.issuer);
    if (!issuer)
        return refuse(Errc::issuer_unknown, "issuer");
    if (!note_token(*work, ports_, visit))
        return refuse(Errc::token_spent, "token");
    auto const owner = steps::find_owner(*work, policy_, visit.issuer, visit.subject);
    if (!owner)
        return owner.error();
    Arrival arrival;
    if (*owner) {
        arrival.session =
            steps::open_session(*work, ports_, policy_, **owner, std::nullopt, visit.previous, "a portal's token");
    } else {
        auto begun = begin_visit(*work, ports_, policy_, visit, issuer->channel);
        if (!begun)
            return begun.error();
        arrival.visit = *std::move(begun);
    }
    work->commit();
    return arrival;
}

Result<PendingVisit> Onboarding::pending_visit(std::string_view visit_token)
{
    auto visitor = read_visit(ports_, visit_token);
    if (!visitor)
        return visitor.error();
    return PendingVisit{
        .issuer = std::move(visitor->issuer),
        .name = std::move(visitor->name),
        .phone = std::move(visitor->phone),
        .language = visitor->language};
}

Result<FinishedVisit>
Onboarding::finish_visit(std::string_view visit_token, std::string_view code, std::string_view previous)
{
    auto const visitor = read_visit(ports_, visit_token);
    if (!visitor)
        return visitor.error();
    auto const base =
        visitor->name ? user_name_base(visitor->name->first(), visitor->name->last()) : user_name_base({});
    auto const left = steps::count_code_try(ports_, policy_, visitor->phone);
    return steps::unless_conflicting(
        ports_, visitor->phone, [&] { return enter_code(ports_, policy_, *visitor, code, previous, base, left); });
}

}
