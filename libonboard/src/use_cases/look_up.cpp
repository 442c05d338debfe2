#include <onboard/onboard.hpp>

#include "guesses.hpp"
#include "steps.hpp"

namespace onboard {

Result<std::vector<bool>> Onboarding::are_registered(LookUp const& request)
{
    std::vector<PhoneNumber> phones;
    for (auto const& phone : request.phones)
        if (phone)
            phones.push_back(*phone);

    auto const work = ports_.storage.begin();
    auto const left = steps::count_guess(
        *work, ports_,
        {.purpose = Purpose::look_up,
         .subject = steps::binding_of(request.partner),
         .field = "phones",
         .most = policy_.look_ups_per_day,
         .window = std::chrono::hours(24),
         .guesses = static_cast<int>(request.phones.size())});
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

}
