#include "interleavings/planted_bugs.hpp"

#include <algorithm>
#include <array>

namespace onboard::interleavings {

namespace {

constexpr auto bug_count = static_cast<std::size_t>(Bug::count_);

constexpr std::array<std::string_view, bug_count> names{
    "none",
    "link spent in two steps",
    "token noted in two steps",
    "account written back",
    "revoked token remembered",
    "generation not compared",
    "expiry judged early",
    "guess counted too late",
    "replaced code still good",
    "change of address mixed up",
    "unfinished work is seen",
    "each call reads anew",
};

}

std::span<Bug const> all_bugs() noexcept
{
    static auto const bugs = [] {
        std::array<Bug, bug_count - 1> all{};
        for (std::size_t index = 0; index < all.size(); ++index)
            all[index] = static_cast<Bug>(index + 1);
        return all;
    }();
    return bugs;
}

std::string_view name_of(Bug bug) noexcept
{
    return names[static_cast<std::size_t>(bug)];
}

std::optional<Bug> bug_named(std::string_view name) noexcept
{
    auto const found = std::ranges::find(names, name);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Bug>(found - names.begin()));
}

// Where a mistake lies in a store, the question has to be put to that store.
std::optional<PartnerOfToken> FaultyWork::partner_of(PartnerTokenId id) const
{
    if (mistakes_.bug != Bug::none)
        return UnitOfWork::partner_of(id);
    return const_cast<FaultyWork&>(*this).reach("partner_of").partner_of(id);
}

std::optional<PersonOfSession> FaultyWork::person_of(SessionId id) const
{
    if (mistakes_.bug != Bug::none)
        return UnitOfWork::person_of(id);
    return const_cast<FaultyWork&>(*this).reach("person_of").person_of(id);
}

std::optional<StoredPartnerToken> FaultyWork::FaultyPartners::find_token(PartnerTokenId id) const
{
    if (!work_.is(Bug::revoked_token_remembered))
        return ForwardingPartners::find_token(id);
    auto& remembered = work_.mistakes_.partner_tokens;
    if (!remembered.contains(id))
        remembered.emplace(id, ForwardingPartners::find_token(id));
    return remembered.at(id);
}

Result<void> FaultyWork::FaultyAccounts::update(Account const& account)
{
    if (work_.is(Bug::account_written_back))
        work_.let_others_write();
    return ForwardingAccounts::update(account);
}

std::optional<LoginLink> FaultyWork::FaultyLoginLinks::find(LoginLinkId id) const
{
    auto link = ForwardingLoginLinks::find(id);
    if (link && work_.is(Bug::generation_not_compared))
        if (auto const account = work_.accounts().find(link->account))
            link->generation = account->generation;
    return link;
}

bool FaultyWork::FaultyLoginLinks::spend(LoginLinkId id, Instant now)
{
    if (!work_.is(Bug::link_spent_in_two_steps))
        return ForwardingLoginLinks::spend(id, now);
    auto const link = find(id);
    work_.let_others_write();
    ForwardingLoginLinks::spend(id, now);
    return link && !link->used && now < link->expires_at;
}

std::optional<StoredSession> FaultyWork::FaultySessions::find(SessionId id) const
{
    auto session = ForwardingSessions::find(id);
    if (session && work_.is(Bug::generation_not_compared))
        if (auto const account = work_.accounts().find(session->account))
            session->generation = account->generation;
    return session;
}

bool FaultyWork::FaultyPasswordLinks::spend(PasswordLinkId id, Instant now)
{
    if (!work_.is(Bug::link_spent_in_two_steps))
        return ForwardingPasswordLinks::spend(id, now);
    auto const link = find(id);
    work_.let_others_write();
    ForwardingPasswordLinks::spend(id, now);
    return link && !link->used && now < link->expires_at;
}

void FaultyWork::FaultyCodes::add(Code const& code)
{
    ForwardingCodes::add(code);
    if (work_.is(Bug::replaced_code_still_good))
        work_.mistakes_.codes.push_back(
            ForwardingCodes::alive(code.purpose, code.subject, code.expires_at - std::chrono::milliseconds(1))
                .front());
}

std::vector<Code> FaultyWork::FaultyCodes::alive(Purpose purpose, std::string_view subject, Instant now) const
{
    auto codes = ForwardingCodes::alive(purpose, subject, now);
    for (auto const& code : work_.mistakes_.codes)
        if (code.purpose == purpose && code.subject == subject && now < code.expires_at &&
            std::ranges::none_of(codes, [&](Code const& known) { return known.id == code.id; }))
            codes.push_back(code);
    return codes;
}

Tries FaultyWork::FaultyCodes::count_tries(
    Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses)
{
    auto const tries = ForwardingCodes::count_tries(purpose, subject, now, window, guesses);
    if (work_.is(Bug::guess_counted_too_late)) {
        for (int guess = 0; guess < guesses; ++guess)
            ForwardingCodes::give_back_try(purpose, subject);
        work_.mistakes_.owed().push_back(
            {.purpose = purpose, .subject = std::string(subject), .now = now, .window = window, .guesses = guesses});
    }
    return tries;
}

void FaultyWork::FaultyCodes::give_back_try(Purpose purpose, std::string_view subject)
{
    auto& owed = work_.mistakes_.owed();
    auto const its = std::ranges::find_if(
        owed, [&](auto const& guess) { return guess.purpose == purpose && guess.subject == subject; });
    if (its == owed.end())
        ForwardingCodes::give_back_try(purpose, subject);
    else
        owed.erase(its);
}

bool FaultyWork::FaultyCodes::spend(CodeId id, Instant now)
{
    auto const of_store = ForwardingCodes::spend(id, now);
    return std::erase_if(work_.mistakes_.codes, [id](Code const& code) { return code.id == id; }) > 0 || of_store;
}

bool FaultyWork::FaultyEmailChanges::spend(AccountId account, Digest const& digest, Instant now)
{
    if (!work_.is(Bug::change_of_address_mixed_up))
        return ForwardingEmailChanges::spend(account, digest, now);
    work_.let_others_write();
    auto const waiting = find(account);
    return waiting && ForwardingEmailChanges::spend(account, waiting->digest, now);
}

bool FaultyWork::FaultyUsedTokens::note(Digest const& token, Instant until)
{
    if (!work_.is(Bug::token_noted_in_two_steps))
        return ForwardingUsedTokens::note(token, until);
    auto const& bytes = token.bytes();
    std::string const key(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    if (work_.mistakes_.noted_tokens.contains(key))
        return false;
    work_.let_others_write();
    work_.mistakes_.noted_tokens.insert(key);
    ForwardingUsedTokens::note(token, until);
    return true;
}

}
