#pragma once

#include "server/commands/terminal.hpp"
#include "server/settings/settings.hpp"

namespace onboard::server {

// Prints every setting, where it comes from, and every bad one with the rule it breaks. If none is, it tells how likely
// codes are to be guessed by these settings; otherwise it returns 1.
int check_config(SettingSources const&, Terminal const&);

// One line a problem, on `err`; the exit code of a refusal.
int refuse_settings(SettingProblems const&, Terminal const&);

}
