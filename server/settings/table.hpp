#pragma once

#include <string_view>
#include <vector>

#include "server/settings/rules.hpp"

namespace onboard::server {

// How a setting is written in a TOML file. A flag or variable writes numbers as digits and lists with commas.
enum class Form : std::uint8_t { text = 1, number, list, yes_no };

enum class Secrecy : std::uint8_t {
    open = 1,
    in_url,  // a URL that may carry a password
    secret,
};

struct SettingRow {
    std::string_view key;
    std::string_view fallback;  // as text; may be empty where the rule takes nothing for an answer
    Form form;
    Secrecy secrecy;
    Rule rule;
    std::string_view description;
};

std::vector<SettingRow> const& setting_rows();

}
