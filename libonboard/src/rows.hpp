#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include <onboard/storage.hpp>

#include "columns.hpp"

// Rows as what they stand for, from column `first` on: see columns.hpp.
namespace onboard::columns {

// The text of a statement, put together of parts when it is compiled. A static one is prepared once, like a literal.
class Joined {
public:
    consteval Joined(std::initializer_list<std::string_view> parts)
    {
        for (auto const part : parts)
            add(part);
    }

    // Columns, each with the name of its table before it.
    static consteval Joined columns_of(std::string_view table, std::string_view columns)
    {
        constexpr std::string_view comma = ", ";
        Joined joined{table, "."};
        for (auto end = columns.find(comma); end != std::string_view::npos; end = columns.find(comma)) {
            for (auto const part : {columns.substr(0, end), comma, table, std::string_view(".")})
                joined.add(part);
            columns.remove_prefix(end + comma.size());
        }
        joined.add(columns);
        return joined;
    }

    constexpr char const* text() const noexcept { return text_.data(); }
    constexpr operator std::string_view() const noexcept { return {text_.data(), size_}; }

private:
    constexpr void add(std::string_view part)
    {
        for (auto const character : part)
            text_.at(size_++) = character;
        text_.at(size_) = 0;
    }

    std::array<char, 1024> text_{};
    std::size_t size_ = 0;
};

// id, name, rights, link_existing, created_at
template <class Row>
Partner partner(Row const& row, int first)
{
    return {
        .id = row.template id<PartnerId>(first),
        .name = identifier<PartnerName>(row, first + 1),
        .rights = Rights::from_bits(static_cast<std::uint8_t>(row.integer(first + 2))),
        .link_existing = static_cast<LinkExisting>(row.integer(first + 3)),
        .created_at = row.instant(first + 4)};
}

// id, partner, digest, created_at, revoked_at
template <class Row>
StoredPartnerToken partner_token(Row const& row, int first)
{
    StoredPartnerToken token{
        .id = row.template id<PartnerTokenId>(first),
        .partner = row.template id<PartnerId>(first + 1),
        .digest = row.digest(first + 2),
        .created_at = row.instant(first + 3)};
    if (!row.is_null(first + 4))
        token.revoked_at = row.instant(first + 4);
    return token;
}

// code, partner, closed_at
template <class Row>
Plan plan(Row const& row, int first)
{
    return {
        .code = identifier<PlanCode>(row, first),
        .partner = row.template id<PartnerId>(first + 1),
        .open = row.is_null(first + 2)};
}

// The columns of account(), as a statement asks for them.
inline constexpr std::string_view account_columns =
    "id, handle, email, email_verified, phone, first_name, last_name, language, status, number, push_token,"
    " user_name, channel, organisation, generation, created_at, updated_at";

template <class Row>
Account account(Row const& row, int first)
{
    Account account{
        .id = row.template id<AccountId>(first),
        .handle = row.text(first + 1),
        .email = optional_email(row, first + 2),
        .phone = optional_phone(row, first + 4),
        .name = optional_person_name(row, first + 5, first + 6),
        .language = static_cast<Language>(row.integer(first + 7)),
        .status = static_cast<AccountStatus>(row.integer(first + 8)),
        .email_verified = row.integer(first + 3) != 0,
        .push_token = row.text(first + 10),
        .user_name = optional_identifier<UserName>(row, first + 11),
        .membership = optional_membership(row, first + 12),
        .generation = static_cast<int>(row.integer(first + 14)),
        .created_at = row.instant(first + 15),
        .updated_at = row.instant(first + 16)};
    if (!row.is_null(first + 9))
        account.number = row.integer(first + 9);
    return account;
}

// Hands on what an account's columns hold: handle, email, email_key, email_verified, phone and its key, first_name,
// last_name, language, status, number, push_token, user_name, channel, organisation, generation, created_at, updated_at.
// What only the host understands is Opaque, of which an empty one is none.
template <class Opaque, class Use>
auto with_values(Account const& account, Use use)
{
    auto const push_token =
        account.push_token.empty() ? std::nullopt : std::optional<Opaque>(Opaque{account.push_token});
    return use(
        account.handle, part(account.email, &EmailAddress::str), part(account.email, &EmailAddress::key),
        account.email_verified, part(account.phone, &PhoneNumber::e164), part(account.name, &PersonName::first),
        part(account.name, &PersonName::last), account.language, account.status, account.number, push_token,
        part(account.user_name, &UserName::str), channel_part(account.membership),
        organisation_part(account.membership), account.generation, account.created_at, account.updated_at);
}

// account, partner, generation, digest, expires_at, used_at; then first_name, last_name, language and the enrolment of a
// proposal, if there is one
template <class Row>
LoginLink login_link(Row const& row, int first)
{
    LoginLink link{
        .account = row.template id<AccountId>(first),
        .generation = static_cast<int>(row.integer(first + 2)),
        .digest = row.digest(first + 3),
        .expires_at = row.instant(first + 4),
        .used = !row.is_null(first + 5)};
    if (!row.is_null(first + 1))
        link.partner = row.template id<PartnerId>(first + 1);
    if (!row.is_null(first + 6))
        link.proposal = Proposal{
            .name = person_name(row, first + 6, first + 7),
            .language = static_cast<Language>(row.integer(first + 8)),
            .enrolment = enrolment(row, first + 9)};
    return link;
}

// account, partner, generation, digest, opened_at, seen_at, ended
template <class Row>
StoredSession session(Row const& row, int first)
{
    StoredSession session{
        .account = row.template id<AccountId>(first),
        .generation = static_cast<int>(row.integer(first + 2)),
        .digest = row.digest(first + 3),
        .opened_at = row.instant(first + 4),
        .seen_at = row.instant(first + 5),
        .ended = row.integer(first + 6) != 0};
    if (!row.is_null(first + 1))
        session.partner = row.template id<PartnerId>(first + 1);
    return session;
}

// account, partner, generation, digest, expires_at, used_at
template <class Row>
PasswordLink password_link(Row const& row, int first)
{
    PasswordLink link{
        .account = row.template id<AccountId>(first),
        .generation = static_cast<int>(row.integer(first + 2)),
        .digest = row.digest(first + 3),
        .expires_at = row.instant(first + 4),
        .used = !row.is_null(first + 5)};
    if (!row.is_null(first + 1))
        link.partner = row.template id<PartnerId>(first + 1);
    return link;
}

// account, partner, digest, expires_at
template <class Row>
StoredAuthCode auth_code(Row const& row, int first)
{
    return {
        .account = row.template id<AccountId>(first),
        .partner = row.template id<PartnerId>(first + 1),
        .digest = row.digest(first + 2),
        .expires_at = row.instant(first + 3)};
}

// account, email, digest, expires_at
template <class Row>
EmailChange email_change(Row const& row, int first)
{
    return {
        .account = row.template id<AccountId>(first),
        .email = email(row, first + 1),
        .digest = row.digest(first + 2),
        .expires_at = row.instant(first + 3)};
}

// Of all rows of channel and organisation, which come in this order; the second is none for a channel without any.
template <class Row>
std::vector<RootOrganisation> root_organisations(Row& rows)
{
    std::vector<RootOrganisation> roots;
    while (rows.next()) {
        auto channel = identifier<ChannelName>(rows, 0);
        if (roots.empty() || roots.back().channel != channel)
            roots.push_back({.channel = std::move(channel)});
        if (auto organisation = optional_identifier<OrganisationId>(rows, 1))
            roots.back().organisations.push_back(std::move(*organisation));
    }
    return roots;
}

// name, public_key, channel, audience, added_at
template <class Row>
TokenIssuer token_issuer(Row const& row, int first)
{
    return {
        .name = row.text(first),
        .public_key = row.text(first + 1),
        .channel = identifier<ChannelName>(row, first + 2),
        .audience = row.text(first + 3),
        .added_at = row.instant(first + 4)};
}

// issuer, subject, account, linked_at
template <class Row>
LinkedIdentity identity(Row const& row, int first)
{
    return {
        .issuer = row.text(first),
        .subject = row.text(first + 1),
        .account = row.template id<AccountId>(first + 2),
        .linked_at = row.instant(first + 3)};
}

// account, agreement, version, partner, given_at
template <class Row>
Consent consent(Row const& row, int first)
{
    Consent consent{
        .account = row.template id<AccountId>(first),
        .to = static_cast<Agreement>(row.integer(first + 1)),
        .version = row.text(first + 2),
        .given_at = row.instant(first + 4)};
    if (!row.is_null(first + 3))
        consent.partner = row.template id<PartnerId>(first + 3);
    return consent;
}

// strand, last, seal
template <class Row>
AuditStrand audit_strand(Row const& row, int first)
{
    return {
        .strand = static_cast<int>(row.integer(first)),
        .last = row.integer(first + 1),
        .seal = row.digest(first + 2)};
}

// strand, number, at, event, account, partner, detail, tag
template <class Row>
AuditEntry audit_entry(Row const& row, int first)
{
    AuditEntry entry{
        .strand = static_cast<int>(row.integer(first)),
        .number = row.integer(first + 1),
        .at = row.instant(first + 2),
        .event = static_cast<AuditEvent>(row.integer(first + 3)),
        .detail = row.text(first + 6)};
    if (!row.is_null(first + 4))
        entry.account = row.template id<AccountId>(first + 4);
    if (!row.is_null(first + 5))
        entry.partner = row.template id<PartnerId>(first + 5);
    // A tag of another size is nobody's, and will not fit.
    auto const tag = row.bytes(first + 7);
    std::ranges::copy(tag.substr(0, entry.tag.size()), reinterpret_cast<char*>(entry.tag.data()));
    return entry;
}

// For a statement that writes a tag.
inline std::string_view bytes_of(AuditTag const& tag) noexcept
{
    return {reinterpret_cast<char const*>(tag.data()), tag.size()};
}

// letter_id, kind, recipient, language, first_name, partner, expires_at
template <class Row>
Letter letter(Row const& row, int first)
{
    auto const kind = static_cast<LetterKind>(row.integer(first + 1));
    return {
        .id = row.text(first),
        .kind = kind,
        .to = recipient(row, first + 2, channel_of(kind)),
        .language = static_cast<Language>(row.integer(first + 3)),
        .first_name = row.text(first + 4),
        .partner = row.text(first + 5),
        .expires_at = row.instant(first + 6)};
}

// a letter, sealed_secret, attempts, fence
template <class Row>
ClaimedLetter claimed_letter(Row const& row, int first)
{
    return {
        .pending = {.letter = letter(row, first), .sealed_secret = std::string(row.bytes(first + 7))},
        .claim = {
            .letter_id = row.text(first),
            .attempt = static_cast<int>(row.integer(first + 8)),
            .fence = static_cast<int>(row.integer(first + 9))}};
}

// a letter, state, attempts, added_at, due_at, reason
template <class Row>
OutboxEntry outbox_entry(Row const& row, int first)
{
    return {
        .letter = letter(row, first),
        .state = static_cast<LetterState>(row.integer(first + 7)),
        .attempts = static_cast<int>(row.integer(first + 8)),
        .added_at = row.instant(first + 9),
        .due_at = row.instant(first + 10),
        .reason = row.text(first + 11)};
}

}
