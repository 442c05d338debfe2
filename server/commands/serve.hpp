#pragma once

#include "server/settings/settings.hpp"

namespace onboard::server {

// Runs the server until SIGTERM or SIGINT, finishes what it accepted, and returns the program's exit code. Prints
// `listening on URL` on stdout once it accepts. What stops the start is one line on stderr, and 1.
int serve(Settings const&);

}
