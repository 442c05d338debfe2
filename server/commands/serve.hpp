#pragma once

#include <functional>

#include "server/settings/settings.hpp"

namespace onboard::server {

// The settings as they are given now.
using ReadAgain = std::function<boost::system::result<Settings, SettingProblems>()>;

// Runs the server until SIGTERM or SIGINT, finishes what it accepted, and returns the program's exit code. Prints
// `listening on URL` on stdout once it accepts. What stops the start is one line on stderr, and 1. SIGHUP loads the
// certificate again, and of the settings the level of the log.
int serve(Settings const&, ReadAgain const&);

}
