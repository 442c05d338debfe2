#include <cstdio>
#include <filesystem>

#include <onboard/account.hpp>
#include <onboard/administration.hpp>
#include <onboard/courier.hpp>
#include <onboard/error.hpp>
#include <onboard/letters.hpp>
#include <onboard/memory_storage.hpp>
#include <onboard/moving.hpp>
#include <onboard/onboard.hpp>
#include <onboard/person.hpp>
#include <onboard/ports.hpp>
#include <onboard/secrets.hpp>
#include <onboard/sqlite_storage.hpp>
#include <onboard/storage.hpp>
#include <onboard/testing.hpp>

#ifdef WITH_ALL
#include <onboard/jwt.hpp>
#include <onboard/postgres_storage.hpp>

// Nobody listens there, and none of that is a key: that it says so shows that it is linked.
static bool can_fail()
{
    try {
        if (onboard::jwt::VerificationKey::from_pem("none") || onboard::jwt::KeySet::read("{}"))
            return false;
        onboard::open_postgres("postgresql://127.0.0.1:1/nowhere");
        return false;
    } catch (onboard::StorageFailure const& failure) {
        std::printf("%s\n", failure.what());
        return true;
    }
}
#else
static bool can_fail()
{
    return true;
}
#endif

// Logs somebody in, on storage that forgets and on storage in a file. Exits 0 if that went well.
int main(int count, char** arguments)
{
    if (count != 2)
        return 2;
    std::filesystem::path const file = arguments[1];
    onboard::testing::FixedClock clock;
    for (auto const& storage : {onboard::open_memory().release(), onboard::open_sqlite(file).release()}) {
        std::unique_ptr<onboard::Storage> const owned(storage);
        onboard::Onboarding onboarding(
            {.storage = *owned,
             .key = onboard::testing::test_key(),
             .clock = clock,
             .random = onboard::system_random()});
        auto const granted = onboarding.log_in(
            {.email = onboard::EmailAddress::parse("jane@b\u00fccher.example").value(),
             .name = onboard::PersonName::parse("Jane", "Doe").value()});
        if (!granted)
            return 1;
        auto const person = onboarding.redeem(granted->token.reveal());
        if (!person || person->account.email->str() != "jane@xn--bcher-kva.example")
            return 1;
        std::printf("%s is on board\n", person->account.name->first().c_str());
    }
    return std::filesystem::exists(file) && can_fail() ? 0 : 1;
}
