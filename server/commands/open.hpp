#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <onboard/secrets.hpp>
#include <onboard/storage.hpp>

#include "server/settings/settings.hpp"

namespace onboard::server {

// What a database is opened for.
enum class OpenFor : std::uint8_t {
    serving = 1,  // makes and migrates it; one process at a time where it is a file
    migrating,    // makes and migrates it
    beginning,    // makes it, but does not migrate one that is there
    working,      // neither: a mistyped path is an error and not a new database
};

// A database, and the key without which nothing in it can be used.
struct Opened {
    std::unique_ptr<Storage> storage;
    SecretKey key;
};

// Opens what the settings name. The secret file is made, with mode 0600, if it is missing and the database is a new
// file: none yet, or an empty one. Throws std::runtime_error, in words for an operator, if anything stands in the way.
Opened open(Settings const&, OpenFor);

// The schema that this program writes into such a database.
int schema_of(Settings const&) noexcept;

// The database as a message may name it: the path of its file, or its URL without a password.
std::string name_of_database(Settings const&);

}
