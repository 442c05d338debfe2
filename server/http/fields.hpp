#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include <onboard/error.hpp>

namespace onboard::server {

// One member of a request that is at fault.
struct FieldError {
    std::string field;  // as the caller spelled it, or the first spelling if it is missing
    std::string code;
};

// One meaning, in the spellings a contract accepts; the first is the one we name.
class Spellings {
public:
    constexpr Spellings(std::string_view first, std::string_view second = {}) : spellings_{first, second} {}

    constexpr std::string_view first() const { return spellings_[0]; }
    constexpr auto begin() const { return spellings_.begin(); }
    constexpr auto end() const { return spellings_.begin() + (spellings_[1].empty() ? 1 : 2); }

private:
    std::array<std::string_view, 2> spellings_;
};

// The members of a JSON object, read one after the other. Every fault is noted, so that a caller learns of all of them
// at once; a reader asks ok() before it uses what it read.
class Fields {
public:
    explicit Fields(boost::json::object const& object) : object_(object) {}

    // Text that `parse` accepts. Missing or null: field_missing.
    template <class Value>
    std::optional<Value> required(Spellings spellings, Result<Value> (*parse)(std::string_view))
    {
        auto const found = find(spellings);
        if (!found.value)
            return note(spellings.first(), name_of(Errc::field_missing)), std::nullopt;
        return read(found, parse);
    }

    // The same, but missing, null or empty text is nothing and no fault.
    template <class Value>
    std::optional<Value> optional(Spellings spellings, Result<Value> (*parse)(std::string_view))
    {
        auto const found = find(spellings);
        if (!found.value || (found.value->is_string() && found.value->get_string().empty()))
            return std::nullopt;
        return read(found, parse);
    }

    // Text without a rule of its own. Missing or null: field_missing.
    std::optional<std::string> required_text(Spellings);

    // An object, if it is there and not null.
    boost::json::object const* optional_object(Spellings);

    // The spelling a member came in, or the first.
    std::string_view spelling(Spellings) const;

    void note(std::string_view field, std::string_view code)
    {
        errors_.push_back({std::string(field), std::string(code)});
    }

    bool ok() const noexcept { return errors_.empty() && ambiguous_.empty(); }

    // The same meaning came in two spellings, which no fault of a value excuses: the request cannot be read.
    std::vector<FieldError> const& ambiguous() const noexcept { return ambiguous_; }
    std::vector<FieldError> const& errors() const noexcept { return errors_; }

private:
    struct Found {
        std::string_view name;
        boost::json::value const* value = nullptr;  // none if missing or null
    };

    Found find(Spellings);

    // The text of a member; another type is noted as a fault.
    std::optional<std::string_view> text(Found const&);

    template <class Value>
    std::optional<Value> read(Found const& found, Result<Value> (*parse)(std::string_view))
    {
        auto const given = text(found);
        if (!given)
            return std::nullopt;
        auto value = parse(*given);
        if (!value)
            return note(found.name, name_of(value.error().code)), std::nullopt;
        return std::move(*value);
    }

    boost::json::object const& object_;
    std::vector<FieldError> errors_;
    std::vector<FieldError> ambiguous_;
};

}
