#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <onboard/administration.hpp>
#include <onboard/courier.hpp>
#include <onboard/onboard.hpp>
#include <onboard/testing.hpp>

#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"

namespace onboard::testing {

// As the library comes, but for hashing that costs next to nothing.
Policy quick_hashing(Policy = {});

// Everything a use case needs, with nothing in it: an empty storage, a clock that stands still, randomness that repeats
// itself, and a mailer that keeps what it is given.
class World {
public:
    explicit World(Policy const& = quick_hashing(), std::unique_ptr<Storage> = open_empty_storage());

    std::unique_ptr<Storage> storage;
    FixedClock clock;
    ScriptedRandom random;
    RecordingMailer mailer;
    RecordingMailer texter;
    Ports ports;
    Onboarding onboarding;
    Administration administration;
    Courier courier;       // of mail
    Courier text_courier;  // of text messages

    // A new partner with an open plan "PLAN-" + name.
    PartnerId partner(std::string_view name, LinkExisting = LinkExisting::confirm);

    // One more plan of a partner's, or of anybody's.
    void plan(std::string_view code, std::string_view partner);

    // A person whom this partner brought on board. Returns the login token's text.
    std::string login_link(EmailAddress const&, std::optional<PartnerId> = {});

    // A session of a person whom this partner brought on board. Returns the session token's text.
    std::string session(EmailAddress const&, std::optional<PartnerId> = {});

    // One person as a partner would register them.
    NewPerson person(std::string_view email, std::string_view plan = "PLAN-Acme");

    // What became of one person whom a partner registers.
    Result<Registered> create(PartnerId, NewPerson const&);

    // Lets the courier go round until nothing is due; returns what it delivered.
    std::vector<RecordingMailer::Sent> delivered();

    // The link in the last letter of a person who is registered just now.
    std::string password_link(std::string_view email, PartnerId);

    // A person of this partner's who has set this password.
    void person_with_password(std::string_view email, std::string_view password, PartnerId);

    // The account of an address; fails the test if there is none.
    Account account(EmailAddress const&);

    std::optional<Enrolment> enrolment(PartnerId, EmailAddress const&);
    int accounts_of(std::vector<EmailAddress> const&);
    int letters_waiting();

    // Lets the courier go round, and returns the code in the letter it delivered last. Fails the test if it had none.
    std::string mailed_code();
};

// A code that is not this one.
std::string other_than(std::string_view code);

inline namespace literals {

EmailAddress operator""_email(char const* text, std::size_t size);
PersonName operator""_name(char const* text, std::size_t size);  // parted at the first space
PlanCode operator""_plan(char const* text, std::size_t size);
PersonId operator""_person(char const* text, std::size_t size);
PersonnelNumber operator""_personnel(char const* text, std::size_t size);
PartnerName operator""_partner(char const* text, std::size_t size);

}

}
