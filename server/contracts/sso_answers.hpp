#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include <onboard/error.hpp>

#include "server/http/contract.hpp"
#include "server/http/fields.hpp"

// How the calls of phone-first sites are answered: JSON in the type they accept, and problem documents (RFC 9457) with
// what the framework of the published description adds to them.
namespace onboard::server::sso {

// What the library calls a member, in the words of the call.
using WireName = std::string_view (*)(std::string_view field);

Response answer(RequestHead const&, int status, boost::json::value const& body);

// A problem document; `detail` is for people.
Response problem(int status, std::string_view detail);

// 422: every member at fault with its rule.
Response invalid(std::vector<FieldError> const&);

// A refusal of the library.
Response refused(Error const&, WireName);

Response faulted(FaultDetails const&);

}
