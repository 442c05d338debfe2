#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/world.hpp"

namespace onboard::testing {

// As the library comes, but that texts go to telephones of the Netherlands, Belgium, Germany and France.
Policy texting(Policy = {});

// People with telephones, who sign in at Acme.
class Telephones : public World {
public:
    explicit Telephones(Policy const& = {}, std::unique_ptr<Storage> = open_empty_storage());

    PartnerId acme = partner("Acme");

    // Asks for a code on behalf of this client, or of somebody trusted.
    Result<CodeSent> send(PhoneNumber const&, std::string_view client = {});

    // Lets the courier of text messages go round until nothing is due; returns what it delivered.
    std::vector<RecordingMailer::Sent> texted();

    // Has a code texted and returns it. Fails the test if that is refused.
    std::string code_for(PhoneNumber const&, std::string_view client = {});

    // What somebody enters at Acme who agrees to both.
    ConfirmPhone entry(PhoneNumber const&, std::string_view code) const;
    Result<PhoneConfirmed> enter(PhoneNumber const&, std::string_view code);

    // Signs in with a new code. Fails the test if that is refused.
    PhoneConfirmed sign_in(PhoneNumber const&);

    // Makes the next code be this one.
    void draw_next(std::uint64_t code);

    // The account with this number; fails the test if there is none.
    Account account(PhoneNumber const&);
    using World::account;

    std::optional<Account> find(PhoneNumber const&);

    // How many codes for this number could still be right.
    std::size_t codes_alive(PhoneNumber const&);
};

// Runs a use case anew when it met another writer, as hosts do.
template <class UseCase>
auto until_done(UseCase use_case)
{
    while (true)
        try {
            return use_case();
        } catch (StorageConflict const&) {
        }
}

// Telephones that differ in their last four digits only, and telephones each in a range of its own.
PhoneNumber neighbour(int number);
PhoneNumber stranger(int number);

inline namespace literals {

// As it is dialled in Germany, or from anywhere.
PhoneNumber operator""_phone(char const* text, std::size_t size);

}

}
