#include "fuzz.hpp"

#include <onboard/phone.hpp>

using namespace onboard;
using onboard::testing::promise;

FUZZ(input)
{
    for (auto const* code : {"DE", "IN", "US", "BR", "IT"}) {
        auto const phone = PhoneNumber::parse(input, Region::parse(code).value());
        if (!phone)
            continue;
        auto const& number = phone->e164();
        promise(number.starts_with('+') && number.size() <= 16, "a number has 15 digits at most");
        promise(number.find_first_not_of("0123456789", 1) == std::string::npos, "and nothing else");
        auto const again = PhoneNumber::parse(number, Region::parse("GB").value());
        promise(again && again->e164() == number, "a number in full is itself anywhere");
        promise(PhoneNumber::from_storage(number).has_value(), "a number is read back from the storage");
    }
}
