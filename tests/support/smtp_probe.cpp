// Delivers by SMTP what it is told to, and says what became of it: smtp-probe URL FROM [TLS [CONNECT-MS LETTER-MS]].
// Each line of its input is a JSON object. One with `message` is handed over as it is, to `to`; any other is a letter
// to be worded. Each line of its output is the outcome of one.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>

#include <boost/json.hpp>
#include <onboard/ports.hpp>

#include "server/post/smtp_mailer.hpp"
#include "server/settings/settings.hpp"

namespace {

using namespace onboard;
using server::post::SmtpLimits;
using server::post::SmtpMailer;
using server::post::SmtpServer;
using server::post::SmtpTls;
namespace json = boost::json;

std::string text_of(json::object const& order, std::string_view name, std::string_view otherwise = "")
{
    auto const* const value = order.if_contains(name);
    return value ? json::value_to<std::string>(*value) : std::string(otherwise);
}

SmtpTls tls_of(std::string_view name)
{
    if (name == "implicit")
        return SmtpTls::implicit;
    return name == "required" ? SmtpTls::required : SmtpTls::if_offered;
}

SmtpServer server_of(char const* url)
{
    return server::read_settings({.flags = {{"mail", url}}}).value().smtp.value();
}

void deliver(SmtpMailer& mailer, json::object const& order)
{
    if (order.contains("message"))
        return mailer.hand_over(text_of(order, "to"), text_of(order, "message"), text_of(order, "secret"));
    mailer.send(
        {.id = text_of(order, "id", "5d1f2a0e"),
         .kind = LetterKind::partner_confirmation,
         .to = EmailAddress::parse(text_of(order, "to")).value(),
         .first_name = text_of(order, "first_name", "Jane"),
         .partner = text_of(order, "partner", "Velo")},
        text_of(order, "secret", "042917"));
}

json::object outcome_of(SmtpMailer& mailer, json::object const& order)
try {
    deliver(mailer, order);
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
        throw std::invalid_argument("URL and FROM are missing");
    auto server = server_of(words[1]);
    if (count > 3)
        server.tls = tls_of(words[3]);
    SmtpLimits limits;
    if (count > 5) {
        limits.connect = std::chrono::milliseconds(std::stoi(words[4]));
        limits.letter = std::chrono::milliseconds(std::stoi(words[5]));
    }

    SmtpMailer mailer(server, words[2], "https://onboard.example", system_clock(), {}, limits);
    for (std::string line; std::getline(std::cin, line);)
        std::cout << json::serialize(outcome_of(mailer, json::parse(line).as_object())) << std::endl;
    return 0;
} catch (std::exception const& trouble) {
    std::cerr << trouble.what() << '\n';
    return 2;
}
