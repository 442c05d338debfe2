#include "conformance/storage_under_test.hpp"

#include <onboard/memory_storage.hpp>

std::unique_ptr<onboard::Storage> open_empty_storage()
{
    return onboard::open_memory();
}
