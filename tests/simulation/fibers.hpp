#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace onboard::simulation {

// Several tasks that take turns on one thread: each runs until it yields, and none is ever interrupted. Exceptions
// may be thrown and caught in a task, and it may yield in the middle of a handler; none may leave it.
class Fibers {
public:
    explicit Fibers(int count);
    ~Fibers();
    Fibers(Fibers const&) = delete;
    Fibers& operator=(Fibers const&) = delete;

    int count() const { return static_cast<int>(fibers_.size()); }
    bool is_busy(int fiber) const;

    // Gives an idle fiber something to do. Nothing of it happens before resume().
    void start(int fiber, std::function<void()> job);

    // Lets a busy fiber run until it yields or has done its job. Not from inside one.
    void resume(int fiber);

    // From inside a fiber: goes on when it is resumed.
    void yield();

private:
    struct Fiber;

    std::unique_ptr<Fiber> make();
    static void enter(unsigned high, unsigned low);
    void run(Fiber&);
    void leave(Fiber&);

    std::vector<std::unique_ptr<Fiber>> fibers_;
    Fiber* running_ = nullptr;
};

}
