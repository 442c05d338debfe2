#include <algorithm>
#include <array>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/contracts/contracts.hpp"
#include "server/contracts/sso_answers.hpp"
#include "server/contracts/sso_call.hpp"
#include "server/http/forms.hpp"
#include "server/http/throttle.hpp"

// Phone-first single sign-on, for sites whose people sign in with a code by text message: the nine calls under /sso/.
namespace onboard::server {

namespace json = boost::json;

namespace {

constexpr std::size_t body_limit = 65536;
constexpr std::size_t most_look_ups = 100;

std::string_view on_wire(std::string_view field)
{
    if (field == "phone" || field == "range" || field == "client")
        return "telephone";
    if (field == "push_token")
        return "pushToken";
    if (field == "token")
        return "c";
    if (field == "agrees_to_terms")
        return "agb";
    if (field == "agrees_to_privacy")
        return "dataprotection";
    return field;
}

json::object pair_of(sso::Call const& call)
{
    return {{"email", call.text("email")}, {"telephone", call.text("telephone")}};
}

json::object user_json(Account const& account)
{
    json::object user;
    user["id"] = account.number.value_or(0);
    user["email"] = account.email ? account.email->str() : "";
    user["nickname"] = "";
    user["firstname"] = account.name ? account.name->first() : "";
    user["imageUrl"] = "";
    user["verified"] = account.email_verified;
    return {{"user", std::move(user)}};
}

// Also of a version that is not.
bool is_sso(std::string_view path)
{
    constexpr std::size_t version = std::string_view("/v1").size();
    auto const versioned = path.size() > version && path.starts_with("/v") && path[2] >= '0' && path[2] <= '9';
    auto const rest = versioned ? path.substr(version) : path;
    return rest == "/sso" || rest.starts_with("/sso/");
}

class SsoContract : public Contract {
public:
    SsoContract(Onboarding& onboarding, Region region, Log const& log, Events& events)
        : onboarding_(onboarding), region_(region), log_(log), events_(events), routes_(all_routes())
    {
    }

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view path) const override { return is_sso(path); }
    bool takes_basic() const override { return true; }
    Response fault(RequestHead const& head, FaultDetails const& details) const override
    {
        return with_methods(head, sso::faulted(details));
    }

private:
    using Object = json::object;

    auto parse_phone() const
    {
        return [this](std::string_view text) -> Result<PhoneNumber> {
            if (text.empty())
                return refuse(Errc::field_missing);
            return PhoneNumber::parse(text, region_);
        };
    }

    // POST /sso/sms
    Answer send_code(Exchange const& exchange)
    {
        auto const call = sso::read_call(exchange);
        if (call.refusal)
            return *call.refusal;
        Fields fields(call.members());
        auto const phone = fields.required("telephone", parse_phone());
        if (!phone)
            return sso::invalid(fields.errors());
        auto const& head = exchange.request.head;
        auto client = exchange.caller ? std::string() : throttle_key(exchange.request.client);
        return [this, &head, phone = *phone, given = call.text("telephone"),
                language = sso::language_of(head, *phone), client = std::move(client)] {
            auto const sent = onboarding_.send_code({.phone = phone, .language = language, .client = client});
            if (!sent) {
                note_refused_text(sent.error(), phone);
                return sso::refused(sent.error(), on_wire);
            }
            if (sent->suspicious)
                note_suspicion(phone);
            return sso::answer(head, 201, Object{{"telephone", given}});
        };
    }

    // Of numbers only what a range of them has in common goes into the log.
    void note_suspicion(PhoneNumber const& phone) const
    {
        log_.warn("texts to one range of numbers bring no codes back", {{"region", phone.region().str()}});
    }

    void note_refused_text(Error const& error, PhoneNumber const& phone) const
    {
        if (error.field == "range")
            note_suspicion(phone);
        if (error.field == "texts")
            log_.warn("there have been as many texts today as there may be");
    }

