#include "simulation/fibers.hpp"

#include <cstdint>
#include <cstring>
#include <stdexcept>

#include <cxxabi.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace onboard::simulation {

namespace {

constexpr std::size_t stack_size = 512 * 1024;

// What the C++ runtime remembers of exceptions that are being handled, for each thread (Itanium C++ ABI, 2.2.2).
// Fibers of one thread need one each.
struct Handling {
    void* caught = nullptr;
    unsigned uncaught = 0;
};

void exchange(Handling& own)
{
    Handling thread;
    auto* const globals = reinterpret_cast<void*>(abi::__cxa_get_globals());
    std::memcpy(&thread, globals, sizeof thread);
    std::memcpy(globals, &own, sizeof own);
    own = thread;
}

}

struct Fibers::Fiber {
    std::unique_ptr<std::byte[]> stack = std::make_unique_for_overwrite<std::byte[]>(stack_size);
    ucontext_t context{};
    ucontext_t resumer{};
    Handling handling;
    std::function<void()> job;
    bool busy = false;
    Fibers* fibers = nullptr;

    // For the sanitizers alone, which have to be told where the stack is.
    void* own_fake_stack = nullptr;
    void* resumers_fake_stack = nullptr;
    void const* resumers_stack = nullptr;
    std::size_t resumers_stack_size = 0;
    void* own_thread = nullptr;
    void* resumers_thread = nullptr;
};

Fibers::Fibers(int count)
{
    for (int made = 0; made < count; ++made)
        fibers_.push_back(make());
}

std::unique_ptr<Fibers::Fiber> Fibers::make()
{
    auto fiber = std::make_unique<Fiber>();
    fiber->fibers = this;
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack.get();
    fiber->context.uc_stack.ss_size = stack_size;
    fiber->context.uc_link = nullptr;
    auto const address = reinterpret_cast<std::uintptr_t>(fiber.get());
    makecontext(
        &fiber->context, reinterpret_cast<void (*)()>(&Fibers::enter), 2, static_cast<unsigned>(address >> 32),
        static_cast<unsigned>(address & 0xffffffff));
#if defined(__SANITIZE_THREAD__)
    fiber->own_thread = __tsan_create_fiber(0);
#endif
    return fiber;
}

Fibers::~Fibers()
{
#if defined(__SANITIZE_THREAD__)
    for (auto const& fiber : fibers_)
        __tsan_destroy_fiber(fiber->own_thread);
#endif
}

bool Fibers::is_busy(int fiber) const
{
    return fibers_[static_cast<std::size_t>(fiber)]->busy;
}

void Fibers::start(int number, std::function<void()> job)
{
    auto& fiber = *fibers_[static_cast<std::size_t>(number)];
    if (fiber.busy)
        throw std::logic_error("this fiber has something to do already");
    fiber.job = std::move(job);
    fiber.busy = true;
}

void Fibers::resume(int number)
{
    auto& fiber = *fibers_[static_cast<std::size_t>(number)];
    running_ = &fiber;
    exchange(fiber.handling);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&fiber.resumers_fake_stack, fiber.stack.get(), stack_size);
#endif
#if defined(__SANITIZE_THREAD__)
    fiber.resumers_thread = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(fiber.own_thread, 0);
#endif
    swapcontext(&fiber.resumer, &fiber.context);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fiber.resumers_fake_stack, nullptr, nullptr);
#endif
    exchange(fiber.handling);
    running_ = nullptr;
}

void Fibers::yield()
{
    leave(*running_);
}

void Fibers::leave(Fiber& fiber)
{
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&fiber.own_fake_stack, fiber.resumers_stack, fiber.resumers_stack_size);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(fiber.resumers_thread, 0);
#endif
    swapcontext(&fiber.context, &fiber.resumer);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fiber.own_fake_stack, &fiber.resumers_stack, &fiber.resumers_stack_size);
#endif
}

void Fibers::enter(unsigned high, unsigned low)
{
    auto const address = (static_cast<std::uintptr_t>(high) << 32) | low;
    auto& fiber = *reinterpret_cast<Fiber*>(address);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &fiber.resumers_stack, &fiber.resumers_stack_size);
#endif
    fiber.fibers->run(fiber);
}

// Never returns: a fiber that has done its job waits for another.
void Fibers::run(Fiber& fiber)
{
    while (true) {
        fiber.job();
        fiber.job = nullptr;
        fiber.busy = false;
        leave(fiber);
    }
}

}
