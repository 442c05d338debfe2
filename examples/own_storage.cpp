// Keeps people in a storage of one's own: here one that stands before SQLite and tells how long each commit took, as a
// service would count it. stopwatch_storage_under_test.cpp has it checked by the conformance suite.
#include <iostream>

#include <onboard/onboard.hpp>
#include <onboard/sqlite_storage.hpp>

#include "stopwatch_storage.hpp"

int main()
{
    StopwatchStorage storage(onboard::open_sqlite("stopwatch.db"), [](std::chrono::microseconds took) {
        std::cout << "committed in " << took.count() << " us\n";
    });
    onboard::Onboarding onboarding(
        {.storage = storage, .key = onboard::SecretKey::from_file_or_new("stopwatch.key")});

    auto const email = onboard::EmailAddress::parse("jane@example.com").value();
    auto const name = onboard::PersonName::parse("Jane", "Johansson").value();
    auto const granted = onboarding.log_in({.email = email, .name = name}).value();
    auto const person = onboarding.redeem(granted.token.reveal()).value();
    std::cout << "hello " << person.account.name->first() << '\n';
}
