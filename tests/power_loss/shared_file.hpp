#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace onboard::power_loss {

// What connections of one computer share of a file: locks and memory, as SQLite's documentation of a VFS has them.
// All of it is gone when nobody has the file open, or the power goes.
class SharedFile {
public:
    using Connection = void const*;
    using Slots = std::uint16_t;

    // In this order, each with what the one before allows.
    enum class Level : std::uint8_t { none, shared, reserved, pending, exclusive };

    // Whether the lock was to be had. Who waits for the exclusive one lets no new reader in.
    bool lock(Connection, Level);
    void unlock(Connection, Level);
    bool is_reserved() const;

    // Whether the locks in the shared memory were to be had, all of them or none.
    bool lock_slots(Connection, Slots, bool exclusive);
    void unlock_slots(Connection, Slots);

    // A piece of the shared memory; nullptr if there is none and none is to be made.
    void* map(Connection, std::size_t region, std::size_t size, bool make);
    void unmap(Connection);

    void close(Connection);

private:
    struct Holder {
        Level level = Level::none;
        Slots shared = 0;
        Slots exclusive = 0;
        bool maps = false;
    };

    template <class Predicate>
    bool any_other(Connection self, Predicate predicate) const
    {
        for (auto const& [connection, holder] : holders_)
            if (connection != self && predicate(holder))
                return true;
        return false;
    }

    std::map<Connection, Holder> holders_;
    std::vector<std::unique_ptr<std::byte[]>> regions_;
};

}
