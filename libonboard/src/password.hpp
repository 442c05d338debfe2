#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <onboard/account.hpp>

namespace onboard {

// What hashing a password costs.
struct PasswordCost {
    int passes = 0;
    std::size_t memory = 0;  // octets
};

// A password as it is hashed and compared: as it was typed, but for NFC (RFC 8265, 4.2), so that one keyboard's accents
// are another's. Erased when it goes; it does not print and does not compare.
class Password {
public:
    // What no password can be is refused before anything is spent on it, with password_malformed and password_too_long.
    static Result<Password> read(std::string_view typed);

    Password(Password&&) noexcept;
    Password& operator=(Password&&) = delete;
    ~Password();

    // Whether this person may have this password: refuses with password_too_short and password_too_common.
    Result<void> check(int least, Account const&) const;

    // Argon2id as a PHC string with a salt of its own. Throws std::bad_alloc if there is no memory for it.
    std::string hash(PasswordCost) const;

    // Whether this is the password a hash was made of. Throws std::bad_alloc like hash().
    bool matches(std::string const& hash) const;

private:
    explicit Password(std::string text) : text_(std::move(text)) {}
    void erase() noexcept;

    std::string text_;
};

// Whether a hash was made at another cost than this.
bool is_outdated(std::string const& hash, PasswordCost);

// A hash that no password has, and that costs as much to compare with.
std::string decoy_hash(PasswordCost);

}
