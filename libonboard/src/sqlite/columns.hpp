#pragma once

#include "../rows.hpp"
#include "connection.hpp"

namespace onboard::sqlite {

using namespace columns;

}
