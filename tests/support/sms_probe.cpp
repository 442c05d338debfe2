// Hands text messages to a gateway as it is told to, and says what became of them: sms-probe URL TOKEN [CONNECT-MS
// MESSAGE-MS]. Each line of its input is a JSON object with what differs from the usual message, each line of its output
// the outcome of one.

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>

#include <boost/json.hpp>

#include "server/post/text_gateway.hpp"

namespace {

using namespace onboard;
using server::post::TextGateway;
using server::post::TextGatewayLimits;
namespace json = boost::json;

std::string text_of(json::object const& order, std::string_view name, std::string_view otherwise)
{
    auto const* const value = order.if_contains(name);
    return value ? json::value_to<std::string>(*value) : std::string(otherwise);
}

void deliver(TextGateway& gateway, json::object const& order)
{
    gateway.send(
        {.id = text_of(order, "id", "5d1f2a0e"),
         .kind = LetterKind::phone_code,
         .to = PhoneNumber::parse(text_of(order, "to", "+4915112345678"), Region::parse("DE").value()).value(),
         .language = parse_language(text_of(order, "language", "EN")).value(),
         .first_name = {},
         .partner = {}},
        text_of(order, "code", "042917"));
}

json::object outcome_of(TextGateway& gateway, json::object const& order)
try {
    deliver(gateway, order);
    return {{"outcome", "taken"}, {"text", ""}};
} catch (DeliveryRefused const& refused) {
    return {{"outcome", "refused"}, {"text", refused.what()}};
} catch (DeliveryUnknown const& unknown) {
    return {{"outcome", "unknown"}, {"text", unknown.what()}};
} catch (DeliveryFailure const& failure) {
    return {{"outcome", "failure"}, {"text", failure.what()}};
}

}

int main(int count, char** words)
try {
    if (count < 3)
        throw std::invalid_argument("URL and TOKEN are missing");
    TextGatewayLimits limits;
    if (count > 4) {
        limits.connect = std::chrono::milliseconds(std::stoi(words[3]));
        limits.message = std::chrono::milliseconds(std::stoi(words[4]));
    }

    TextGateway gateway({.url = words[1], .token = words[2]}, "example.com", {}, limits);
    for (std::string line; std::getline(std::cin, line);)
        std::cout << json::serialize(outcome_of(gateway, json::parse(line).as_object())) << std::endl;
    return 0;
} catch (std::exception const& trouble) {
    std::cerr << trouble.what() << '\n';
    return 2;
}
