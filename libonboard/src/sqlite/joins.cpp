#include "columns.hpp"
#include "stores.hpp"

namespace onboard::sqlite {

std::optional<PartnerOfToken> find_partner_of(Connection& connection, PartnerTokenId id)
{
    auto row = connection.query(
        "SELECT t.id, t.partner, t.digest, t.created_at, t.revoked_at,"
        " p.id, p.name, p.rights, p.link_existing, p.created_at"
        " FROM partner_tokens t JOIN partners p ON p.id = t.partner WHERE t.id = ?",
        id);
    if (!row.next())
        return std::nullopt;
    return PartnerOfToken{.token = partner_token(row, 0), .partner = partner(row, 5)};
}

namespace {

// Out here, because clang 14 breaks down over it in the function.
constexpr Joined by_session{
    "SELECT s.account, s.partner, s.generation, s.digest, s.opened_at, s.seen_at, s.ended, p.name,"
    " e.account, e.plan, e.contract_type, e.person_id, e.personnel_number, e.additional_data, ",
    Joined::columns_of("a", account_columns),
    " FROM sessions s JOIN accounts a ON a.id = s.account LEFT JOIN partners p ON p.id = s.partner"
    " LEFT JOIN enrolments e ON e.account = s.account AND e.partner = s.partner WHERE s.id = ?"};

}

std::optional<PersonOfSession> find_person_of(Connection& connection, SessionId id)
{
    auto row = connection.query(by_session.text(), id);
    if (!row.next())
        return std::nullopt;
    PersonOfSession person{.session = session(row, 0), .account = account(row, 14)};
    person.partner = optional_identifier<PartnerName>(row, 7);
    if (!row.is_null(8))
        person.enrolment = enrolment(row, 9);
    return person;
}

}