    // POST /sso/code
    Answer check_code(Exchange const& exchange)
    {
        auto const call = sso::read_call(exchange);
        if (call.refusal)
            return *call.refusal;
        Fields fields(call.members());
        auto const phone = fields.required("telephone", parse_phone());
        auto const code = fields.required("code", sso::text);
        if (!fields.ok())
            return sso::invalid(fields.errors());
        auto const& head = exchange.request.head;
        return [this, &head, phone = *phone, code = *code, given = call.text("telephone")] {
            auto const right = onboarding_.check_code({.phone = phone, .code = code});
            if (!right)
                return sso::refused(right.error(), on_wire);
            return sso::answer(head, 201, Object{{"telephone", given}, {"valid", true}});
        };
    }

    // POST /sso/auth
    Answer sign_in(Exchange const& exchange)
    {
        auto const call = sso::read_call(exchange);
        if (call.refusal)
            return *call.refusal;
        Fields fields(call.members());
        auto const phone = fields.required("telephone", parse_phone());
        auto code = fields.required("code", sso::text);
        auto const terms = fields.truth("agb");
        auto const privacy = fields.truth("dataprotection");
        auto push_token = fields.optional_text("pushToken");
        if (!fields.ok())
            return sso::invalid(fields.errors());
        auto const& head = exchange.request.head;
        return [this, &head, partner = exchange.caller->id, phone = *phone, code = *std::move(code), terms, privacy,
                push_token = std::move(push_token)] {
            auto const confirmed = onboarding_.confirm_phone(
                {.partner = partner,
                 .phone = phone,
                 .code = code,
                 .agrees_to_terms = terms,
                 .agrees_to_privacy = privacy,
                 .push_token = push_token,
                 .language = sso::language_of(head, phone)});
            events_.sign_ins.note(Entrance::phone_code, confirmed);
            if (confirmed)
                events_.texted_codes.note_proved(phone);
            if (!confirmed && confirmed.error().code == Errc::consent_missing)
                return sso::invalid(missing_consents(terms, privacy));
            if (!confirmed)
                return sso::refused(confirmed.error(), on_wire);
            return sso::answer(
                head, 201,
                Object{
                    {"authCode", confirmed->auth_code.reveal()},
                    {"expiresIn", onboarding_.policy().auth_code_life.count()},
                    {"isNew", confirmed->is_new}});
        };
    }

    static std::vector<FieldError> missing_consents(bool terms, bool privacy)
    {
        std::vector<FieldError> errors;
        for (auto const& [member, given] : {std::pair("agb", terms), std::pair("dataprotection", privacy)})
            if (!given)
                errors.push_back({member, std::string(name_of(Errc::consent_missing))});
        return errors;
    }

    // POST /sso/user
    Answer find_user(Exchange const& exchange)
    {
        auto const call = sso::read_call(exchange);
        if (call.refusal)
            return *call.refusal;
        Fields fields(call.members());
        auto const phone = fields.required("username", parse_phone());
        auto const auth_code = fields.required("authCode", sso::text);
        if (!fields.ok())
            return sso::invalid(fields.errors());
        return show_user(exchange, 201, *phone, *auth_code);
    }

    // GET /sso/user?username=...&authCode=...
    Answer get_user(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        for (std::string_view const name : {"username", "authCode"}) {
            auto const times = count_form_field(head.query(), name);
            if (times > 1)
                return sso::problem(400, "The parameter " + std::string(name) + " is given twice.");
            if (times == 0)
                return sso::problem(404, "The parameter " + std::string(name) + " is missing.");
        }
        auto username = form_field(head.query(), "username").value_or(std::string());
        auto const auth_code = form_field(head.query(), "authCode").value_or(std::string());
        // A plus sign stands for a blank in a query, and many a caller does not know.
        if (username.starts_with(' '))
            username.front() = '+';
        auto const phone = PhoneNumber::parse(username, region_);
        if (!phone)
            return sso::refused(refuse(Errc::auth_code_wrong), on_wire);
        return show_user(exchange, 200, *phone, auth_code);
    }

