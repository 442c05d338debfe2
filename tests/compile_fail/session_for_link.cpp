#include <onboard/secrets.hpp>

onboard::SessionToken session_of(onboard::LoginToken const& link, onboard::SessionToken const& session)
{
#ifdef MISTAKE
    static_cast<void>(session);
    return link;
#else
    static_cast<void>(link);
    return session;
#endif
}
