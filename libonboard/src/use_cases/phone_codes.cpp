#include "phone_codes.hpp"

#include <algorithm>

#include "guesses.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

// Numbers that differ in their last four digits only: whoever earns on texts has whole ranges.
std::string range_of(PhoneNumber const& phone)
{
    constexpr std::size_t last_digits = 4;
    return phone.e164().substr(0, phone.e164().size() - last_digits);
}

bool is_served(Policy const& policy, PhoneNumber const& phone)
{
    return std::ranges::find(policy.texted_regions, phone.region()) != policy.texted_regions.end() &&
           phone.may_be_texted();
}

// Whether this range has had more texts than right codes come back explain. Whoever is trusted is not counted.
Result<void> count_range(UnitOfWork& work, Ports const& ports, Policy const& policy, PhoneNumber const& phone)
{
    auto const range = range_of(phone);
    auto const hour = steps::count_guess(
        work, ports,
        {.purpose = Purpose::text_range,
         .subject = range,
         .field = "range",
         .most = policy.unanswered_texts_per_hour,
         .window = std::chrono::hours(1)});
    auto const day = steps::count_guess(
        work, ports,
        {.purpose = Purpose::text_range_day,
         .subject = range,
         .field = "range",
         .most = policy.unanswered_texts_per_day,
         .window = std::chrono::hours(24)});
    if (!day)
        return day.error();
    return hour ? Result<void>() : hour.error();
}

Result<int> count_client(UnitOfWork& work, Ports const& ports, Policy const& policy, std::string_view client)
{
    return steps::count_guess(
        work, ports,
        {.purpose = Purpose::text_client,
         .subject = client,
         .field = "client",
         .most = policy.texts_per_client_per_hour,
         .window = std::chrono::hours(1)});
}

Result<CodeSent> count_text(UnitOfWork& work, Ports const& ports, Policy const& policy, SendCode const& request)
{
    auto const now = ports.clock.now();
    auto const again_at =
        work.codes().count_send(Purpose::phone, request.phone.e164(), now, steps::limits_of(policy));
    if (again_at)
        return Error{
            .code = Errc::attempts_spent,
            .field = "phone",
            .retry_after = std::chrono::ceil<std::chrono::seconds>(*again_at - now)};
    auto suspicious = false;
    if (!request.client.empty()) {
        auto const asked = count_client(work, ports, policy, request.client);
        if (!asked)
            return asked.error();
        auto const plausible = count_range(work, ports, policy, request.phone);
        if (!plausible && !policy.text_guard_records_only)
            return plausible.error();
        suspicious = !plausible;
    }
    auto const left = steps::count_guess(
        work, ports,
        {.purpose = Purpose::text_day,
         .subject = "all",
         .field = "texts",
         .most = policy.texts_per_day,
         .window = std::chrono::hours(24)});
    if (!left)
        return left.error();
    return CodeSent{.suspicious = suspicious};
}

void text_code(UnitOfWork& work, Ports const& ports, Policy const& policy, SendCode const& request)
{
    auto const code = OneTimeCode::draw(ports.random, policy.code_digits);
    auto const expires_at = ports.clock.now() + policy.code_life;
    steps::keep_code(work, ports, Purpose::phone, request.phone.e164(), steps::sign_in_binding, code, expires_at);
    Letter letter{
        .id = {},
        .kind = LetterKind::phone_code,
        .to = request.phone,
        .language = request.language,
        .first_name = {},
        .partner = {},
        .expires_at = expires_at};
    steps::post(work, ports, std::move(letter), code.reveal());
}

}

namespace steps {

Result<int> count_phone_try(Ports const& ports, Policy const& policy, PhoneNumber const& phone)
{
    auto const work = ports.storage.begin();
    auto const left = count_try(*work, ports, policy, Purpose::phone, phone.e164());
    work->commit();
    return left;
}

std::optional<CodeId>
find_phone_code(UnitOfWork& work, Ports const& ports, PhoneNumber const& phone, std::string_view typed)
{
    work.codes().hold(Purpose::phone, phone.e164());
    return find_code(work, ports, Purpose::phone, phone.e164(), sign_in_binding, typed);
}

void give_back_phone_try(UnitOfWork& work, PhoneNumber const& phone)
{
    work.codes().give_back_try(Purpose::phone, phone.e164());
}

void note_answered_text(UnitOfWork& work, PhoneNumber const& phone)
{
    auto const range = range_of(phone);
    work.codes().give_back_try(Purpose::text_range, range);
    work.codes().give_back_try(Purpose::text_range_day, range);
}

}

Result<CodeSent> Onboarding::send_code(SendCode const& request)
{
    if (!is_served(policy_, request.phone))
        return refuse(Errc::phone_not_served, "phone");
    auto const work = ports_.storage.begin();
    auto const sent = count_text(*work, ports_, policy_, request);
    if (!sent)
        return sent;
    text_code(*work, ports_, policy_, request);
    work->commit();
    return sent;
}

Result<void> Onboarding::check_code(CheckCode const& request)
{
    auto const left = steps::count_phone_try(ports_, policy_, request.phone);
    return steps::unless_conflicting(ports_, request.phone, [&]() -> Result<void> {
        auto const work = ports_.storage.begin();
        auto const code = steps::find_phone_code(*work, ports_, request.phone, request.code);
        if (!left)
            return left.error();
        if (!code)
            return Error{.code = Errc::code_wrong, .field = "code", .attempts_left = *left};
        steps::give_back_phone_try(*work, request.phone);
        work->commit();
        return {};
    });
}

}
