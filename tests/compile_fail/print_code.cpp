#include <iostream>

#include <onboard/secrets.hpp>

void show(onboard::OneTimeCode const& code)
{
#ifdef MISTAKE
    std::cout << code;
#else
    std::cout << code.reveal();
#endif
}
