#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// A target for libFuzzer: what follows is run with whatever bytes it makes up, and has to hold.
#define FUZZ(input)                                                                                                  \
    static void fuzz(std::string_view input);                                                                        \
    extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)                               \
    {                                                                                                                \
        fuzz({reinterpret_cast<char const*>(bytes), size});                                                          \
        return 0;                                                                                                    \
    }                                                                                                                \
    static void fuzz(std::string_view input)

namespace onboard::testing {

// What the fuzzer keeps an input for.
inline void promise(bool holds, char const* what)
{
    if (holds)
        return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

}
