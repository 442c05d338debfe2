#include "support/world.hpp"

namespace onboard::testing {

Policy quick_hashing(Policy policy)
{
    policy.password_passes = 1;
    policy.password_memory = 8192;  // the least that libsodium takes
    return policy;
}

World::World(Policy const& policy, std::unique_ptr<Storage> empty)
    : storage(std::move(empty)),
      ports{.storage = *storage, .key = test_key(), .clock = clock, .random = random},
      onboarding(ports, policy),
      administration(ports),
      courier(ports, Channel::mail, mailer),
      text_courier(ports, Channel::text, texter)
{
}

PartnerId World::partner(std::string_view name, LinkExisting link_existing)
{
    auto const partner = PartnerName::parse(name).value();
    REQUIRE(administration.add_partner({.name = partner, .link_existing = link_existing}));
    plan("PLAN-" + std::string(name), name);
    return storage->begin_reading()->partners().find(partner)->id;
}

void World::plan(std::string_view code, std::string_view partner)
{
    REQUIRE(administration.add_plan(PlanCode::parse(code).value(), PartnerName::parse(partner).value()));
}

std::string World::login_link(EmailAddress const& email, std::optional<PartnerId> partner)
{
    return onboarding.log_in({.partner = partner, .email = email, .name = "Jane Doe"_name}).value().token.reveal();
}

std::string World::session(EmailAddress const& email, std::optional<PartnerId> partner)
{
    return onboarding.open_session(login_link(email, partner)).value().token.reveal();
}

NewPerson World::person(std::string_view email, std::string_view plan)
{
    return {
        .plan = PlanCode::parse(plan).value(),
        .email = EmailAddress::parse(email).value(),
        .name = "Jane Doe"_name,
        .language = Language::french};
}

Result<Registered> World::create(PartnerId partner, NewPerson const& person)
{
    return onboarding.register_people({.partner = partner, .people = {person}}).value().outcomes.front();
}

std::vector<RecordingMailer::Sent> World::delivered()
{
    auto const before = mailer.sent().size();
    while (courier.deliver_due() > 0) {
    }
    auto const sent = mailer.sent();
    return {sent.begin() + static_cast<std::ptrdiff_t>(before), sent.end()};
}

std::string World::password_link(std::string_view email, PartnerId partner)
{
    auto const plan = storage->begin_reading()->partners().all_plans().front().code;
    REQUIRE(create(partner, person(email, plan.str())).value() == Registered::created);
    auto const letters = delivered();
    REQUIRE(!letters.empty());
    REQUIRE(letters.back().letter.kind == LetterKind::welcome_set_password);
    return letters.back().secret;
}

void World::person_with_password(std::string_view email, std::string_view password, PartnerId partner)
{
    auto const link = password_link(email, partner);
    REQUIRE(onboarding.set_password({.link = link, .password = password}));
}

Account World::account(EmailAddress const& email)
{
    auto const work = storage->begin_reading();
    auto const account = work->accounts().find(email);
    REQUIRE(account);
    return *account;
}

std::optional<Enrolment> World::enrolment(PartnerId partner, EmailAddress const& email)
{
    auto const owner = account(email).id;
    return storage->begin_reading()->accounts().find_enrolment(partner, owner);
}

int World::accounts_of(std::vector<EmailAddress> const& emails)
{
    auto const work = storage->begin_reading();
    int found = 0;
    for (auto const& email : emails)
        found += work->accounts().find(email) ? 1 : 0;
    return found;
}

int World::letters_waiting()
{
    return storage->begin_reading()->outbox().size();
}

std::string World::mailed_code()
{
    auto const before = mailer.sent().size();
    courier.deliver_due();
    auto const sent = mailer.sent();
    REQUIRE(sent.size() > before);
    return sent.back().secret;
}

std::string other_than(std::string_view code)
{
    std::string other(code);
    other.back() = other.back() == '0' ? '1' : '0';
    return other;
}

inline namespace literals {

EmailAddress operator""_email(char const* text, std::size_t size)
{
    return EmailAddress::parse({text, size}).value();
}

PersonName operator""_name(char const* text, std::size_t size)
{
    std::string_view const name(text, size);
    auto const space = name.find(' ');
    return PersonName::parse(name.substr(0, space), name.substr(space + 1)).value();
}

PlanCode operator""_plan(char const* text, std::size_t size)
{
    return PlanCode::parse({text, size}).value();
}

PersonId operator""_person(char const* text, std::size_t size)
{
    return PersonId::parse({text, size}).value();
}

PersonnelNumber operator""_personnel(char const* text, std::size_t size)
{
    return PersonnelNumber::parse({text, size}).value();
}

PartnerName operator""_partner(char const* text, std::size_t size)
{
    return PartnerName::parse({text, size}).value();
}

}

}