    Response
    show_user(Exchange const& exchange, int status, PhoneNumber const& phone, std::string_view auth_code) const
    {
        auto const& head = exchange.request.head;
        auto const account =
            onboarding_.profile({.partner = exchange.caller->id, .phone = phone, .auth_code = auth_code});
        if (!account)
            return sso::refused(account.error(), on_wire);
        return sso::answer(head, status, user_json(*account));
    }

    // POST /sso/user/status
    Answer look_up(Exchange const& exchange)
    {
        auto const call = sso::read_call(exchange);
        if (call.refusal)
            return *call.refusal;
        auto const* asked = call.members().if_contains("user");
        auto const one = asked && asked->is_string();
        if (!asked || asked->is_null() || (one && asked->get_string().empty()) ||
            (asked->is_array() && asked->get_array().empty()))
            return sso::invalid({{"user", std::string(name_of(Errc::field_missing))}});
        auto const numbers = one ? json::array{*asked} : asked->is_array() ? asked->get_array() : json::array();
        if (numbers.empty() || !std::ranges::all_of(numbers, &json::value::is_string))
            return sso::invalid({{"user", "type_mismatch"}});
        if (numbers.size() > most_look_ups)
            return sso::invalid({{"user", "too_many"}});

        LookUp query{.partner = exchange.caller->id, .phones = {}};
        for (auto const& number : numbers) {
            auto phone = PhoneNumber::parse(number.get_string(), region_);
            query.phones.push_back(phone ? std::optional(*std::move(phone)) : std::nullopt);
        }
        auto const& head = exchange.request.head;
        return [this, &head, query = std::move(query), numbers, one, asker = exchange.caller->name.str()] {
            auto const registered = onboarding_.are_registered(query);
            if (!registered)
                return sso::refused(registered.error(), on_wire);
            log_.info("numbers were asked about", {{"partner", asker}, {"numbers", numbers.size()}});
            json::monotonic_resource memory;
            json::array list(&memory);
            for (std::size_t index = 0; index < numbers.size(); ++index) {
                auto& item = list.emplace_back(json::object_kind).get_object();
                item["user"] = numbers[index];
                item["isRegistered"] = (*registered)[index] ? 1 : 0;
            }
            return sso::answer(head, 201, one ? std::move(list.front()) : json::value(std::move(list)));
        };
    }

    // PATCH /sso/email
    Answer change_email(Exchange const& exchange)
    {
        auto const call = sso::read_call(exchange, {"email", "telephone"});
        if (call.refusal)
            return *call.refusal;
        Fields fields(call.members());
        auto const email = fields.required("email", sso::email);
        auto const phone = fields.required("telephone", parse_phone());
        if (!fields.ok())
            return sso::invalid(fields.errors());
        auto const& head = exchange.request.head;
        return [this, &head, command = ChangeEmail{.phone = *phone, .email = *email}, told = pair_of(call)] {
            auto const changed = onboarding_.change_email(command);
            return changed ? sso::answer(head, 200, told) : sso::refused(changed.error(), on_wire);
        };
    }

    // PATCH /sso/email-status
    Answer email_state(Exchange const& exchange)
    {
        auto const call = sso::read_call(exchange, {"email", "telephone"});
        if (call.refusal)
            return *call.refusal;
        Fields fields(call.members());
        auto const email = fields.required("email", sso::email);
        auto const phone = fields.required("telephone", parse_phone());
        if (!fields.ok())
            return sso::invalid(fields.errors());
        auto const& head = exchange.request.head;
        return [this, &head, email = *email, phone = *phone, told = pair_of(call),
                client = throttle_key(exchange.request.client)] {
            auto const state = onboarding_.email_state({.email = email, .phone = phone, .client = client});
            if (!state)
                return sso::refused(state.error(), on_wire);
            auto body = told;
            body["status"] = name_of(*state);
            return sso::answer(head, 200, body);
        };
    }

