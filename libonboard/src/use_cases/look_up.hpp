#pragma once

#include <onboard/onboard.hpp>

namespace onboard::steps {

// Counts that a partner learns of so many people whether they are here. Refuses with attempts_spent: those were too many
// for today.
Result<int> count_look_ups(UnitOfWork&, Ports const&, Policy const&, PartnerId, std::size_t people);

}
