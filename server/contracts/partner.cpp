#include "server/contracts/contracts.hpp"

#include <array>
#include <functional>
#include <stdexcept>

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/contracts/partner_person.hpp"
#include "server/contracts/receiver_answers.hpp"
#include "server/http/fields.hpp"
#include "server/http/json_reader.hpp"

// The wire of o2o's partners: POST /receiver/APIv3/user.login and user.create.
namespace onboard::server {

namespace {

namespace json = boost::json;

constexpr std::size_t login_limit = 65536;
constexpr std::size_t create_limit = 262144;
constexpr std::size_t most_people = 500;
constexpr std::size_t longest_idempotency_key = 255;

constexpr std::string_view was_created = "User was created.";
constexpr std::string_view was_updated = "User was updated.";
constexpr std::string_view exists_already = "User already exists.";

bool is_idempotency_key(std::string_view key)
{
    return !key.empty() && key.size() <= longest_idempotency_key &&
           key.find_first_not_of(
               "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") ==
               std::string_view::npos;
}

// The key a request came with, if any; or why it is none.
boost::system::result<std::optional<Repeatable>, Response> repeatable_of(Request const& request)
{
    if (!request.head.has("idempotency-key"))
        return std::nullopt;
    auto const key = request.head.field("idempotency-key");
    if (!is_idempotency_key(key))
        return receiver::unreadable("text_malformed", "Idempotency-Key");
    return Repeatable{std::string(key), request.body};
}

LogIn login_of(NewPerson person, PartnerId partner)
{
    return {
        .partner = partner,
        .plan = std::move(person.plan),
        .email = std::move(person.email),
        .name = std::move(person.name),
        .language = person.language,
        .contract_type = person.contract_type,
        .person_id = std::move(person.person_id),
        .personnel_number = std::move(person.personnel_number),
        .additional_data =
            person.additional_data.empty() ? std::nullopt : std::optional(std::move(person.additional_data))};
}

// The `user` of a request that was accepted as JSON.
json::value const* user_in(json::value const& document)
{
    auto const* object = document.if_object();
    return object ? object->if_contains("user") : nullptr;
}

Response wrong_user(json::value const* user)
{
    return receiver::unreadable(user ? "type_mismatch" : name_of(Errc::field_missing), "user");
}

// The people of a user.create as they were read: each to be registered, or refused beforehand.
struct PeopleRead {
    std::vector<NewPerson> people;
    std::vector<std::optional<receiver::Refusal>> refusals;  // one an item; none for those among the people
};

void read_item(PeopleRead& read, json::value const& item, std::string_view text)
{
    if (!item.is_object()) {
        read.refusals.emplace_back(receiver::mistyped("user"));
        return;
    }
    Fields fields(item.get_object());
    auto person = partner::read_person(fields, text);
    read.refusals.push_back(person ? std::nullopt : std::optional(receiver::refusal_of(fields)));
    if (person)
        read.people.push_back(std::move(*person));
}

// `text` is that of the user, as it was sent.
PeopleRead read_people(json::value const& user, std::string_view text)
{
    PeopleRead read;
    if (auto const* list = user.if_array()) {
        auto const texts = raw_elements(text);
        for (std::size_t index = 0; index < list->size(); ++index)
            read_item(read, (*list)[index], texts[index]);
    } else {
        read_item(read, user, text);
    }
    return read;
}

// What became of each item, in order, once those that could be read were tried. Reads the request once more for the
// names of members, which only refusals of the domain cost.
class ItemAnswers {
public:
    ItemAnswers(PeopleRead const& read, std::vector<Result<Registered>> const& outcomes, std::string_view request)
        : read_(read), outcomes_(outcomes), request_(request)
    {
    }

    json::array write(bool& all_succeeded)
    {
        json::array answers;
        all_succeeded = true;
        auto outcome = outcomes_.begin();
        for (std::size_t index = 0; index < read_.refusals.size(); ++index) {
            auto const& refusal = read_.refusals[index];
            json::object answer{{"status", refusal ? refusal->status : status_of(*outcome)}};
            for (auto& [member, value] : refusal ? receiver::body_of(*refusal) : body_of(*outcome, index))
                answer.emplace(member, std::move(value));
            if (!refusal)
                ++outcome;
            all_succeeded = all_succeeded && answer["success"].as_bool();
            answers.push_back(std::move(answer));
        }
        return answers;
    }

private:
    static int status_of(Result<Registered> const& outcome)
    {
        if (!outcome)
            return receiver::status_of(outcome.error().code);
        return *outcome == Registered::created ? 201 : 200;
    }

    json::object body_of(Result<Registered> const& outcome, std::size_t index)
    {
        if (!outcome)
            return receiver::body_of(receiver::refusal_of(outcome.error(), names_in(index)));
        json::object body;
        body["result"] = *outcome == Registered::created ? was_created : exists_already;
        body["success"] = true;
        return body;
    }

    receiver::WireName names_in(std::size_t index)
    {
        if (!document_)
            document_ = *read_json(request_);
        auto const& user = *user_in(*document_);
        return partner::names_in(user.is_array() ? user.get_array()[index].as_object() : user.as_object());
    }

