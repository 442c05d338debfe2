#include <onboard/onboard.hpp>

#include "../audit.hpp"
#include "guesses.hpp"
#include "look_up.hpp"
#include "steps.hpp"

namespace onboard {

namespace steps {

Result<int>
count_look_ups(UnitOfWork& work, Ports const& ports, Policy const& policy, PartnerId partner, std::size_t people)
{
    auto const left = count_guess(
        work, ports,
        {.purpose = Purpose::look_up,
         .subject = binding_of(partner),
         .field = "phones",
         .most = policy.look_ups_per_day,
         .window = std::chrono::hours(24),
         .guesses = static_cast<int>(people)});
    if (left)
        audit::record(
            work, ports,
            {{.event = AuditEvent::people_looked_up, .partner = partner, .detail = std::to_string(people)}});
    return left;
}

}

Result<std::vector<bool>> Onboarding::are_registered(LookUp const& request)
{
    std::vector<PhoneNumber> phones;
    for (auto const& phone : request.phones)
        if (phone)
            phones.push_back(*phone);

    auto const work = ports_.storage.begin();
    auto const left = steps::count_look_ups(*work, ports_, policy_, request.partner, request.phones.size());
    if (!left)
        return left.error();
    auto const known = work->accounts().are_registered(phones);
    work->commit();

    std::vector<bool> answers;
    std::size_t next = 0;
    for (auto const& phone : request.phones)
        answers.push_back(phone && known[next++]);
    return answers;
}

Result<bool> Onboarding::exists(AskExistence const& request)
{
    auto const work = ports_.storage.begin();
    if (auto const left = steps::count_look_ups(*work, ports_, policy_, request.partner, 1); !left)
        return left.error();
    auto const account = std::visit([&](auto const& key) { return work->accounts().find(key); }, request.who);
    work->commit();
    return account && account->status != AccountStatus::deleted;
}

}
