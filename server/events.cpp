#include "server/events.hpp"

namespace onboard::server {

std::string_view name_of(Entrance entrance) noexcept
{
    switch (entrance) {
    case Entrance::login_link: return "login_link";
    case Entrance::password: return "password";
    case Entrance::password_link: return "password_link";
    case Entrance::phone_code: return "phone_code";
    case Entrance::portal: return "portal";
    case Entrance::identity: return "identity";
    }
    return "";
}

}
