#pragma once

#include <string>

#include <onboard/onboard.hpp>

namespace onboard::server {

// {"user": {...}}: a person as applications read one, the partner's additional data as it was sent.
std::string person_json(Person const&);

}
