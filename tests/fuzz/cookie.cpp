#include "fuzz.hpp"

#include <string>

#include "server/http/forms.hpp"

using namespace onboard::server;
using onboard::testing::promise;

FUZZ(input)
{
    std::string const field(input);
    for (std::string const name : {"onboard", "__Host-onboard", "onboard-form"}) {
        auto const value = cookie(field, name);
        promise(!value || value->find(';') == std::string_view::npos, "a cookie ends at its semicolon");
        promise(!value || field.find(name + "=" + std::string(*value)) != std::string::npos, "it is what was sent");
        auto const beside_another = field + "; another=1";
        promise(cookie(beside_another, name) == value, "another cookie changes nothing");
        auto const beside_itself = field + "; " + name + "=" + std::string(value.value_or("1"));
        promise(!value || !cookie(beside_itself, name), "a cookie that comes twice is nothing");
        auto const alone = name + "=" + std::string(value.value_or(""));
        promise(!value || cookie(alone, name) == value, "and alone it is itself");
    }
}
