#include "fuzz.hpp"

#include "server/http/negotiation.hpp"

using namespace onboard::server;
using onboard::testing::promise;

FUZZ(input)
{
    auto const type = sso_media_type(input);
    promise(
        !type || *type == "application/json" || *type == "application/vnd.sso.v1+json",
        "an answer has a type of ours");
    promise(!(is_json(input) && is_form(input)), "a body is of one type");
    promise(!is_json(input) || is_sso_json(input), "plain JSON is taken wherever JSON of a version is");
}
