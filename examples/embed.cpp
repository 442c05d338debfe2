// Registers a person and prints the link that signs them in. No server: the library and a file.
#include <iostream>

#include <onboard/onboard.hpp>
#include <onboard/sqlite_storage.hpp>

int main()
{
    auto const storage = onboard::open_sqlite("people.db");
    onboard::Onboarding onboarding({.storage = *storage, .key = onboard::SecretKey::from_file_or_new("people.key")});

    auto const email = onboard::EmailAddress::parse("jane@example.com").value();
    auto const name = onboard::PersonName::parse("Jane", "Johansson").value();
    auto const granted = onboarding.log_in({.email = email, .name = name}).value();

    std::cout << "https://my.example/login/" << granted.token.reveal() << '\n';
}
