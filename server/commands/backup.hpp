#pragma once

#include "server/commands/command.hpp"
#include "server/commands/terminal.hpp"
#include "server/settings/settings.hpp"

namespace onboard::server {

// Makes the copy and says so in one line. Throws, with a reason in one line, if it cannot be made; then no file is left.
int backup(Backup const&, Settings const&, Terminal const&);

}
