#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include <onboard/error.hpp>

#include "server/http/contract.hpp"

// How Sunbird's calls are answered: every answer, good or bad, in one envelope.
namespace onboard::server::sunbird {

// What an answer calls the call it is to.
struct Api {
    std::string id;       // "api.user.create": the path without its version, dotted
    std::string version;  // "v2"
};

// Of a path of ours, or of any other.
Api api_of(std::string_view path);

// Why a call is refused: a word for programs, and a sentence for people.
struct Refusal {
    int status = 400;
    std::string code;  // "EMAIL_IN_USE"
    std::string message;
    boost::json::object result = {};
    std::optional<std::chrono::seconds> retry_after = {};
};

// `message_id` is what the caller calls its message, or what we do.
struct Caller {
    Api api;
    std::string message_id;
};

Caller caller_of(Exchange const&);
Caller caller_of(RequestHead const&);

Response success(Caller const&, boost::json::object result);
Response failure(Caller const&, Refusal const&);

// A refusal of the library. `most_tries` is how many guesses of a code there are.
Refusal refusal_of(Error const&, int most_tries);

Response faulted(RequestHead const&, FaultDetails const&);

}
