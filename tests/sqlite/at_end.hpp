#pragma once

#include <functional>
#include <utility>

namespace onboard::testing {

// Does something when its scope ends, even by an exception, so that nobody waits in vain.
class AtEnd {
public:
    explicit AtEnd(std::function<void()> action) : action_(std::move(action)) {}
    ~AtEnd() { action_(); }
    AtEnd(AtEnd const&) = delete;
    AtEnd& operator=(AtEnd const&) = delete;

private:
    std::function<void()> action_;
};

}
