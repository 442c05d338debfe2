#include "phone_codes.hpp"

#include <algorithm>

#include "../audit.hpp"
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

void uncount_range(UnitOfWork& work, PhoneNumber const& phone)
{
    auto const range = range_of(phone);
    work.codes().give_back_try(Purpose::text_range_day, range);
    work.codes().give_back_try(Purpose::text_range, range);
}

Result<int> count_in_range(
    UnitOfWork& work, Ports const& ports, Purpose purpose, PhoneNumber const& phone, int most,
    std::chrono::seconds window)
{
    auto const range = range_of(phone);
    return steps::count_guess(
        work, ports, {.purpose = purpose, .subject = range, .field = "range", .most = most, .window = window});
}

// Refuses where this range has had more texts than right codes come back explain; the text is then not counted.
Result<void> count_range(UnitOfWork& work, Ports const& ports, Policy const& policy, PhoneNumber const& phone)
{
    auto const day = count_in_range(
        work, ports, Purpose::text_range_day, phone, policy.unanswered_texts_per_day, std::chrono::hours(24));
    if (!day) {
        work.codes().give_back_try(Purpose::text_range_day, range_of(phone));
        return day.error();
    }
    auto const hour = count_in_range(
        work, ports, Purpose::text_range, phone, policy.unanswered_texts_per_hour, std::chrono::hours(1));
    if (!hour) {
        uncount_range(work, phone);
        return hour.error();
    }
    return {};
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

// A text that may be sent.
struct CountedText {
    bool suspicious = false;
    bool counted = false;  // for its range: whoever is trusted is not counted, and neither is what is suspicious
};

Result<CountedText>
count_text(UnitOfWork& work, Ports const& ports, Policy const& policy, steps::TextCode const& request)
{
    auto const now = ports.clock.now();
    auto const again_at =
        work.codes().count_send(Purpose::phone, request.phone.e164(), now, steps::limits_of(policy));
    if (again_at)
        return Error{
            .code = Errc::attempts_spent,
            .field = "phone",
            .retry_after = std::chrono::ceil<std::chrono::seconds>(*again_at - now)};
    CountedText text;
    if (!request.client.empty()) {
        auto const asked = count_client(work, ports, policy, request.client);
        if (!asked)
            return asked.error();
        auto const plausible = count_range(work, ports, policy, request.phone);
        if (!plausible && !policy.text_guard_records_only)
            return plausible.error();
        text = {.suspicious = !plausible, .counted = plausible.has_value()};
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
    return text;
}

void post_code(
    UnitOfWork& work, Ports const& ports, Policy const& policy, steps::TextCode const& request,
    std::string_view binding)
{
    auto const code = OneTimeCode::draw(ports.random, policy.code_digits);
    auto const expires_at = ports.clock.now() + policy.code_life;
    steps::keep_code(work, ports, Purpose::phone, request.phone.e164(), binding, code.reveal(), expires_at);
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

Result<CodeSent> text_code(UnitOfWork& work, Ports const& ports, Policy const& policy, TextCode const& request)
{
    if (!is_served(policy, request.phone))
        return refuse(Errc::phone_not_served, "phone");
    auto const text = count_text(work, ports, policy, request);
    if (!text)
        return text.error();
    post_code(work, ports, policy, request, text->counted ? counted(request.binding) : std::string(request.binding));
    return CodeSent{.suspicious = text->suspicious};
}

Result<ContactCode> spend_texted_code(
    UnitOfWork& work, Ports const& ports, PhoneNumber const& phone, std::string_view binding, std::string_view typed,
    Result<int> const& left)
{
    auto const code = find_contact_code(work, ports, phone, binding, typed);
    if (!left)
        return left.error();
    if (!code || !work.codes().spend(code->id, ports.clock.now()))
        return Error{.code = Errc::code_wrong, .field = "code", .attempts_left = *left};
    return *code;
}

void note_answered_text(UnitOfWork& work, PhoneNumber const& phone, ContactCode const& code)
{
    give_back_code_try(work, phone);
    if (code.counted)
        uncount_range(work, phone);
}

}

Result<CodeSent> Onboarding::send_code(SendCode const& request)
{
    auto const work = ports_.storage.begin();
    auto const sent = steps::text_code(
        *work, ports_, policy_,
        {.phone = request.phone,
         .language = request.language,
         .client = request.client,
         .binding = steps::sign_in_binding});
    if (sent)
        work->commit();
    return sent;
}

Result<void> Onboarding::check_code(CheckCode const& request)
{
    auto const left = steps::count_code_try(ports_, policy_, request.phone);
    return steps::unless_conflicting(ports_, request.phone, [&]() -> Result<void> {
        auto const work = ports_.storage.begin();
        auto const code =
            steps::find_contact_code(*work, ports_, request.phone, steps::sign_in_binding, request.code);
        if (!left)
            return left.error();
        if (!code)
            return Error{.code = Errc::code_wrong, .field = "code", .attempts_left = *left};
        steps::give_back_code_try(*work, request.phone);
        audit::record(
            *work, ports_,
            {{.event = AuditEvent::contact_proven, .detail = "of " + audit::fingerprint(ports_, request.phone)}});
        work->commit();
        return {};
    });
}

}