    // PATCH /sso/email-optin
    Answer confirm_email(Exchange const& exchange)
    {
        auto const call = sso::read_call(exchange, {"c"});
        if (call.refusal)
            return *call.refusal;
        Fields fields(call.members());
        auto const token = fields.required("c", sso::text);
        if (!token)
            return sso::invalid(fields.errors());
        auto const& head = exchange.request.head;
        return [this, &head, token = *token] {
            auto const confirmed = onboarding_.confirm_email(token);
            if (confirmed)
                return sso::answer(head, 200, Object{{"email", confirmed->email->str()}});
            auto error = confirmed.error();
            if (error.code == Errc::email_taken)
                error.field = "c";
            return sso::refused(error, on_wire);
        };
    }

    // Every answer says what else could be done here.
    Response with_methods(RequestHead const& head, Response response) const
    {
        auto const says =
            std::ranges::any_of(response.fields, [](auto const& field) { return field.first == "Allow"; });
        auto methods = methods_of(head.path());
        if (!says && !methods.empty())
            response.with("Allow", std::move(methods));
        return response;
    }

    std::string methods_of(std::string_view path) const
    {
        std::string methods;
        for (auto const& route : routes_)
            if (route.path == path && route.method != "OPTIONS")
                (methods += methods.empty() ? "" : ", ") += route.method == "GET" ? "GET, HEAD" : route.method;
        return methods;
    }

    using Handle = Answer (SsoContract::*)(Exchange const&);

    struct Resource {
        std::string_view method;
        std::string_view path;  // and the same under /v1
        Handle handle;
        bool open_to_all;
    };

    std::vector<Route> all_routes()
    {
        constexpr bool to_partners = false;
        constexpr bool to_all = true;
        constexpr std::array<Resource, 9> resources{{
            {"POST", "/v1/sso/sms", &SsoContract::send_code, to_all},
            {"POST", "/v1/sso/code", &SsoContract::check_code, to_partners},
            {"POST", "/v1/sso/auth", &SsoContract::sign_in, to_partners},
            {"POST", "/v1/sso/user", &SsoContract::find_user, to_partners},
            {"GET", "/v1/sso/user", &SsoContract::get_user, to_partners},
            {"POST", "/v1/sso/user/status", &SsoContract::look_up, to_partners},
            {"PATCH", "/v1/sso/email", &SsoContract::change_email, to_partners},
            {"PATCH", "/v1/sso/email-status", &SsoContract::email_state, to_all},
            {"PATCH", "/v1/sso/email-optin", &SsoContract::confirm_email, to_all},
        }};
        constexpr std::size_t version = std::string_view("/v1").size();
        std::vector<Route> routes;
        for (auto const& resource : resources)
            for (auto const path : {resource.path, resource.path.substr(version)})
                add(routes, resource, path);
        return routes;
    }

    void add(std::vector<Route>& routes, Resource const& resource, std::string_view path)
    {
        auto const handle = [this, handle = resource.handle](Exchange const& exchange) -> Answer {
            auto answer = (this->*handle)(exchange);
            auto const& head = exchange.request.head;
            if (auto* const response = std::get_if<Response>(&answer))
                return with_methods(head, std::move(*response));
            return [this, &head, work = std::get<Work>(std::move(answer))] { return with_methods(head, work()); };
        };
        routes.push_back(
            {.method = resource.method,
             .path = path,
             .right = Right::sso,
             .open_to_all = resource.open_to_all,
             .media = Media::sso,
             .body_limit = body_limit,
             .handle = handle});
        if (std::ranges::any_of(
                routes, [&](auto const& route) { return route.path == path && route.method == "OPTIONS"; }))
            return;
        routes.push_back(
            {.method = "OPTIONS", .path = path, .right = std::nullopt, .handle = [this](Exchange const& exchange) {
                 return with_methods(exchange.request.head, Response{.status = 200});
             }});
    }

    Onboarding& onboarding_;
    Region region_;
    Log const& log_;
    Events& events_;
    std::vector<Route> routes_;
};

}

std::unique_ptr<Contract> sso_contract(Onboarding& onboarding, Region phone_region, Log const& log, Events& events)
{
    return std::make_unique<SsoContract>(onboarding, phone_region, log, events);
}

}
