#pragma once

#include <set>
#include <string>
#include <string_view>

#include <onboard/user_name.hpp>

namespace onboard {

class Random;

// What a generated user name starts with: the person's name in Roman letters and digits, at most 26 of them; "user" if
// there is no letter among the first. Slow the first time (see unicode::romanized), so not while a storage waits.
std::string user_name_base(std::string_view first_name, std::string_view last_name = {});

// User names to try for one person, one after the other until the storage takes one: the base and a random number.
// Never ends and never repeats itself.
//
// The number has four digits; after four of them were taken, every further one has a digit more. So the tries grow with
// the logarithm of how many people share a base: 4.8 on average for 64 000 of them and 7 for five million.
class UserNameCandidates {
public:
    // The base is one of user_name_base().
    UserNameCandidates(std::string base, Random& random) : base_(std::move(base)), random_(random) {}

    UserName next();

private:
    std::string drawn() const;

    std::string base_;
    Random& random_;
    int digits_ = 4;
    std::set<std::string> given_;
};

}
