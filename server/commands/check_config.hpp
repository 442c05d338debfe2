#pragma once

#include "server/commands/terminal.hpp"
#include "server/settings/settings.hpp"

namespace onboard::server {

// Prints every setting, where it comes from, and every bad one with the rule it breaks. Returns 1 if any is bad.
int check_config(SettingSources const&, Terminal const&);

// One line a problem, on `err`; the exit code of a refusal.
int refuse_settings(SettingProblems const&, Terminal const&);

}
