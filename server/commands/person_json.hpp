#pragma once

#include <string>
#include <string_view>

#include <onboard/administration.hpp>

namespace onboard::server {

// "active"
std::string_view name_of(AccountStatus) noexcept;

// What `user show --json` prints of a person.
std::string to_json(Dossier const&);

// What `user export` prints: the same, and all else that is held.
std::string to_json(PersonalData const&);

}
