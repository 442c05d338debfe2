// What the conformance suite asks for: a storage that holds nothing, each time it is called.
#include <onboard/memory_storage.hpp>

#include "conformance/storage_under_test.hpp"
#include "stopwatch_storage.hpp"

std::unique_ptr<onboard::Storage> open_empty_storage()
{
    return std::make_unique<StopwatchStorage>(onboard::open_memory(), [](std::chrono::microseconds) {});
}
