#include "stores.hpp"

#include "../rows.hpp"

namespace onboard::postgres {

std::optional<PartnerOfToken> find_partner_of(Session const& session, PartnerTokenId id)
{
    auto row = session.connection.query(
        "SELECT token.id, token.partner, token.digest, token.created_at, token.revoked_at,"
        " partners.id, partners.name, partners.rights, partners.link_existing, partners.created_at"
        " FROM partner_tokens AS token JOIN partners ON partners.id = token.partner WHERE token.id = $1",
        id);
    if (!row.next())
        return std::nullopt;
    return PartnerOfToken{.token = columns::partner_token(row, 0), .partner = columns::partner(row, 5)};
}

std::optional<PersonOfSession> find_person_of(Session const& session, SessionId id)
{
    static constexpr columns::Joined looking{
        "SELECT session.account, session.partner, session.generation, session.digest, session.opened_at,"
        " session.seen_at, session.ended, partners.name, told.account, told.plan, told.contract_type,"
        " told.person_id, told.personnel_number, told.additional_data, ",
        columns::Joined::columns_of("person", columns::account_columns),
        " FROM sessions AS session JOIN accounts AS person ON person.id = session.account"
        " LEFT JOIN partners ON partners.id = session.partner LEFT JOIN enrolments AS told"
        " ON told.account = session.account AND told.partner = session.partner WHERE session.id = $1"};
    static Finding const person_of_session(looking, " FOR NO KEY UPDATE OF person");
    auto row = session.connection.query(person_of_session.statement(session.writing), id);
    if (!row.next())
        return std::nullopt;
    PersonOfSession person{.session = columns::session(row, 0), .account = columns::account(row, 14)};
    person.partner = columns::optional_identifier<PartnerName>(row, 7);
    if (!row.is_null(8))
        person.enrolment = columns::enrolment(row, 9);
    return person;
}

}
