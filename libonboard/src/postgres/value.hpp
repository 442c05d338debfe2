#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include <libpq-fe.h>

#include <onboard/account.hpp>
#include <onboard/secrets.hpp>

namespace onboard::postgres {

// Binary text, so that it is sent as bytea.
struct Bytes {
    std::string_view bytes;
};

// What stands for a parameter of a statement, in PostgreSQL's binary format. Text and bytes are not copied.
class Value {
public:
    explicit Value(std::int64_t number) noexcept : type_(eight_bytes), size_(number_.size())
    {
        auto rest = static_cast<std::uint64_t>(number);
        for (auto byte = number_.rbegin(); byte != number_.rend(); ++byte, rest >>= 8)
            *byte = static_cast<char>(rest & 0xff);
    }
    explicit Value(int number) noexcept : Value(static_cast<std::int64_t>(number)) {}
    explicit Value(std::string_view words) noexcept : type_(text), text_(words.data()), size_(words.size()) {}
    explicit Value(std::string const* words) noexcept : Value(words ? std::string_view(*words) : std::string_view())
    {
        null_ = words == nullptr;
    }
    explicit Value(Bytes const& value) noexcept : type_(bytea), text_(value.bytes.data()), size_(value.bytes.size())
    {
    }
    explicit Value(Digest const& digest) noexcept
        : type_(bytea), text_(reinterpret_cast<char const*>(digest.bytes().data())), size_(Digest::size)
    {
    }
    explicit Value(Instant instant) noexcept : Value(static_cast<std::int64_t>(instant.time_since_epoch().count())) {}
    template <class Tag>
    explicit Value(Identifier<Tag> const& identifier) noexcept : Value(std::string_view(identifier.str()))
    {
    }
    template <class Enum>
    requires std::is_enum_v<Enum>
    explicit Value(Enum value) noexcept : Value(static_cast<std::int64_t>(value)) {}
    template <class Inner>
    explicit Value(std::optional<Inner> const& value) : Value(value ? Value(*value) : null_like<Inner>())
    {
    }

    Oid type() const noexcept { return type_; }
    int size() const noexcept { return static_cast<int>(size_); }

    // Null for NULL. Points into this value, or to the text it was made of.
    char const* data() const noexcept
    {
        if (null_)
            return nullptr;
        if (type_ == eight_bytes)
            return number_.data();
        return size_ == 0 ? "" : text_;
    }

private:
    // The numbers of the types in PostgreSQL's catalogue, which never change.
    static constexpr Oid bytea = 17;
    static constexpr Oid eight_bytes = 20;
    static constexpr Oid text = 25;

    template <class Inner>
    static Value null_like()
    {
        constexpr auto is_number =
            std::is_enum_v<Inner> || std::is_integral_v<Inner> || std::is_same_v<Inner, Instant>;
        auto value = is_number                      ? Value(std::int64_t{0})
                     : std::is_same_v<Inner, Bytes> ? Value(Bytes{})
                                                    : Value(std::string_view());
        value.null_ = true;
        return value;
    }

    Oid type_;
    std::array<char, 8> number_{};
    char const* text_ = nullptr;
    std::size_t size_;
    bool null_ = false;
};

}
