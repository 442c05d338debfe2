#include "server/contracts/sso_call.hpp"

#include <algorithm>
#include <array>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/contracts/sso_answers.hpp"
#include "server/http/json_reader.hpp"
#include "server/pages/languages.hpp"

namespace onboard::server::sso {

namespace json = boost::json;

namespace {

Call unreadable(std::string const& why)
{
    return {.refusal = problem(400, why)};
}

Call unreadable(JsonRefusal const& refusal)
{
    auto const about = refusal.member.empty() ? std::string() : " (" + refusal.member + ")";
    return unreadable("JSON decoding error: " + refusal.code + about);
}

std::optional<Language> usual_language(Region region)
{
    constexpr std::array<std::pair<std::string_view, Language>, 9> usual{{
        {"DE", Language::german},
        {"AT", Language::german},
        {"CH", Language::german},
        {"LI", Language::german},
        {"NL", Language::dutch},
        {"BE", Language::dutch},
        {"FR", Language::french},
        {"LU", Language::french},
        {"MC", Language::french},
    }};
    auto const* found = std::ranges::find(usual, region.str(), &std::pair<std::string_view, Language>::first);
    return found == usual.end() ? std::nullopt : std::optional(found->second);
}

}

std::string Call::text(std::string_view member) const
{
    return std::string(members().at(member).get_string());
}

Call read_call(Exchange const& exchange, std::initializer_list<std::string_view> known)
{
    if (exchange.request.body.empty())
        return {.document = json::object()};
    auto document = read_json(exchange.request.body);
    if (!document)
        return unreadable(document.error());
    if (document->is_array())
        return {.document = json::object()};  // as the framework has it: a list has none of the members
    if (!document->is_object())
        return unreadable("JSON decoding error: the document is not an object");
    if (known.size() > 0)
        for (auto const& member : document->get_object())
            if (std::ranges::find(known, std::string_view(member.key())) == known.end())
                return unreadable("Unrecognized field " + json::serialize(member.key()));
    return {.document = std::move(*document)};
}

Result<std::string> text(std::string_view text)
{
    if (text.empty())
        return refuse(Errc::field_missing);
    return std::string(text);
}

Result<EmailAddress> email(std::string_view text)
{
    if (text.empty())
        return refuse(Errc::field_missing);
    return EmailAddress::parse(text);
}

Language language_of(RequestHead const& head, PhoneNumber const& phone)
{
    if (head.has("accept-language"))
        return pages::preferred(head.field("accept-language"));
    return usual_language(phone.region()).value_or(Language::english);
}

}
