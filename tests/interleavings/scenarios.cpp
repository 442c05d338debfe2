#include "interleavings/scenarios.hpp"

#include <algorithm>

namespace onboard::interleavings {

// Those that are played call by call come first: what they find, no other does.
std::vector<Scenario> all_scenarios()
{
    std::vector<Scenario> all;
    for (auto const& some :
         {link_scenarios(), code_scenarios(), address_scenarios(), session_scenarios(), sign_up_scenarios(),
          password_scenarios()})
        all.insert(all.end(), some.begin(), some.end());
    std::ranges::stable_partition(all, [](auto const& scenario) { return scenario.grain == Grain::calls; });
    return all;
}

}
