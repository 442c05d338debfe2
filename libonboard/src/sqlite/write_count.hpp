#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace onboard::sqlite {

// How often something in a database was written to, as a number that all processes share. It is odd from before a commit until after
// it, and stays odd when a writer dies in between. So an even number that has not changed proves that no commit was
// told as done meanwhile, at the price of one load.
//
// Only whoever holds the writer's lock may announce.
class WriteCount {
public:
    // What is counted: all commits, or those that changed a partner, a token or a plan.
    enum class Of : std::uint8_t { everything, partners };

    // Maps the first bytes of an open file, which are made if need be. Throws StorageFailure.
    WriteCount(Of, int descriptor);
    ~WriteCount();
    WriteCount(WriteCount const&) = delete;
    WriteCount& operator=(WriteCount const&) = delete;

    std::uint64_t value() const noexcept { return shared_->load(std::memory_order_acquire); }

    void announce() noexcept { shared_->store(value() | 1, std::memory_order_seq_cst); }
    void settle() noexcept { shared_->store((value() | 1) + 1, std::memory_order_seq_cst); }

    static bool is_settled(std::uint64_t value) noexcept { return value % 2 == 0; }

private:
    using Shared = std::atomic<std::uint64_t>;
    static_assert(Shared::is_always_lock_free, "the number is shared between processes");

    static constexpr std::size_t mapped_size = 2 * sizeof(Shared);

    Shared* mapped_;
    Shared* shared_;
};

}
