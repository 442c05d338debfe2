#include "fuzz.hpp"

#include <string>

#include "server/http/forms.hpp"

using namespace onboard::server;
using onboard::testing::promise;

FUZZ(input)
{
    auto const line = input.find('\n');
    auto const name = input.substr(0, line);
    auto const body = line == std::string_view::npos ? std::string_view() : input.substr(line + 1);
    auto const times = count_form_field(body, name);
    auto const value = form_field(body, name);
    promise(!value || times == 1, "a field that comes twice is nothing");
    promise(!value || value->size() <= body.size(), "a value is no longer than it was");
}
