#include <onboard/person.hpp>

onboard::Result<onboard::EmailAddress> address(std::string text)
{
#ifdef MISTAKE
    return onboard::EmailAddress(text, text);
#else
    return onboard::EmailAddress::parse(text);
#endif
}
