// Reads lines of a region, a tab and a text. Prints for each the number in E.164, the region it belongs to and whether it
// may be texted, with tabs between them, or why the text was refused.
#include <iostream>
#include <string>

#include <onboard/phone.hpp>

namespace {

using namespace onboard;

void print(Result<PhoneNumber> const& number)
{
    if (number)
        std::cout << number->e164() << '\t' << number->region().str() << '\t' << number->may_be_texted() << '\n';
    else
        std::cout << name_of(number.error().code) << '\n';
}

}

int main()
{
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        auto const tab = line.find('\t');
        auto const region = Region::parse(line.substr(0, tab));
        if (region)
            print(PhoneNumber::parse(line.substr(tab + 1), *region));
        else
            std::cout << name_of(region.error().code) << '\n';
    }
}
