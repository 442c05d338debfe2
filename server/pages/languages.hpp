#pragma once

#include <string_view>

#include <onboard/person.hpp>

namespace onboard::server::pages {

// The language a browser likes best among ours, by its Accept-Language field (RFC 9110, 12.5.4): the highest weight,
// and of equal ones the first. English if it names none of ours. Parts that make no sense are passed over; the time
// taken grows with the length of the field and no faster.
Language preferred(std::string_view accept_language);

}
