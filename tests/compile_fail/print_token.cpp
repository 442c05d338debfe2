#include <iostream>

#include <onboard/secrets.hpp>

void show(onboard::LoginToken const& token)
{
#ifdef MISTAKE
    std::cout << token;
#else
    std::cout << token.reveal();
#endif
}
