#pragma once

#include "server/commands/terminal.hpp"
#include "server/settings/settings.hpp"

namespace onboard::server {

// Makes the database if there is none, brings it to the current schema, and says which that is. Throws what open() does.
int migrate(Settings const&, Terminal const&);

}
