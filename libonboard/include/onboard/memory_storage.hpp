#pragma once

#include <memory>

#include <onboard/storage.hpp>

namespace [[gnu::visibility("default")]] onboard {

// Storage that forgets: everything is gone with the object. For tests and trials.
std::unique_ptr<Storage> open_memory();

}
