#include "interleavings/stage.hpp"

#include <limits>

namespace onboard::interleavings {

Policy patient_policy()
{
    constexpr auto unlimited = std::numeric_limits<int>::max() / 2;
    Policy policy;
    policy.code_digits = 9;  // so that no two codes are ever equal
    policy.code_pause = std::chrono::seconds(0);
    policy.codes_per_hour = 50;
    policy.codes_per_day = 50;
    policy.texts_per_day = unlimited;
    policy.texted_regions = {Region::parse("DE").value()};
    policy.sign_ins_per_client_per_minute = unlimited;
    policy.look_ups_per_day = unlimited;
    policy.password_passes = 1;
    policy.password_memory = 8192;
    return policy;
}

Instant Stage::TaskClock::now() const
{
    auto const its = begun.find(conductor_.running());
    return its == begun.end() ? FixedClock::now() : its->second;
}

Stage::Stage(Storage& beneath, Conductor& its_conductor, Bug bug, Policy const& policy, int number)
    : conductor(its_conductor),
      clock(its_conductor),
      storage(beneath, its_conductor, bug),
      random(static_cast<std::uint64_t>(number) + 1),
      ports{.storage = storage, .key = testing::test_key(), .clock = clock, .random = random},
      onboarding(ports, policy),
      administration(ports),
      bug_(bug),
      number_(number)
{
}

EmailAddress Stage::email(std::string_view who) const
{
    return EmailAddress::parse(std::string(who) + '.' + std::to_string(number_) + "@example.org").value();
}

PhoneNumber Stage::phone(int which) const
{
    auto const digits = std::to_string(10'000'000 + number_ * 10 + which);
    return PhoneNumber::parse("+491520" + digits.substr(1), Region::parse("DE").value()).value();
}

PartnerName Stage::partner_name(std::string_view who) const
{
    return PartnerName::parse(std::string(who) + ' ' + std::to_string(number_)).value();
}

PartnerId Stage::partner(std::string_view who, LinkExisting link_existing)
{
    auto const name = partner_name(who);
    administration.add_partner({.name = name, .link_existing = link_existing}).value();
    return storage.begin_reading()->partners().find(name)->id;
}

LogIn Stage::log_in(std::string_view who, std::optional<PartnerId> partner) const
{
    return {.partner = partner, .email = email(who), .name = PersonName::parse("Jane", "Doe").value()};
}

std::string Stage::login_link(std::string_view who)
{
    return onboarding.log_in(log_in(who)).value().token.reveal();
}

ConfirmPhone Stage::entry(PartnerId partner, PhoneNumber const& phone, std::string_view code) const
{
    return {.partner = partner, .phone = phone, .code = code, .agrees_to_terms = true, .agrees_to_privacy = true};
}

PhoneConfirmed Stage::sign_in(PartnerId partner, PhoneNumber const& phone)
{
    onboarding.send_code({.phone = phone}).value();
    auto const code = secret_delivered(Channel::text);
    return onboarding.confirm_phone(entry(partner, phone, code)).value();
}

std::vector<testing::RecordingMailer::Sent> Stage::delivered(Channel channel)
{
    auto& carrier = channel == Channel::mail ? mailer : texter;
    auto const before = carrier.sent().size();
    Courier courier(ports, channel, carrier);
    while (courier.deliver_due() > 0) {
    }
    auto const sent = carrier.sent();
    return {sent.begin() + static_cast<std::ptrdiff_t>(before), sent.end()};
}

void Stage::begin_task()
{
    if (bug_ == Bug::expiry_judged_early)
        clock.begun[conductor.running()] = clock.now();
}

void Stage::end_task()
{
    clock.begun.erase(conductor.running());
    storage.end_task();
}

}
