#include "password_tasks.hpp"

namespace onboard::steps {

PasswordCost cost_of(Policy const& policy)
{
    return {.passes = policy.password_passes, .memory = policy.password_memory};
}

Result<OpenedSession> run(Result<std::unique_ptr<PasswordTask>> const& begun)
{
    if (!begun)
        return begun.error();
    auto& task = **begun;
    if (auto const counted = task.count(); !counted)
        return counted.error();
    if (auto const computed = task.compute(); !computed)
        return computed.error();
    return task.finish();
}

}
