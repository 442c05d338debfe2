#include "support/expiring.hpp"

#include "conformance/rows.hpp"

namespace onboard::testing {

using namespace conformance;

namespace {

// One more than two turns of tidying forget.
constexpr int many = 1001;

void store_one(UnitOfWork& work, PartnerId partner, AccountId account, int number, Instant now)
{
    auto const text = std::to_string(number);
    auto const subject = "person" + text + "@example.com";
    auto const digest = digest_of(text);
    work.login_links().insert(
        {.account = account,
         .partner = partner,
         .digest = digest,
         .expires_at = now,
         .proposal = Proposal{.name = PersonName::parse("Jane", "Doe").value(), .enrolment = {}}});
    work.sessions().insert({.account = account, .digest = digest, .opened_at = now, .seen_at = now});
    work.password_links().insert({.account = account, .digest = digest, .expires_at = now});
    work.codes().count_send(Purpose::phone, subject, now, {.pause = 0s, .per_hour = 5, .per_day = 5});
    work.codes().add(
        {.purpose = Purpose::phone, .subject = subject, .binding = {}, .digest = digest, .expires_at = now});
    work.codes().count_tries(Purpose::phone, subject, now, 1s, 1);
    work.repeated_requests().claim(partner, text, digest, now, now);
    work.repeated_requests().answer(partner, text, "answer");
    work.used_tokens().note(digest, now);
    work.causes().note(partner, digest, now, now, now);
    work.outbox().add(letter(text), now);
}

}

void store_what_expires(Storage& storage, Instant now)
{
    auto const partner = stored_partner(storage, "Acme");
    auto const account = stored_account(storage, "jane@example.com");
    auto const group = storage.begin_group();
    for (int number = 0; number < many; ++number)
        commit(storage, [&](UnitOfWork& work) { store_one(work, partner, account, number, now); });
    commit(storage, [&](UnitOfWork& work) {
        work.auth_codes().put(
            {.account = account, .partner = partner, .digest = digest_of("code"), .expires_at = now});
        work.email_changes().put(
            {.account = account, .email = email("new@example.com"), .digest = digest_of("new"), .expires_at = now});
        for (auto const& claimed : work.outbox().claim(Channel::mail, now, now, many))
            work.outbox().bury(claimed.claim, LetterState::dead, now, "refused");
    });
    group->commit();
}

}
