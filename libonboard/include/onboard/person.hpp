#pragma once

#include <string>
#include <string_view>

#include <onboard/error.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// An address mail can be sent to, and the key by which a person is unique.
//
// Invariant: one '@'; before it 1 to 64 octets, a dot-atom of RFC 5321 or its UTF-8 extension (RFC 6531), no quotes,
// spaces, control or invisible characters; after it a dotted host name in A-label form (RFC 5890), lower case;
// at most 254 octets in all (RFC 5321, 4.5.3.1).
// Two addresses are equal when their keys are.
class EmailAddress {
public:
    // Reads an address, ignoring surrounding white space. Refuses with email_malformed.
    static Result<EmailAddress> parse(std::string_view text);

    // The address as mail should carry it: the local part as it was given.
    std::string const& str() const noexcept { return text_; }

    // The form that storage keeps unique: all in lower case; a local part beyond ASCII by full Unicode case folding
    // after NFC. Provider habits such as dots and plus tags are left alone.
    std::string const& key() const noexcept { return key_; }

    friend bool operator==(EmailAddress const& a, EmailAddress const& b) noexcept { return a.key_ == b.key_; }

private:
    EmailAddress(std::string text, std::string key) : text_(std::move(text)), key_(std::move(key)) {}

    std::string text_;
    std::string key_;
};

// What a person is called. Invariant: the first part is 1 to 100 code points of valid UTF-8 after trimming, without
// control characters, line separators or bidirectional overrides; the last part is like it, or empty.
class PersonName {
public:
    // Refuses with name_malformed, naming first_name or last_name.
    static Result<PersonName> parse(std::string_view first, std::string_view last);

    // A name in one part, as many people have it. Refuses with name_malformed, naming first_name.
    static Result<PersonName> parse(std::string_view whole);

    std::string const& first() const noexcept { return first_; }
    std::string const& last() const noexcept { return last_; }

    friend bool operator==(PersonName const&, PersonName const&) = default;

private:
    PersonName(std::string first, std::string last) : first_(std::move(first)), last_(std::move(last)) {}

    std::string first_;
    std::string last_;
};

// The languages of letters and pages.
enum class Language : std::uint8_t { dutch = 1, french, english, german };

// The ISO 639-1 code in lower case: "nl", "fr", "en", "de".
std::string_view code_of(Language) noexcept;

// Reads a code in any case. Refuses with language_unknown.
Result<Language> parse_language(std::string_view code);

// White- or blue-collar; a partner's rates depend on it, nothing here does.
enum class ContractType : std::uint8_t { clerk = 1, worker };

// "clerk" or "worker".
std::string_view name_of(ContractType) noexcept;

// Reads a name in any case. Refuses with contract_type_unknown.
Result<ContractType> parse_contract_type(std::string_view name);

}

#pragma GCC visibility pop
