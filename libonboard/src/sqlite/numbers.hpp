#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace onboard::sqlite {

class Connection;

// Numbers for rows that come and go: rising, and never the same one twice, whatever becomes of the rows. They are reserved
// a block at a time, inside the transaction that needs one; what is left of a block is skipped when the storage is
// closed. (SQLite's own AUTOINCREMENT writes them down one by one, which costs as much as the row.)
class Numbers {
public:
    enum class Of : std::uint8_t { login_links, sessions, codes, password_links };

    explicit Numbers(Connection& connection) noexcept : connection_(connection) {}

    std::int64_t next(Of);

    // To be called when anything was rolled back: the reservation may have been part of it.
    void lose_reservations() noexcept { blocks_ = {}; }

private:
    struct Block {
        std::int64_t last = 0;  // given out
        std::int64_t end = 0;   // and may be given out
    };

    Connection& connection_;
    std::array<Block, 4> blocks_;
};

}
