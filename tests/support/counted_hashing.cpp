#include "support/counted_hashing.hpp"

#include <atomic>
#include <stdexcept>

#include <dlfcn.h>

// The functions of libsodium that cost time stand here, in the program itself, and so before those of the library, which
// they call.
namespace {

std::atomic<int> passwords = 0;
std::atomic<int> digests = 0;

template <class Function>
Function* of_the_library(char const* name)
{
    auto* const found = dlsym(RTLD_NEXT, name);
    if (!found)
        throw std::logic_error(name);
    return reinterpret_cast<Function*>(found);
}

}

extern "C" {

int crypto_pwhash_argon2id_str(
    char* out, char const* password, unsigned long long size, unsigned long long passes, std::size_t memory)
{
    static auto* const original = of_the_library<decltype(crypto_pwhash_argon2id_str)>(__func__);
    ++passwords;
    return original(out, password, size, passes, memory);
}

int crypto_pwhash_argon2id_str_verify(char const* hash, char const* password, unsigned long long size)
{
    static auto* const original = of_the_library<decltype(crypto_pwhash_argon2id_str_verify)>(__func__);
    ++passwords;
    return original(hash, password, size);
}

int crypto_auth_hmacsha256_final(void* state, unsigned char* out)
{
    static auto* const original = of_the_library<decltype(crypto_auth_hmacsha256_final)>(__func__);
    ++digests;
    return original(state, out);
}
}

namespace onboard::testing {

Hashing hashed_so_far()
{
    return {.passwords = passwords, .digests = digests};
}

}
