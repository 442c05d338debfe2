#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <onboard/error.hpp>

#include "server/http/contract.hpp"
#include "server/http/fields.hpp"

// How calls of a partner's programs are answered: {"result": sentence, "success": truth, "errors": [...]}.
namespace onboard::server::receiver {

// What the library calls a member, in the words of the wire.
using WireName = std::function<std::string(std::string_view field)>;

Response json_response(int status, std::string body);

Response refused(int status, std::string_view sentence, std::vector<FieldError> const&);

// A refusal of the domain.
Response refused(Error const&, WireName const& on_wire);

Response faulted(FaultDetails const&);

// A body that is not the JSON it should be.
Response unreadable(std::string_view code, std::string_view member);

// Members that are missing, mistyped or bad: 422, or 400 where one came in two spellings.
Response refused(Fields const&);

int status_of(Errc) noexcept;
std::string_view sentence_of(Errc) noexcept;

}
