#include "numbers.hpp"

#include <string>

#include <onboard/error.hpp>

#include "connection.hpp"

namespace onboard::sqlite {

namespace {

constexpr std::int64_t block_size = 1000;
constexpr std::array<std::string_view, 4> names{"login_links", "sessions", "codes", "password_links"};

}

std::int64_t Numbers::next(Of of)
{
    auto const index = static_cast<std::size_t>(of);
    auto& block = blocks_[index];
    if (block.last == block.end) {
        auto row = connection_.query(
            "UPDATE numbers SET last = last + ? WHERE name = ? RETURNING last", block_size, names[index]);
        if (!row.next())
            throw StorageFailure("database: there are no numbers for " + std::string(names[index]));
        block = {.last = row.integer(0) - block_size, .end = row.integer(0)};
    }
    return ++block.last;
}

}
