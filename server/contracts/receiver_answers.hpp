#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include <onboard/error.hpp>

#include "server/http/contract.hpp"
#include "server/http/fields.hpp"

// How calls of a partner's programs are answered: {"result": sentence, "success": truth, "errors": [...]}.
namespace onboard::server::receiver {

// What the library calls a member, in the words of the wire.
using WireName = std::function<std::string(std::string_view field)>;

Response json_response(int status, std::string body);

// Why something was not done, by itself or as one of many.
struct Refusal {
    int status = 0;
    std::string_view sentence;
    std::vector<FieldError> errors;
};

// Of the domain.
Refusal refusal_of(Error const&, WireName const& on_wire);

// Members that are missing, mistyped or bad: 422, or 400 where one came in two spellings.
Refusal refusal_of(Fields const&);

// A member of another type than it should be.
Refusal mistyped(std::string_view member);

boost::json::object body_of(Refusal const&);
Response refused(Refusal const&);

// The same as refused(refusal_of()), and says when to come again, if that is known.
Response refused(Error const&, WireName const& on_wire);

Response faulted(FaultDetails const&);

// A body that is not the JSON it should be.
Response unreadable(std::string_view code, std::string_view member);

int status_of(Errc) noexcept;
std::string_view sentence_of(Errc) noexcept;
std::string_view sentence_of(Fault) noexcept;

}
