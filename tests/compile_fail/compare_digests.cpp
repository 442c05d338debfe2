#include <onboard/secrets.hpp>

bool equal(onboard::Digest const& one, onboard::Digest const& other)
{
#ifdef MISTAKE
    return one == other;
#else
    return same(one, other);
#endif
}
