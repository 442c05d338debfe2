#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <onboard/storage.hpp>

// Storages that break one promise each, and the checks of the conformance suite that have to notice.
namespace onboard::faults {

struct Fault {
    std::string_view name;                 // what is wrong with the storage
    std::vector<std::string_view> checks;  // each of which has to reject it, by their names in the suite
    std::function<std::unique_ptr<Storage>()> open;
};

std::vector<Fault> faults_of_units_of_work();
std::vector<Fault> faults_of_partners();
std::vector<Fault> faults_of_accounts();  // and of consents
std::vector<Fault> faults_of_sign_in();   // links, sessions, passwords and what leads to them
std::vector<Fault> faults_of_codes();
std::vector<Fault> faults_of_organisations();  // and of whose tokens are taken, and whom providers know
std::vector<Fault> faults_of_requests();       // those that come again
std::vector<Fault> faults_of_the_outbox();
std::vector<Fault> faults_of_the_audit_trail();

}
