#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <onboard/account.hpp>

// What an operator can ask for, as the command line gave it. Names and addresses are read where the command runs.
namespace onboard::server {

struct Serve {};
struct CheckConfig {};

// Brings the database to the current schema; or, where both are given, moves everything from one into another.
struct Migrate {
    std::string from = {};
    std::string to = {};
};

// Copies the database into a file that is not there yet, while others go on working.
struct Backup {
    std::string file;
};

// How a listing is printed.
enum class Listing : std::uint8_t { aligned = 1, json };

// In the order in which they are told.
inline constexpr std::array all_rights{Right::partner, Right::sso, Right::sunbird, Right::redeem};

struct PartnerAdd {
    std::string name;
    Rights rights = {Right::partner, Right::sso, Right::sunbird};
    LinkExisting link_existing = LinkExisting::confirm;
};

struct PartnerRotate {
    std::string name;
};

enum class Revoked : std::uint8_t { all = 1, oldest };

struct PartnerRevoke {
    std::string name;
    Revoked tokens = Revoked::all;
};

struct PartnerList {
    Listing listing = Listing::aligned;
};

struct PlanAdd {
    std::string code;
    std::string partner;
};

struct PlanClose {
    std::string code;
};

struct PlanList {
    Listing listing = Listing::aligned;
};

// Makes a channel, or adds organisations to one.
struct ChannelAdd {
    std::string name;
    std::vector<std::string> organisations;
};

struct ChannelList {
    Listing listing = Listing::aligned;
};

struct IssuerAdd {
    std::string name;
    std::string public_key;  // a file
    std::string channel;
    std::string audience = {};
};

struct IssuerRemove {
    std::string name;
};

struct IssuerList {
    Listing listing = Listing::aligned;
};

struct UserShow {
    std::string person;
    Listing listing = Listing::aligned;
};

struct UserBlock {
    std::string person;
};

struct UserUnblock {
    std::string person;
};

struct UserDelete {
    std::string person;
};

// Deletes a person and overwrites what a deletion leaves.
struct UserErase {
    std::string person;
};

// Prints all that is held of a person, as JSON.
struct UserExport {
    std::string person;
};

struct OutboxList {
    Listing listing = Listing::aligned;
};

// All letters that were given up and are not too old, or only one.
struct OutboxRetry {
    std::string id = {};
};

// Whether the audit trail is as it was written.
struct AuditVerify {};

struct AuditList {
    int last = 50;  // so many of the newest entries
    Listing listing = Listing::aligned;
};

// What is done to a database, beside the server or without one.
using Administrative = std::variant<
    PartnerAdd, PartnerRotate, PartnerRevoke, PartnerList, PlanAdd, PlanClose, PlanList, ChannelAdd, ChannelList,
    IssuerAdd, IssuerRemove, IssuerList, UserShow, UserBlock, UserUnblock, UserDelete, UserErase, UserExport,
    OutboxList, OutboxRetry, AuditVerify, AuditList>;

using Command = std::variant<Serve, CheckConfig, Migrate, Backup, Administrative>;

}
