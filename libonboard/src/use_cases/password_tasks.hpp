#pragma once

#include <onboard/onboard.hpp>

#include "../password.hpp"

// What tasks around a password share.
namespace onboard::steps {

PasswordCost cost_of(Policy const&);

// All steps, one after the other.
Result<OpenedSession> run(Result<std::unique_ptr<PasswordTask>> const&);

}
