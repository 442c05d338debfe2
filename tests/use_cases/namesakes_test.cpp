#include <atomic>
#include <set>

#include <onboard/memory_storage.hpp>

#include "support/catch.hpp"
#include "support/telephones.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;

TEST_CASE("sixty-four thousand people of one name who come at once all have user names of their own", "[identity]")
{
    constexpr int threads = 64;
    constexpr int each = 1000;
    World world(quick_hashing(), open_memory());
    std::atomic<int> opened = 0;
    std::vector<std::vector<UserName>> names(threads);
    together(threads, [&](int thread) {
        auto const place = static_cast<std::size_t>(thread);
        for (int number = thread * each; number < (thread + 1) * each; ++number) {
            auto const text = std::to_string(number);
            Identity const identity{
                .issuer = "https://accounts.google.com",
                .subject = text,
                .email = EmailAddress::parse(text + "@example.com").value(),
                .email_verified = true,
                .name = "Asha"};
            auto const signed_up = world.onboarding.sign_up_with_identity({.identity = identity});
            opened += signed_up && signed_up->is_new;
            if (signed_up)
                names[place].push_back(signed_up->account.user_name.value());
        }
    });
    CHECK(opened == threads * each);
    std::set<UserName> distinct;
    for (auto const& some : names)
        distinct.insert(some.begin(), some.end());
    CHECK(distinct.size() == threads * each);
}

}
