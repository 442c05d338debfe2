#include <onboard/secrets.hpp>

bool equal(onboard::LoginToken const& one, onboard::LoginToken const& other)
{
#ifdef MISTAKE
    return one == other;
#else
    return one.reveal() == other.reveal();
#endif
}
