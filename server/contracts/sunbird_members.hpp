#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>

#include "server/contracts/sunbird_envelope.hpp"
#include "server/http/fields.hpp"

namespace onboard::server::sunbird {

// The members of a call's request, of which the first that is at fault is told. Blank text counts as missing
// everywhere.
class Members {
public:
    // Of the document of a call; its member "request" is an object, or else that is the fault.
    explicit Members(boost::json::value const& document);

    std::optional<std::string> text(Spellings);

    // The same for what programs send as a number, too: telephone numbers, and codes, which have so many digits.
    std::optional<std::string> text_or_number(Spellings, int digits = 0);

    // Whether a member is true.
    bool truth(std::string_view name);

    // Whether there is anything but blank text.
    bool has(std::string_view name) const;

    // Notes a fault, unless there is one already.
    void complain(std::string_view code, std::string message);

    // The text as what `parse` makes of it; `code` is the fault if it makes nothing. Nothing of nothing.
    template <class Parse>
    auto
    parsed(std::optional<std::string> const& text, std::string_view name, std::string_view code, Parse const& parse)
        -> std::optional<std::remove_cvref_t<decltype(*parse(std::string_view()))>>
    {
        if (!text)
            return std::nullopt;
        auto value = parse(std::string_view(*text));
        if (!value)
            return complain(code, "The parameter " + std::string(name) + " is not valid."), std::nullopt;
        return *std::move(value);
    }

    std::optional<Refusal> const& fault() const noexcept { return fault_; }

private:
    template <class Read>
    std::optional<std::string> read(Spellings, Read const&);

    boost::json::object const& members_;
    std::optional<Refusal> fault_;
};

}
