#pragma once

#include <memory>

#include <onboard/storage.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// Storage that forgets: everything is gone with the object. For tests and trials.
std::unique_ptr<Storage> open_memory();

}

#pragma GCC visibility pop
