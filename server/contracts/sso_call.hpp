#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include <onboard/person.hpp>
#include <onboard/phone.hpp>

#include "server/http/contract.hpp"

// How calls of phone-first sites are read.
namespace onboard::server::sso {

// The members of a call; or, if it cannot be read, why not.
struct Call {
    std::optional<Response> refusal = {};
    boost::json::value document = {};

    boost::json::object const& members() const { return document.get_object(); }

    // Of a member that is text, as the caller wrote it.
    std::string text(std::string_view member) const;
};

// `known` are the members there may be; where none are named, others are passed over. No body is a call without members.
Call read_call(Exchange const&, std::initializer_list<std::string_view> known = {});

// Text that is not empty; an address. Empty text counts as missing.
Result<std::string> text(std::string_view);
Result<EmailAddress> email(std::string_view);

// The language the caller asks for, else the usual one where the number belongs: a program asks for none as a rule.
Language language_of(RequestHead const&, PhoneNumber const&);

}
