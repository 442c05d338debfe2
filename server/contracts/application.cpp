#include "server/contracts/contracts.hpp"

#include <array>

#include "server/contracts/person_json.hpp"
#include "server/contracts/receiver_answers.hpp"
#include "server/http/fields.hpp"
#include "server/http/json_reader.hpp"

// For an application of its own behind the login URL: POST /v1/login-tokens/redeem.
namespace onboard::server {

namespace {

constexpr std::size_t body_limit = 65536;

std::string on_wire(std::string_view field)
{
    return std::string(field);
}

class ApplicationContract : public Contract {
public:
    ApplicationContract(Onboarding& onboarding, SignIns& sign_ins) : onboarding_(onboarding), sign_ins_(sign_ins) {}

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view path) const override { return path.starts_with("/v1/"); }
    Response fault(RequestHead const&, FaultDetails const& details) const override
    {
        return receiver::faulted(details);
    }

private:
    Answer redeem(Exchange const& exchange)
    {
        auto const document = read_json(exchange.request.body);
        if (!document)
            return receiver::unreadable(document.error().code, document.error().member);
        auto const* object = document->if_object();
        if (!object)
            return receiver::unreadable("type_mismatch", "");
        Fields fields(*object);
        auto token = fields.required_text(std::string_view("token"));
        if (!token)
            return receiver::refused(receiver::refusal_of(fields));
        return [this, token = std::move(*token)] {
            auto const person = onboarding_.redeem(token);
            sign_ins_.note(Entrance::login_link, person);
            if (!person)
                return receiver::refused(person.error(), on_wire);
            return receiver::json_response(200, person_json(*person));
        };
    }

    Onboarding& onboarding_;
    SignIns& sign_ins_;
    std::array<Route, 1> routes_{{
        {.method = "POST",
         .path = "/v1/login-tokens/redeem",
         .right = Right::redeem,
         .media = Media::json,
         .body_limit = body_limit,
         .handle = [this](Exchange const& exchange) { return redeem(exchange); }},
    }};
};

}

std::unique_ptr<Contract> application_contract(Onboarding& onboarding, SignIns& sign_ins)
{
    return std::make_unique<ApplicationContract>(onboarding, sign_ins);
}

}
