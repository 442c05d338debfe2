#include <onboard/storage.hpp>

#include <algorithm>
#include <utility>

namespace onboard {

std::string_view name_of(LetterState state) noexcept
{
    switch (state) {
    case LetterState::waiting: return "waiting";
    case LetterState::dead: return "dead";
    case LetterState::unknown: return "unknown";
    }
    return "";
}

OutboxBacklog Outbox::backlog(Channel channel, int most) const
{
    OutboxBacklog backlog;
    for (auto const& entry : all(most)) {
        if (entry.state != LetterState::waiting || channel_of(entry.letter.kind) != channel)
            continue;
        ++backlog.letters;
        backlog.oldest = std::min(backlog.oldest.value_or(entry.added_at), entry.added_at);
    }
    return backlog;
}

std::optional<PartnerOfToken> UnitOfWork::partner_of(PartnerTokenId id) const
{
    auto token = partners().find_token(id);
    auto partner = token ? partners().find(token->partner) : std::nullopt;
    if (!partner)
        return std::nullopt;
    return PartnerOfToken{.token = *std::move(token), .partner = *std::move(partner)};
}

std::optional<PersonOfSession> UnitOfWork::person_of(SessionId id) const
{
    auto session = sessions().find(id);
    auto account = session ? accounts().find(session->account) : std::nullopt;
    if (!account)
        return std::nullopt;
    PersonOfSession person{.session = *std::move(session), .account = *std::move(account)};
    if (auto const by = person.session.partner) {
        if (auto partner = partners().find(*by))
            person.partner = std::move(partner->name);
        person.enrolment = accounts().find_enrolment(*by, person.account.id);
    }
    return person;
}

}
