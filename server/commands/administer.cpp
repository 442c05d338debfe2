#include "server/commands/administer.hpp"

namespace onboard::server {

int administer(Administration& administration, Administrative const& command, Terminal const& terminal)
{
    return std::visit([&](auto const& one) { return perform(administration, one, terminal); }, command);
}

}
