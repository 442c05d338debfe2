#pragma once

#include <onboard/storage.hpp>

#include "columns.hpp"

// Rows as what they stand for, from column `first` on: see columns.hpp.
namespace onboard::columns {

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

// id, handle, email, first_name, last_name, language, status, generation, created_at, updated_at
template <class Row>
Account account(Row const& row, int first)
{
    return {
        .id = row.template id<AccountId>(first),
        .handle = row.text(first + 1),
        .email = email(row, first + 2),
        .name = person_name(row, first + 3, first + 4),
        .language = static_cast<Language>(row.integer(first + 5)),
        .status = static_cast<AccountStatus>(row.integer(first + 6)),
        .generation = static_cast<int>(row.integer(first + 7)),
        .created_at = row.instant(first + 8),
        .updated_at = row.instant(first + 9)};
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

// letter_id, kind, recipient, language, first_name, partner, expires_at
template <class Row>
Letter letter(Row const& row, int first)
{
    return {
        .id = row.text(first),
        .kind = static_cast<LetterKind>(row.integer(first + 1)),
        .to = email(row, first + 2),
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
