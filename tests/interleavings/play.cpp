#include "interleavings/play.hpp"

namespace onboard::interleavings {

std::string told(Error const& error)
{
    auto text = std::string(name_of(error.code));
    if (error.attempts_left)
        text += ", " + std::to_string(*error.attempts_left) + " left";
    return text;
}

}
