#include "server/commands/administer.hpp"

namespace onboard::server {

int administer(
    Administration& administration, Administrative const& command, Region phone_region, Terminal const& terminal)
{
    return std::visit(
        [&](auto const& one) {
            if constexpr (requires { one.person; })
                return perform(administration, one, phone_region, terminal);
            else
                return perform(administration, one, terminal);
        },
        command);
}

}
