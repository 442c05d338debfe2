#pragma once

namespace onboard::testing {

// How often this program has hashed a password, or compared one with a hash; and how often it has digested anything
// under the key.
struct Hashing {
    int passwords = 0;
    int digests = 0;
};

Hashing hashed_so_far();

}
