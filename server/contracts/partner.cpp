#include "server/contracts/contracts.hpp"

#include <array>
#include <functional>
#include <map>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/contracts/receiver_answers.hpp"
#include "server/http/fields.hpp"
#include "server/http/json_reader.hpp"

// The wire of o2o's partners: POST /receiver/APIv3/user.login.
namespace onboard::server {

namespace {

namespace json = boost::json;

constexpr std::size_t body_limit = 65536;
constexpr std::size_t longest_additional_data = 16384;
constexpr std::size_t longest_idempotency_key = 255;

// The member names, in the spelling of user.login's document first.
constexpr Spellings plan_code{"bikePlanCode", "BikePlanCode"};
constexpr Spellings first_name{"firstName", "FirstName"};
constexpr Spellings last_name{"lastName", "LastName"};
constexpr Spellings email{"email", "Email"};
constexpr Spellings language{"language", "Language"};
constexpr Spellings contract_type{"contractType", "ContractType"};
constexpr Spellings person_id{"partner_PersonID", "partner_EmployeeID"};
constexpr Spellings personnel_number{"personnelNumber", "PersonnelNumber"};
constexpr Spellings additional_data{"partner_additionalData"};

// What the library calls a member, as this caller spelled it. Reads the request once more, which only a refusal costs.
receiver::WireName names_in(std::string_view request)
{
    auto const document = read_json(request);
    Fields const user(document->at("user").as_object());
    static constexpr std::array<std::pair<std::string_view, Spellings>, 6> names{
        {{"plan", plan_code},
         {"first_name", first_name},
         {"last_name", last_name},
         {"email", email},
         {"person_id", person_id},
         {"personnel_number", personnel_number}}};
    std::map<std::string, std::string, std::less<>> spelled{{"idempotency_key", "Idempotency-Key"}};
    for (auto const& [ours, theirs] : names)
        spelled.emplace(ours, user.spelling(theirs));
    return [spelled = std::move(spelled)](std::string_view field) {
        auto const found = spelled.find(field);
        return found == spelled.end() ? std::string(field) : found->second;
    };
}

// This wire knows three of the library's languages.
Result<Language> parse_partner_language(std::string_view text)
{
    auto language_given = parse_language(text);
    if (language_given && *language_given == Language::german)
        return refuse(Errc::language_unknown, "language");
    return language_given;
}

// One part of a name by the rule for names.
Result<std::string> parse_name_part(std::string_view text)
{
    auto const name = PersonName::parse(text, "x");
    if (!name)
        return name.error();
    return name->first();
}

std::optional<LogIn> read_login(Fields& user, Partner const& caller, std::string_view document)
{
    auto plan = user.required<PlanCode>(plan_code, PlanCode::parse);
    auto const first = user.required<std::string>(first_name, parse_name_part);
    auto const last = user.required<std::string>(last_name, parse_name_part);
    auto address = user.required<EmailAddress>(email, EmailAddress::parse);
    auto const spoken = user.required<Language>(language, parse_partner_language);
    auto const contract = user.optional<ContractType>(contract_type, parse_contract_type);
    auto person = user.optional<PersonId>(person_id, PersonId::parse);
    auto personnel = user.optional<PersonnelNumber>(personnel_number, PersonnelNumber::parse);

    std::optional<std::string> additional;
    if (user.optional_object(additional_data)) {
        additional = raw_member(document, "user", additional_data.first());
        if (additional->size() > longest_additional_data)
            user.note(additional_data.first(), name_of(Errc::additional_data_malformed));
    }
    if (!user.ok())
        return std::nullopt;
    return LogIn{
        .partner = caller.id,
        .plan = std::move(plan),
        .email = std::move(*address),
        .name = *PersonName::parse(*first, *last),
        .language = *spoken,
        .contract_type = contract,
        .person_id = std::move(person),
        .personnel_number = std::move(personnel),
        .additional_data = std::move(additional)};
}

bool is_idempotency_key(std::string_view key)
{
    return !key.empty() && key.size() <= longest_idempotency_key &&
           key.find_first_not_of(
               "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") ==
               std::string_view::npos;
}

class PartnerContract : public Contract {
public:
    PartnerContract(Onboarding& onboarding, Links const& links) : onboarding_(onboarding), links_(links) {}

    std::span<Route const> routes() const override { return routes_; }
    std::string_view prefix() const override { return "/receiver/"; }
    Response fault(RequestHead const&, FaultDetails const& details) const override
    {
        return receiver::faulted(details);
    }

private:
    Answer log_in(Exchange const& exchange)
    {
        std::array<unsigned char, 4096> first_memory;
        json::monotonic_resource memory(first_memory.data(), first_memory.size());
        auto const document = read_json(exchange.request.body, &memory);
        if (!document)
            return receiver::unreadable(document.error().code, document.error().member);
        auto const* object = document->if_object();
        auto const* user = object ? object->if_contains("user") : nullptr;
        if (!user || !user->is_object())
            return receiver::unreadable(user ? "type_mismatch" : name_of(Errc::field_missing), "user");

        Fields fields(user->get_object());
        auto command = read_login(fields, *exchange.caller, exchange.request.body);
        if (!command)
            return receiver::refused(fields);

        auto const& head = exchange.request.head;
        if (head.has("idempotency-key")) {
            auto const key = head.field("idempotency-key");
            if (!is_idempotency_key(key))
                return receiver::unreadable("text_malformed", "Idempotency-Key");
            command->repeatable = Repeatable{std::string(key), exchange.request.body};
        }
        return [this, command = std::move(*command), body = exchange.request.body] {
            auto const outcome = onboarding_.log_in(command);
            return outcome ? write(*outcome) : receiver::refused(outcome.error(), names_in(body));
        };
    }

    Response write(LoggedIn const& outcome) const
    {
        auto const created = outcome.registered == Registered::created;
        auto const token = outcome.token.reveal();
        std::array<unsigned char, 1024> first_memory;
        json::monotonic_resource memory(first_memory.data(), first_memory.size());
        json::object body(&memory);
        body["result"] = created ? "User was created." : "User was updated.";
        body["success"] = true;
        body["loginUrl"] = outcome.confirmation_required ? links_.own_login(token) : links_.login(token);
        auto response = receiver::json_response(created ? 201 : 200, json::serialize(body));
        if (outcome.repeated)
            response.with("Idempotency-Replayed", "true");
        return response;
    }

    Onboarding& onboarding_;
    Links links_;
    std::array<Route, 1> routes_{{
        {.method = "POST",
         .path = "/receiver/APIv3/user.login",
         .right = Right::partner,
         .media = Media::json,
         .body_limit = body_limit,
         .handle = [this](Exchange const& exchange) { return log_in(exchange); }},
    }};
};

}

std::unique_ptr<Contract> partner_contract(Onboarding& onboarding, Links const& links)
{
    return std::make_unique<PartnerContract>(onboarding, links);
}

}
