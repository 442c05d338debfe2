#pragma once

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include <onboard/error.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// A country or territory that telephone numbers may belong to.
// Invariant: an ISO 3166-1 alpha-2 code in upper case, or XK for Kosovo.
class Region {
public:
    // Reads a code in any case. Refuses with region_unknown.
    static Result<Region> parse(std::string_view code);

    std::string_view str() const noexcept { return {code_.data(), code_.size()}; }

    friend bool operator==(Region const&, Region const&) = default;
    friend auto operator<=>(Region const&, Region const&) = default;

private:
    explicit Region(std::string_view code) noexcept : code_{code[0], code[1]} {}
    friend class PhoneNumber;

    std::array<char, 2> code_;
};

// A telephone number that can be dialled from anywhere.
//
// Invariant: E.164, a '+' and 7 to 15 digits; they begin with a country code that is in use by a country, and what
// follows has a length that ordinary numbers of that country have, and begins like a number of it. Whether anybody
// answers is another question: most areas and networks that were never assigned pass. Of a number from storage, all but
// the '+' and the count of digits was so when it was first read.
class PhoneNumber {
public:
    // Reads a number as people write it: with '+' and a country code, with what is dialled before a country code in the
    // region, as a tel: URI, or as it is dialled within the region. Every way to write a number gives the same number.
    // Digits are ASCII; blanks, dots, dashes, slashes and round brackets may stand between them. Letters, extensions,
    // short numbers and local ones without their area are refused with phone_malformed.
    static Result<PhoneNumber> parse(std::string_view text, Region region);

    // For storages alone: what e164() gave out once. Whether it still reads as a number is not asked, since a later table
    // may know less, and who has a number keeps it. Refuses with phone_malformed what is not a '+' and 7 to 15 digits.
    static Result<PhoneNumber> from_storage(std::string e164);

    // "+4915112345678": the form to store, to compare and to hand on.
    std::string const& e164() const noexcept { return e164_; }

    // Where the number belongs. Several regions may share a country code; where the leading digits do not tell them
    // apart, it is the largest of them (US, RU, GB). It is looked up at each call, as is whether texts may arrive. If a
    // number from storage has a country code that nobody uses any more, it is ZZ, which no text is read as.
    Region region() const noexcept;

    // Whether a text may arrive: true for mobile numbers, and where mobile and fixed ones look the same; false for fixed,
    // toll-free, premium-rate, shared-cost, voice-over-IP and personal numbers, and for pagers. It goes by leading digits
    // as they were when the table was made: a new mobile network is not textable before the next table, and what an owner
    // of a number does with it nobody can see.
    bool may_be_texted() const noexcept;

    friend bool operator==(PhoneNumber const&, PhoneNumber const&) = default;
    friend auto operator<=>(PhoneNumber const&, PhoneNumber const&) = default;

private:
    explicit PhoneNumber(std::string e164) : e164_(std::move(e164)) {}

    std::string e164_;
};

}

#pragma GCC visibility pop
