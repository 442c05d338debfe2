#pragma once

#include "connection.hpp"

namespace onboard::sqlite {

// Whether the file says that it is a database of ours.
bool is_ours(Connection&);

// Brings an empty or older database to the current schema, one transaction a step, and checks that what is there is
// exactly what it should be. Throws StorageFailure, saying why, for a file that is not ours, is newer, was altered, or
// is older while `migrate` is false; a file that is not ours is left as it is.
void prepare_schema(Connection&, bool migrate);

}
