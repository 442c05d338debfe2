#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace onboard::interleavings {

// Who goes on, wherever more than one client could: one order of what they do. Going through all of them is a search in
// depth: each order is run from the beginning.
class Schedule {
public:
    Schedule() = default;

    // "0 2 1"; nothing for text that is none.
    static std::optional<Schedule> parse(std::string_view);

    // Who goes on. The first who could, beyond the end of what was decided. Throws std::logic_error if the same order has
    // another course than before.
    int choose(std::span<int const> runnable);

    // Begins the next order that was not run yet; false if there is none.
    bool advance();

    // What was decided, by the numbers of the clients.
    std::string text() const;

private:
    struct Decision {
        std::vector<int> runnable;  // none if the decision was read and not taken yet
        int chosen = 0;
    };

    std::vector<Decision> decisions_;
    std::size_t next_ = 0;
};

}
