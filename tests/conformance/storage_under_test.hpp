#pragma once

#include <memory>

#include <onboard/storage.hpp>

// The storage that a test program is about: defined once a backend, in memory.cpp, sqlite.cpp, or a file of yours. Each
// call opens one that holds nothing and shares nothing with any other.
std::unique_ptr<onboard::Storage> open_empty_storage();
