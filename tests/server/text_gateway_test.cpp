#include "server/post/text_gateway.hpp"

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using server::post::TextGateway;
using std::chrono::steady_clock;

Letter a_text()
{
    return {
        .id = "5d1f2a0e",
        .kind = LetterKind::phone_code,
        .to = PhoneNumber::parse("+4915112345678", Region::parse("DE").value()).value(),
        .first_name = {},
        .partner = {}};
}

// A port of this machine on which connections are taken and nothing is ever said.
class SilentPort {
public:
    SilentPort() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        if (listener_ < 0 || ::bind(listener_, any, size) != 0 || ::listen(listener_, 5) != 0 ||
            ::getsockname(listener_, any, &size) != 0)
            throw std::runtime_error("cannot listen");
        port_ = ntohs(address.sin_port);
    }
    ~SilentPort()
    {
        ::close(connection_);
        ::close(listener_);
    }
    SilentPort(SilentPort const&) = delete;
    SilentPort& operator=(SilentPort const&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/send?key=hush"; }

    // Waits for somebody to send something.
    void hear()
    {
        connection_ = ::accept(listener_, nullptr, nullptr);
        char octet{};
        if (::recv(connection_, &octet, 1, MSG_PEEK) != 1)
            throw std::runtime_error("nothing was sent");
    }

private:
    int listener_;
    int connection_ = -1;
    int port_ = 0;
};

// "refused: ...", "failure: ..." or "taken".
std::string fate_of(TextGateway& gateway)
{
    try {
        gateway.send(a_text(), "042917");
        return "taken";
    } catch (DeliveryRefused const& refused) {
        return std::string("refused: ") + refused.what();
    } catch (DeliveryUnknown const& unknown) {
        return std::string("unknown: ") + unknown.what();
    } catch (DeliveryFailure const& failure) {
        return std::string("failure: ") + failure.what();
    }
}

TEST_CASE("A gateway is reached by https, or on this machine")
{
    for (auto const* url :
         {"https://sms.example/send", "https://sms.example:8443/send?key=hush", "http://127.0.0.1:8080/send",
          "http://[::1]/", "http://localhost"})
        CHECK_NOTHROW(TextGateway({.url = url}, "example.com"));

    for (auto const* url :
         {"http://sms.example/send", "http://127.0.0.1.example/", "https://me:hush@sms.example/",
          "https://me@sms.example/", "https://sms.example/#a", "ftp://127.0.0.1/", "file:///tmp/x", "dir:/tmp",
          "sms.example", ""}) {
        INFO(url);
        CHECK_THROWS_AS(TextGateway({.url = url}, "example.com"), std::invalid_argument);
    }
}

TEST_CASE("A token that is more than one field, and a host that is none, make no gateway")
{
    for (auto const* token : {"a b", "a\r\nX: y", "a\n", "zoë"})
        CHECK_THROWS_AS(
            TextGateway({.url = "https://sms.example", .token = token}, "example.com"), std::invalid_argument);
    CHECK_THROWS_AS(TextGateway({.url = "https://sms.example"}, "example.com\n"), std::invalid_argument);
}

TEST_CASE("A gateway that is not there is tried again")
{
    std::string url;
    {
        SilentPort const gone;
        url = gone.url();
    }
    TextGateway gateway({.url = url, .token = "hush"}, "example.com");

    auto const fate = fate_of(gateway);

    CHECK_THAT(fate, Catch::StartsWith("failure: cannot reach http://127.0.0.1:"));
    CHECK_THAT(fate, !Contains("hush") && !Contains("042917") && !Contains("4915112345678"));
}

TEST_CASE("A gateway that does not answer in time is tried again")
{
    SilentPort const port;
    TextGateway gateway({.url = port.url(), .token = "hush"}, "example.com", {}, {.connect = 5s, .message = 100ms});

    auto const fate = fate_of(gateway);

    CHECK_THAT(fate, Catch::StartsWith("failure: http://127.0.0.1:") && Catch::EndsWith(" does not answer in time"));
    CHECK_THAT(fate, !Contains("hush"));
}

TEST_CASE("A message under way is left when a stop is requested")
{
    SilentPort port;
    std::stop_source stop;
    TextGateway gateway({.url = port.url()}, "example.com", stop.get_token(), {.connect = 60s, .message = 60s});

    auto fate = std::async(std::launch::async, [&] { return fate_of(gateway); });
    port.hear();
    auto const since = steady_clock::now();
    stop.request_stop();

    CHECK_THAT(fate.get(), Catch::StartsWith("failure: http://127.0.0.1:") && Catch::EndsWith(" was left"));
    CHECK(steady_clock::now() - since < 10s);
}

TEST_CASE("A message that cannot be written reaches no gateway")
{
    SilentPort const port;
    TextGateway gateway({.url = port.url()}, "example.com");
    auto letter = a_text();
    letter.id = "a\r\nX: y";

    CHECK_THROWS_AS(gateway.send(letter, "042917"), DeliveryRefused);
}

}
