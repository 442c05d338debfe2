#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "server/settings/settings.hpp"

namespace onboard::server {

// A setting as it was written somewhere.
struct GivenSetting {
    std::string text;                         // lists joined by commas, as a variable writes them
    std::string name;                         // "--listen", "listen (onboard.toml, line 3)"
    std::string origin;                       // "flag --listen", "onboard.toml, line 3"
    std::optional<std::string> trouble = {};  // the rule it breaks by its mere form
    bool file_open_to_all = false;            // it stands in a file that anybody may read
};

std::string flag_of(std::string_view key);
std::string variable_of(std::string_view key);

// What was given, each setting by the strongest source that has it. Adds what cannot be read or is unknown to the
// problems.
std::map<std::string_view, GivenSetting> gather(SettingSources const&, SettingProblems&);

}