    PeopleRead const& read_;
    std::vector<Result<Registered>> const& outcomes_;
    std::string_view request_;
    std::optional<json::value> document_;
};

class PartnerContract : public Contract {
public:
    PartnerContract(Onboarding& onboarding, Links const& links) : onboarding_(onboarding), links_(links) {}

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view path) const override { return path.starts_with("/receiver/"); }
    Response fault(RequestHead const&, FaultDetails const& details) const override
    {
        return receiver::faulted(details);
    }

private:
    Answer log_in(Exchange const& exchange)
    {
        std::array<unsigned char, 4096> first_memory;
        json::monotonic_resource memory(first_memory.data(), first_memory.size());
        auto const body = exchange.request.body;
        auto const document = read_json(body, &memory);
        if (!document)
            return receiver::unreadable(document.error().code, document.error().member);
        auto const* user = user_in(*document);
        if (!user || !user->is_object())
            return wrong_user(user);

        Fields fields(user->get_object());
        auto person = partner::read_person(fields, raw_member(body, "user"));
        if (!person)
            return receiver::refused(receiver::refusal_of(fields));
        auto repeatable = repeatable_of(exchange.request);
        if (!repeatable)
            return repeatable.error();
        auto command = login_of(std::move(*person), exchange.caller->id);
        command.repeatable = std::move(*repeatable);
        return [this, command = std::move(command), body] {
            auto const outcome = onboarding_.log_in(command);
            return outcome ? write(*outcome) : refused(outcome.error(), body);
        };
    }

    Response write(LoggedIn const& outcome) const
    {
        auto const created = outcome.registered == Registered::created;
        auto const token = outcome.token.reveal();
        std::array<unsigned char, 1024> first_memory;
        json::monotonic_resource memory(first_memory.data(), first_memory.size());
        json::object body(&memory);
        body["result"] = created ? was_created : was_updated;
        body["success"] = true;
        body["loginUrl"] = outcome.confirmation_required ? links_.own_login(token) : links_.login(token);
        return marked(receiver::json_response(created ? 201 : 200, json::serialize(body)), outcome.repeated);
    }

    static Response refused(Error const& error, std::string_view request)
    {
        auto const document = read_json(request);
        auto const* user = document->at("user").if_object();
        return receiver::refused(error, partner::names_in(user ? *user : json::object()));
    }

    static Response marked(Response response, bool repeated)
    {
        if (repeated)
            response.with("Idempotency-Replayed", "true");
        return response;
    }

    Answer create(Exchange const& exchange)
    {
        json::monotonic_resource memory;
        auto const body = exchange.request.body;
        auto const document = read_json(body, &memory);
        if (!document)
            return receiver::unreadable(document.error().code, document.error().member);
        auto const* user = user_in(*document);
        if (!user || (!user->is_object() && !user->is_array()))
            return wrong_user(user);
        auto const is_list = user->is_array();
        if (is_list && (user->get_array().empty() || user->get_array().size() > most_people))
            return receiver::refused(
                {.status = 422, .sentence = "A list has 1 to 500 people.", .errors = {{"user", "list_size"}}});
        auto repeatable = repeatable_of(exchange.request);
        if (!repeatable)
            return repeatable.error();

        auto read = read_people(*user, raw_member(body, "user"));
        if (read.people.empty() && !*repeatable)
            return write(read, {}, body, is_list);
        Registration command{
            .partner = exchange.caller->id,
            .people = std::exchange(read.people, {}),
            .repeatable = std::move(*repeatable)};
        return [this, command = std::move(command), read = std::move(read), body, is_list] {
            auto const registered = onboarding_.register_people(command);
            if (!registered)
                return refused(registered.error(), body);
            if (registered->outcomes.size() != command.people.size())
                throw std::runtime_error("an answer that was kept is not one to this request");
            return marked(write(read, registered->outcomes, body, is_list), registered->repeated);
        };
    }

    static Response write(
        PeopleRead const& read, std::vector<Result<Registered>> const& outcomes, std::string_view request,
        bool is_list)
    {
        bool all_succeeded = false;
        auto answers = ItemAnswers(read, outcomes, request).write(all_succeeded);
        if (is_list) {
            json::object body;
            body["success"] = all_succeeded;
            body["results"] = std::move(answers);
            return receiver::json_response(200, json::serialize(body));
        }
        auto& only = answers.front().as_object();
        auto const status = static_cast<int>(only["status"].as_int64());
        only.stable_erase("status");
        return receiver::json_response(status, json::serialize(only));
    }

    Onboarding& onboarding_;
    Links links_;
    std::array<Route, 2> routes_{{
        {.method = "POST",
         .path = "/receiver/APIv3/user.login",
         .right = Right::partner,
         .media = Media::json,
         .body_limit = login_limit,
         .handle = [this](Exchange const& exchange) { return log_in(exchange); }},
        {.method = "POST",
         .path = "/receiver/APIv3/user.create",
         .right = Right::partner,
         .media = Media::json,
         .body_limit = create_limit,
         .handle = [this](Exchange const& exchange) { return create(exchange); }},
    }};
};

}

std::unique_ptr<Contract> partner_contract(Onboarding& onboarding, Links const& links)
{
    return std::make_unique<PartnerContract>(onboarding, links);
}

}
