#pragma once

#include <algorithm>
#include <barrier>
#include <exception>
#include <thread>
#include <vector>

namespace onboard::testing {

// Runs an action in so many threads, which all start at the same moment; the action gets its thread's number. What one
// of them throws, the caller gets. Nothing inside may use Catch2, whose assertions are for one thread.
template <class Action>
void together(int threads, Action action)
{
    std::barrier start(threads);
    std::vector<std::exception_ptr> troubles(static_cast<std::size_t>(threads));
    std::vector<std::thread> running;
    for (int number = 0; number < threads; ++number)
        running.emplace_back([&, number] {
            start.arrive_and_wait();
            try {
                action(number);
            } catch (...) {
                troubles[static_cast<std::size_t>(number)] = std::current_exception();
            }
        });
    for (auto& thread : running)
        thread.join();
    for (auto const& trouble : troubles)
        if (trouble)
            std::rethrow_exception(trouble);
}

}
