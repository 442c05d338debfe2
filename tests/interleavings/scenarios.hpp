#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "interleavings/play.hpp"

namespace onboard::interleavings {

// By what the scenarios are about; each has clients, and a model of a few lines that says what they may be told.
std::vector<Scenario> link_scenarios();      // login links and the tokens of partners
std::vector<Scenario> code_scenarios();      // texted codes and visits from a portal
std::vector<Scenario> password_scenarios();  // links to set a password
std::vector<Scenario> address_scenarios();   // links to confirm an address
std::vector<Scenario> session_scenarios();
std::vector<Scenario> sign_up_scenarios();

std::vector<Scenario> all_scenarios();

template <class Model, class SetUp>
Scenario
scenario(std::string name, SetUp set_up, Policy const& policy = patient_policy(), Grain grain = Grain::units_of_work)
{
    auto begin = [set_up](Stage& stage) -> std::unique_ptr<Play> {
        auto play = std::make_unique<PlayOf<Model>>(stage);
        set_up(stage, *play);
        return play;
    };
    return {.name = std::move(name), .policy = policy, .begin = std::move(begin), .grain = grain};
}

}
