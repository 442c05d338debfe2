#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/telephones.hpp"

namespace onboard::testing {

// Whoever could be meant by an address or a number, by what became of them: "nobody" among them, and in every other
// state somebody with an address, who@example.com, or with a number. The last of it happened an hour ago.
class Everybody : public Telephones {
public:
    explicit Everybody(std::unique_ptr<Storage> = open_empty_storage());

    static EmailAddress email(std::string const& who);
    PhoneNumber const& phone(std::string const& who) const { return phones_.at(who); }

    std::vector<std::string> const mailed = {"nobody",    "member",  "without password",
                                             "elsewhere", "blocked", "deleted"};
    std::vector<std::string> const texted = {"nobody", "member", "blocked", "deleted"};

    // Of those of them who have one.
    static constexpr std::string_view password = "mijn fiets is blauw";

private:
    std::map<std::string, PhoneNumber> const phones_ = {
        {"nobody", stranger(1)}, {"member", stranger(2)}, {"blocked", stranger(3)}, {"deleted", stranger(4)}};
};

}
