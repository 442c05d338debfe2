#include "interleavings/scenarios.hpp"

namespace onboard::interleavings {

namespace {

using namespace std::chrono_literals;

// Of a person the newest address waits, with one link that confirms it; an address is one person's.
struct Addresses {
    struct Waiting {
        std::string address;
        int link = 0;
    };

    std::map<std::string, std::string> confirmed = {};  // by person
    std::map<std::string, Waiting> waiting{{"jane", {"x", 1}}, {"john", {"x", 2}}};
    bool expired = false;  // the links of the beginning

    bool is_good(std::string const& person, int link) const
    {
        return waiting.contains(person) && waiting.at(person).link == link && !expired;
    }
    std::string look_at(std::string const& person, int link) const
    {
        return is_good(person, link) ? "done" : "link_unknown";
    }
    std::string confirm(std::string const& person, int link)
    {
        if (!is_good(person, link))
            return "link_unknown";
        auto const address = waiting.at(person).address;
        for (auto const& [other, theirs] : confirmed)
            if (theirs == address && other != person)
                return "email_taken";
        confirmed[person] = address;
        waiting.erase(person);
        return "done";
    }
    std::string state(std::string const& person, std::string const& address) const
    {
        if (confirmed.contains(person) && confirmed.at(person) == address)
            return "confirmed";
        auto const waits = waiting.contains(person) && waiting.at(person).address == address && !expired;
        return waits ? "pending" : "person_unknown";
    }
};

// Two people who say that one address is theirs.
struct Rivals {
    Stage& stage;

    explicit Rivals(Stage& its_stage) : stage(its_stage)
    {
        auto const acme = stage.partner("Acme");
        for (auto const* person : {"jane", "john"}) {
            stage.sign_in(acme, phone(person));
            change(person, "x");
            stage.hands[person] = stage.secret_delivered(Channel::mail);
        }
    }
    PhoneNumber phone(std::string_view person) const { return stage.phone(person == "jane" ? 1 : 2); }
    std::string change(std::string_view person, std::string_view address) const
    {
        auto const state = stage.onboarding.change_email({.phone = phone(person), .email = stage.email(address)});
        return state ? std::string(name_of(*state)) : told(state);
    }
    Act confirm(std::string const& person) const
    {
        return [*this, person] { return told(stage.onboarding.confirm_email(stage.hands[person])); };
    }
    Act look_at(std::string const& person) const
    {
        return [*this, person] { return told(stage.onboarding.opt_in_invitation(stage.hands[person])); };
    }
    Act ask(std::string const& person, std::string const& address) const
    {
        return [*this, person, address] {
            auto const state = stage.onboarding.email_state({.email = stage.email(address), .phone = phone(person)});
            return state ? std::string(name_of(*state)) : told(state);
        };
    }
};

Step<Addresses> confirms(std::string const& person, int link)
{
    return [person, link](Addresses& model, std::string& answer) { answer = model.confirm(person, link); };
}

Step<Addresses> looks_at(std::string const& person, int link)
{
    return [person, link](Addresses& model, std::string& answer) { answer = model.look_at(person, link); };
}

Step<Addresses> asks(std::string const& person, std::string const& address)
{
    return [person, address](Addresses& model, std::string& answer) { answer = model.state(person, address); };
}

void confirm_one_address(Stage& stage, PlayOf<Addresses>& play)
{
    Rivals const rivals(stage);
    play.client();
    play.writes("Jane confirms x", rivals.confirm("jane"), confirms("jane", 1));
    play.reads("John's link", rivals.look_at("john"), looks_at("john", 2));
    play.writes("email_state of Jane", rivals.ask("jane", "x"), asks("jane", "x"));
    play.client();
    play.writes("John confirms x", rivals.confirm("john"), confirms("john", 2));
    play.reads("Jane's link", rivals.look_at("jane"), looks_at("jane", 1));
    play.writes("email_state of John", rivals.ask("john", "x"), asks("john", "x"));
    play.client();
    play.writes(
        "Jane changes to y", [rivals] { return rivals.change("jane", "y"); },
        [](auto& model, auto& answer) {
            model.waiting["jane"] = {"y", 3}, answer = "pending";
        });
    play.writes("email_state of Jane", rivals.ask("jane", "y"), asks("jane", "y"));
    for (auto const* person : {"jane", "john"})
        for (auto const* address : {"x", "y"})
            play.afterwards("email_state", rivals.ask(person, address), asks(person, address));
}

void confirm_as_it_expires(Stage& stage, PlayOf<Addresses>& play)
{
    Rivals const rivals(stage);
    play.client();
    play.writes("Jane confirms x", rivals.confirm("jane"), confirms("jane", 1));
    play.client();
    play.time_passes(24h, [](auto& model) { model.expired = true; });
    play.writes("email_state of Jane", rivals.ask("jane", "x"), asks("jane", "x"));
    play.client();
    play.writes("John confirms x", rivals.confirm("john"), confirms("john", 2));
    play.reads("Jane's link", rivals.look_at("jane"), looks_at("jane", 1));
    play.afterwards("email_state of Jane", rivals.ask("jane", "x"), asks("jane", "x"));
    play.afterwards("email_state of John", rivals.ask("john", "x"), asks("john", "x"));
}

// Whoever is refused an address uses nothing up.
void refuse_call_by_call(Stage& stage, PlayOf<Addresses>& play)
{
    Rivals const rivals(stage);
    rivals.confirm("jane")();
    play.beginning.confirm("jane", 1);
    play.client();
    play.writes("John confirms x", rivals.confirm("john"), confirms("john", 2));
    play.client();
    play.reads("John's link", rivals.look_at("john"), looks_at("john", 2));
    play.reads("John's link", rivals.look_at("john"), looks_at("john", 2));
    play.client();
    play.time_passes(24h, [](auto& model) { model.expired = true; });
    play.afterwards("email_state of John", rivals.ask("john", "x"), asks("john", "x"));
}

}

std::vector<Scenario> address_scenarios()
{
    return {
        scenario<Addresses>("two people confirm one address, and one wants another", confirm_one_address),
        scenario<Addresses>("two people confirm one address as their links expire", confirm_as_it_expires),
        scenario<Addresses>(
            "an address is refused while its link is looked at, call by call", refuse_call_by_call, patient_policy(),
            Grain::calls),
    };
}

}
