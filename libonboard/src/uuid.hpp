#pragma once

#include <string>

namespace onboard {

class Random;

// RFC 9562, version 4, in lower case.
std::string random_uuid(Random&);

}
