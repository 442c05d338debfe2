#include <onboard/person.hpp>

#include <algorithm>

#include <onboard/account.hpp>

#include "host_name.hpp"
#include "unicode.hpp"

namespace onboard {

namespace {

constexpr std::size_t longest_local_part = 64;  // octets, RFC 5321, 4.5.3.1.1
constexpr std::size_t longest_address = 254;    // octets, RFC 5321, 4.5.3.1.3 less the angle brackets
constexpr std::size_t longest_name = 100;       // code points
constexpr std::size_t longest_identifier = 64;  // code points

// RFC 5322, 3.2.3, and everything beyond ASCII (RFC 6531), which is judged apart.
bool is_atom_text(unsigned char byte)
{
    auto const lower = byte | 0x20;
    return byte >= 0x80 || (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(static_cast<char>(byte)) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text)
{
    if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos)
        return false;
    return std::ranges::all_of(text, [](char letter) { return letter == '.' || is_atom_text(letter); });
}

std::optional<std::string> line_of(std::string_view text, std::size_t longest)
{
    auto const line = unicode::trimmed(text);
    auto const length = unicode::printable_length(line);
    if (!length || *length == 0 || *length > longest)
        return std::nullopt;
    return std::string(line);
}

}

Result<EmailAddress> EmailAddress::parse(std::string_view text)
{
    auto const malformed = refuse(Errc::email_malformed, "email");
    auto const address = unicode::trimmed(text);
    auto const at = address.find('@');
    if (at == std::string_view::npos || address.find('@', at + 1) != std::string_view::npos)
        return malformed;

    auto const local = address.substr(0, at);
    if (local.size() > longest_local_part || !is_dot_atom(local) || !unicode::is_plain_word(local))
        return malformed;
    auto const host = to_host_name(address.substr(at + 1));
    if (!host || local.size() + 1 + host->size() > longest_address)
        return malformed;

    return EmailAddress(std::string(local) + '@' + *host, unicode::fold(local) + '@' + *host);
}

Result<PersonName> PersonName::parse(std::string_view first, std::string_view last)
{
    auto first_name = line_of(first, longest_name);
    if (!first_name)
        return refuse(Errc::name_malformed, "first_name");
    auto last_name = line_of(last, longest_name);
    if (!last_name)
        return refuse(Errc::name_malformed, "last_name");
    return PersonName(std::move(*first_name), std::move(*last_name));
}

Result<PersonName> PersonName::parse(std::string_view whole)
{
    auto name = line_of(whole, longest_name);
    if (!name)
        return refuse(Errc::name_malformed, "first_name");
    return PersonName(std::move(*name), {});
}

std::string_view code_of(Language language) noexcept
{
    switch (language) {
    case Language::dutch: return "nl";
    case Language::french: return "fr";
    case Language::english: return "en";
    case Language::german: return "de";
    }
    return "en";
}

Result<Language> parse_language(std::string_view code)
{
    auto const lower = unicode::ascii_lower(code);
    for (auto const language : {Language::dutch, Language::french, Language::english, Language::german})
        if (lower == code_of(language))
            return language;
    return refuse(Errc::language_unknown, "language");
}

std::string_view name_of(ContractType type) noexcept
{
    return type == ContractType::clerk ? "clerk" : "worker";
}

Result<ContractType> parse_contract_type(std::string_view name)
{
    auto const lower = unicode::ascii_lower(name);
    for (auto const type : {ContractType::clerk, ContractType::worker})
        if (lower == name_of(type))
            return type;
    return refuse(Errc::contract_type_unknown, "contract_type");
}

std::string_view name_of(Agreement agreement) noexcept
{
    switch (agreement) {
    case Agreement::terms: return "terms";
    case Agreement::privacy: return "privacy";
    }
    return "";
}

std::string_view name_of(Right right) noexcept
{
    switch (right) {
    case Right::partner: return "partner";
    case Right::sso: return "sso";
    case Right::sunbird: return "sunbird";
    case Right::redeem: return "redeem";
    }
    return "";
}

std::string_view name_of(LinkExisting choice) noexcept
{
    switch (choice) {
    case LinkExisting::refuse: return "refuse";
    case LinkExisting::confirm: return "confirm";
    case LinkExisting::trust: return "trust";
    }
    return "";
}

template <>
Result<PlanCode> PlanCode::parse(std::string_view text)
{
    auto line = line_of(text, longest_identifier);
    if (!line)
        return refuse(Errc::plan_unknown, "plan");
    return PlanCode(std::move(*line));
}

template <>
Result<PersonId> PersonId::parse(std::string_view text)
{
    auto line = line_of(text, longest_identifier);
    if (!line)
        return refuse(Errc::text_malformed, "person_id");
    return PersonId(std::move(*line));
}

template <>
Result<PersonnelNumber> PersonnelNumber::parse(std::string_view text)
{
    auto line = line_of(text, longest_identifier);
    if (!line)
        return refuse(Errc::text_malformed, "personnel_number");
    return PersonnelNumber(std::move(*line));
}

template <>
Result<PartnerName> PartnerName::parse(std::string_view text)
{
    auto line = line_of(text, longest_identifier);
    if (!line || line->find(':') != std::string::npos)
        return refuse(Errc::text_malformed, "name");
    return PartnerName(std::move(*line));
}

template <>
Result<ChannelName> ChannelName::parse(std::string_view text)
{
    auto const is_plain = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
    };
    auto line = line_of(text, longest_identifier);
    if (!line || !std::ranges::all_of(*line, is_plain))
        return refuse(Errc::text_malformed, "channel");
    return ChannelName(std::move(*line));
}

template <>
Result<OrganisationId> OrganisationId::parse(std::string_view text)
{
    auto line = line_of(text, longest_identifier);
    if (!line)
        return refuse(Errc::text_malformed, "organisation");
    return OrganisationId(std::move(*line));
}

std::optional<std::string> login_id(Account const& account)
{
    if (!account.user_name || !account.membership)
        return std::nullopt;
    return account.user_name->str() + '@' + account.membership->channel.str();
}

}
