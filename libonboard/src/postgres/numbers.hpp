#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "connection.hpp"

namespace onboard::postgres {

// Numbers for the rows of one table, rising and never the same one twice. They are fetched a block at a time, so that a
// row's number is known before the row is sent. Safe to use from many threads.
class Numbers {
public:
    // How many a value of the sequence stands for: INCREMENT BY in its definition.
    static constexpr std::int64_t block = 64;

    // `next_block` is a literal: SELECT nextval of the sequence.
    explicit Numbers(std::string_view next_block) : next_block_(next_block) {}

    std::int64_t take(Connection& connection)
    {
        {
            std::scoped_lock const lock(mutex_);
            if (next_ < end_)
                return next_++;
        }
        // Not under the lock: what waits ahead on this connection may wait for somebody who wants a number.
        auto row = connection.query(next_block_);
        if (!row.next())
            throw StorageFailure("database: a sequence has no more numbers");
        auto const first = row.integer(0);
        std::scoped_lock const lock(mutex_);
        if (first >= end_) {
            next_ = first + 1;
            end_ = first + block;
        }
        return first;
    }

private:
    std::string_view next_block_;
    std::mutex mutex_;
    std::int64_t next_ = 0;
    std::int64_t end_ = 0;
};

}
