#pragma once

#include "server/commands/command.hpp"
#include "server/commands/terminal.hpp"
#include "server/settings/settings.hpp"

namespace onboard::server {

// Makes the database if there is none, brings it to the current schema, and says which that is. Throws what open() does.
int migrate(Settings const&, Terminal const&);

// Moves everything from an SQLite file, on which no server may work, into a PostgreSQL database that holds nothing, and
// says how much it was. The file stays as it is. Throws StorageFailure, and then nothing was moved.
int move(Migrate const&, Terminal const&);

}
