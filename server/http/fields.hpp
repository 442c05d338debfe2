#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
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

    constexpr Spellings(char const* only) : Spellings(std::string_view(only)) {}

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
    // What a function from text to a Result yields.
    template <class Parse>
    using Parsed = std::optional<std::remove_cvref_t<decltype(*std::declval<Parse const&>()(std::string_view()))>>;

    explicit Fields(boost::json::object const& object) : object_(object) {}

    // Text that `parse` accepts. Missing or null: field_missing.
    template <class Parse>
    Parsed<Parse> required(Spellings spellings, Parse const& parse)
    {
        auto const found = find(spellings);
        if (!found.value)
            return note(spellings.first(), name_of(Errc::field_missing)), std::nullopt;
        return read(found, parse);
    }

    // The same, but missing, null or empty text is nothing and no fault.
    template <class Parse>
    Parsed<Parse> optional(Spellings spellings, Parse const& parse)
    {
        auto const found = find(spellings);
        if (!found.value || (found.value->is_string() && found.value->get_string().empty()))
            return std::nullopt;
        return read(found, parse);
    }

    // Text without a rule of its own. Missing or null: field_missing.
    std::optional<std::string> required_text(Spellings);

    // Text as it is, also empty, if it is there and not null.
    std::optional<std::string> optional_text(Spellings);

    // A truth: true, false, or what programs write for them, 1, 0, "1", "0", "true", "false". Missing or null is false.
    bool truth(Spellings);

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

    template <class Parse>
    Parsed<Parse> read(Found const& found, Parse const& parse)
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
