#pragma once

#include <optional>
#include <string_view>

#include <boost/json/object.hpp>

#include <onboard/onboard.hpp>

#include "server/contracts/receiver_answers.hpp"
#include "server/http/fields.hpp"

// A person as o2o's partners describe them, in either spelling of every member.
namespace onboard::server::partner {

// Reads all members and notes what is wrong with them. `text` is that of the very object, of which one member is kept
// as it was sent.
std::optional<NewPerson> read_person(Fields& person, std::string_view text);

// What the library calls a member, as this object spells it.
receiver::WireName names_in(boost::json::object const& person);

}
