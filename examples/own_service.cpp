// A service of its own that takes partners' user.login beside a route it had before: `own_service FOLDER [PORT]`.
//
// It answers POST /receiver/APIv3/user.login, GET /login/TOKEN and its own GET /bikes on loopback: one thread runs Asio's
// event loop, and a few workers call the library. It prints a bearer token and where it listens.
#include <charconv>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <onboard/administration.hpp>
#include <onboard/onboard.hpp>
#include <onboard/sqlite_storage.hpp>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

Response answer(http::status status, json::value const& body)
{
    Response response(status, 11);
    response.set(http::field::content_type, "application/json");
    response.set(http::field::cache_control, "no-store");
    response.body() = json::serialize(body);
    response.prepare_payload();
    return response;
}

Response refuse(http::status status, std::string_view code, std::string_view field = {})
{
    json::array const errors{{{"field", field}, {"code", code}}};
    return answer(status, {{"result", "The request was refused."}, {"success", false}, {"errors", errors}});
}

std::string_view text(json::object const& user, std::string_view name)
{
    auto const* value = user.if_contains(name);
    auto const* string = value ? value->if_string() : nullptr;
    return string ? std::string_view(string->data(), string->size()) : std::string_view();
}

// What the partner sent as a command of the library's; every value is read by the type that it becomes.
onboard::Result<onboard::LogIn> read_login(json::object const& user, onboard::PartnerId partner)
{
    auto const plan = onboard::PlanCode::parse(text(user, "bikePlanCode"));
    if (!plan)
        return plan.error();
    auto const email = onboard::EmailAddress::parse(text(user, "email"));
    if (!email)
        return email.error();
    auto const name = onboard::PersonName::parse(text(user, "firstName"), text(user, "lastName"));
    if (!name)
        return name.error();
    auto const language = onboard::parse_language(text(user, "language"));
    if (!language)
        return language.error();
    return onboard::LogIn{.partner = partner, .plan = *plan, .email = *email, .name = *name, .language = *language};
}

class Service {
public:
    Service(onboard::Onboarding& onboarding, std::string base) : onboarding_(onboarding), base_(std::move(base)) {}

    Response handle(Request const& request)
    {
        if (request.method() == http::verb::post && request.target() == "/receiver/APIv3/user.login")
            return user_login(request);
        if (request.method() == http::verb::get && request.target().starts_with("/login/"))
            return follow_link(request);
        if (request.method() == http::verb::get && request.target() == "/bikes")
            return answer(http::status::ok, {{"bikes", json::array{"city", "cargo", "gravel"}}});
        return refuse(http::status::not_found, "no_such_resource");
    }

private:
    Response user_login(Request const& request)
    {
        std::string_view authorization = request[http::field::authorization];
        if (authorization.starts_with("Bearer "))
            authorization.remove_prefix(7);
        auto const partner = onboarding_.identify(authorization);
        if (!partner)
            return refuse(http::status::unauthorized, name_of(partner.error().code));

        json::error_code unreadable;
        auto const body = json::parse(request.body(), unreadable);
        auto const* object = unreadable ? nullptr : body.if_object();
        auto const* user = object ? object->if_contains("user") : nullptr;
        if (!user || !user->is_object())
            return refuse(http::status::bad_request, "unreadable", "user");

        auto const command = read_login(user->get_object(), partner->id);
        if (!command)
            return refuse(http::status::unprocessable_entity, name_of(command.error().code), command.error().field);
        auto const granted = onboarding_.log_in(*command);
        if (!granted)
            return refuse(http::status::unprocessable_entity, name_of(granted.error().code), granted.error().field);

        auto const created = granted->registered == onboard::Registered::created;
        return answer(
            created ? http::status::created : http::status::ok,
            {{"result", created ? "User was created." : "User was updated."},
             {"success", true},
             {"loginUrl", base_ + "/login/" + granted->token.reveal()}});
    }

    // The service has sessions of its own; it only asks whose link this is, once.
    Response follow_link(Request const& request)
    {
        std::string_view const target = request.target();
        auto const person = onboarding_.redeem(target.substr(std::string_view("/login/").size()));
        if (!person)
            return refuse(http::status::gone, name_of(person.error().code), "token");
        return answer(http::status::ok, {{"hello", person->account.name->first()}});
    }

    onboard::Onboarding& onboarding_;
    std::string base_;
};

// The first partner of an empty database, so that there is something to try.
std::string make_partner(onboard::Administration& administration)
{
    auto const name = onboard::PartnerName::parse("acme").value();
    auto const made = administration.add_partner({.name = name});
    if (!made)
        return administration.rotate(name).value().reveal();
    administration.add_plan(onboard::PlanCode::parse("CITY-1").value(), name).value();
    return made->reveal();
}

// One connection. It is read and written by the thread of the event loop; the library is called by a worker, since a
// call that writes waits for the disk.
class Conversation : public std::enable_shared_from_this<Conversation> {
public:
    Conversation(asio::ip::tcp::socket socket, Service& service, asio::thread_pool& workers)
        : stream_(std::move(socket)), service_(service), workers_(workers)
    {
    }

    void listen()
    {
        parser_.emplace();
        parser_->body_limit(65536);
        stream_.expires_after(std::chrono::seconds(30));
        http::async_read(
            stream_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
                if (!error)
                    asio::post(self->workers_, [self] { self->think(); });
            });
    }

private:
    void think()
    {
        response_ = service_.handle(parser_->get());
        response_.keep_alive(parser_->get().keep_alive());
        asio::post(stream_.get_executor(), [self = shared_from_this()] { self->speak(); });
    }

    void speak()
    {
        http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (!error && self->response_.keep_alive())
                self->listen();
        });
    }

    beast::tcp_stream stream_;
    beast::flat_buffer buffer_{16384};
    std::optional<http::request_parser<http::string_body>> parser_;
    Response response_;
    Service& service_;
    asio::thread_pool& workers_;
};

void accept(asio::ip::tcp::acceptor& acceptor, Service& service, asio::thread_pool& workers)
{
    acceptor.async_accept([&](beast::error_code error, asio::ip::tcp::socket socket) {
        if (!error)
            std::make_shared<Conversation>(std::move(socket), service, workers)->listen();
        accept(acceptor, service, workers);
    });
}

}

int main(int argc, char** argv)
try {
    std::filesystem::path const folder = argc > 1 ? argv[1] : ".";
    unsigned short port = 0;
    if (argc > 2)
        std::from_chars(argv[2], argv[2] + std::string_view(argv[2]).size(), port);

    auto const storage = onboard::open_sqlite(folder / "people.db");
    onboard::Ports const ports{
        .storage = *storage, .key = onboard::SecretKey::from_file_or_new(folder / "people.key")};
    onboard::Onboarding onboarding(ports);
    onboard::Administration administration(ports);

    asio::io_context context;
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
    auto const base = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    Service service(onboarding, base);
    std::cout << "bearer token of acme, plan CITY-1: " << make_partner(administration) << '\n'
              << "listening on " << base << std::endl;

    asio::thread_pool workers(4);
    accept(acceptor, service, workers);
    context.run();
} catch (std::exception const& trouble) {
    std::cerr << trouble.what() << '\n';
    return 1;
}
