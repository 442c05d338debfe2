#pragma once

#include "connection.hpp"

namespace onboard::postgres {

// Brings an empty or older schema to the current one, one transaction a step, and checks that every table in it is one
// of ours. Of several that begin together, one does it and the others wait. Throws StorageFailure, saying why, for a
// schema that has other tables, is newer, is older while `migrate` is false, or is empty while `create` is false.
void prepare_schema(Connection&, PostgresOptions const&);

}
