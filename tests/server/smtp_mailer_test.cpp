#include "server/post/smtp_mailer.hpp"

#include <string>
#include <vector>

#include <onboard/testing.hpp>

#include "server/post/smtp_conversation.hpp"
#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::server::post;
using Catch::Matchers::Contains;

SmtpServer const somewhere{.host = "mail.example", .port = 587, .tls = SmtpTls::if_offered};

// What became of a letter: "taken", "failure", "refused" or "unknown", and why.
struct Fate {
    std::string kind;
    std::string text;
};

template <class Deed>
Fate fate_of(Deed const& deed)
try {
    deed();
    return {"taken", ""};
} catch (DeliveryRefused const& refused) {
    return {"refused", refused.what()};
} catch (DeliveryUnknown const& unknown) {
    return {"unknown", unknown.what()};
} catch (DeliveryFailure const& failure) {
    return {"failure", failure.what()};
}

// A conversation that has come as far as the message itself.
SmtpConversation handed_over(SmtpServer const& server = somewhere)
{
    SmtpConversation talk(server);
    talk.begin(false, {"jane@example.com", "042917"});
    for (auto const& [said, heard] : std::vector<std::pair<char const*, char const*>>{
             {"", "220 welcome\r\n"},
             {"EHLO example.org\r\n", "250 welcome\r\n"},
             {"MAIL FROM:<a@example.org>\r\n", "250 fine\r\n"},
             {"RCPT TO:<jane@example.com>\r\n", "250 fine\r\n"},
             {"DATA\r\n", "354 go on\r\n"}}) {
        talk.say(said);
        REQUIRE(talk.hear(heard));
    }
    talk.hand_over();
    return talk;
}

Fate fate_after(std::string const& answer, SmtpLine line = SmtpLine::broken)
{
    auto talk = handed_over();
    for (std::size_t start = 0; start < answer.size();) {
        auto const end = answer.find('\n', start) + 1;
        talk.hear(std::string_view(answer).substr(start, end - start));
        start = end;
    }
    return fate_of([&] { talk.judge(line, "cut"); });
}

SmtpMailer mailer_to(SmtpServer const& server, std::string from = "onboard@example.org")
{
    static testing::FixedClock clock;
    return SmtpMailer(server, std::move(from), "https://onboard.example", clock);
}

TEST_CASE("The answer to a message decides, whatever becomes of the line")
{
    auto const [answer, kind] = GENERATE(table<char const*, char const*>(
        {{"250 taken\r\n", "taken"},
         {"251 forwarded\r\n", "taken"},
         {"250\r\n", "taken"},
         {"451 later\r\n", "failure"},
         {"554 never\r\n", "refused"},
         {"530 sign in first\r\n", "failure"},
         {"354 what?\r\n", "unknown"},
         {"250-but wait\r\n", "unknown"},
         {"25\r\n", "unknown"},
         {"2500 what?\r\n", "unknown"},
         {"", "unknown"}}));
    INFO(answer);

    CHECK(fate_after(answer).kind == kind);
}

TEST_CASE("A message whose end did not leave was not taken")
{
    CHECK(fate_after("", SmtpLine::broken_sending).kind == "failure");
    CHECK(fate_after("250 taken\r\n", SmtpLine::broken_sending).kind == "taken");
}

TEST_CASE("What was said before counts no more when the next line has left")
{
    SmtpConversation talk(somewhere);
    talk.begin(false, {});
    talk.say("EHLO example.org\r\n");
    talk.hear("502 what?\r\n");
    talk.say("HELO example.org\r\n");

    CHECK(fate_of([&] {
              talk.judge(SmtpLine::broken, "cut");
          }).text == "the line to mail.example:587 broke at EHLO: cut");
}

TEST_CASE("What is said at the goodbye changes nothing")
{
    auto talk = handed_over();
    talk.hear("250 taken\r\n");
    talk.say("QUIT\r\n");
    talk.hear("550 never\r\n");

    CHECK(talk.leaving());
    CHECK_NOTHROW(talk.judge(SmtpLine::broken, "cut"));
}

TEST_CASE("A server's words are told, short, on one line and without what it repeats")
{
    auto const text =
        fate_after("550-5.7.1 <jane@example.com> got\a\x1b 042917\r\n550 \xff" + std::string(1000, 'x') + "\r\n")
            .text;

    CHECK_THAT(
        text, Contains("mail.example:587 refuses the letter at the end of the message: 550 5.7.1 <***> got ***"));
    CHECK_THAT(text, !Contains("042917") && !Contains("jane"));
    CHECK(text.size() < 400);
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
}

TEST_CASE("An answer to a sign-in is never repeated")
{
    auto server = somewhere;
    server.user = "me";
    server.password = "hunter2";
    SmtpConversation talk(server);
    talk.begin(false, {});
    talk.say("EHLO example.org\r\n");
    talk.hear("250-AUTH PLAIN\r\n");
    REQUIRE(talk.hear("250 fine\r\n"));
    talk.say("AUTH PLAIN\r\n");
    talk.hear("334 hunter2\r\n");
    talk.say("AG1lAGh1bnRlcjI=\r\n");
    talk.hear("535 hunter2 is wrong\r\n");

    auto const fate = fate_of([&] { talk.judge(SmtpLine::broken, "Login denied"); });

    CHECK(fate.kind == "failure");
    CHECK_THAT(fate.text, Contains("535") && Contains("user and password") && !Contains("hunter2"));
}

TEST_CASE("A server that talks on and on is not listened to")
{
    auto talk = handed_over();
    auto lines = 0;
    while (talk.hear("250-and another thing, and another, and another, and another, and another\r\n"))
        REQUIRE(++lines < 10000);

    CHECK_THAT(fate_of([&] { talk.judge(SmtpLine::broken, "cut"); }).text, Contains("talks without end"));
}

TEST_CASE("What a server lacks is known before anything is sent")
{
    auto const [why, tls, user, utf8, offer, kind] =
        GENERATE(table<char const*, SmtpTls, char const*, bool, char const*, char const*>(
            {{"TLS", SmtpTls::required, "", false, "250-SIZE\r\n", "failure"},
             {"a sign-in", SmtpTls::implicit, "me", false, "250-AUTH GSSAPI\r\n", "failure"},
             {"a sign-in of that name", SmtpTls::implicit, "me", false, "250-AUTHPLAIN PLAIN\r\n", "failure"},
             {"addresses beyond ASCII", SmtpTls::implicit, "", true, "250-8BITMIME\r\n", "refused"},
             {"addresses of that name", SmtpTls::implicit, "", true, "250-SMTPUTF8X\r\n", "refused"}}));
    INFO(why);
    auto server = somewhere;
    server.tls = tls;
    server.user = user;
    SmtpConversation talk(server);
    talk.begin(utf8, {});
    talk.hear("220 welcome\r\n");
    talk.say("EHLO example.org\r\n");
    talk.hear("250-mail.example\r\n");
    talk.hear(offer);

    CHECK_FALSE(talk.hear("250 HELP\r\n"));
    CHECK(fate_of([&] { talk.judge(SmtpLine::broken, "stopped"); }).kind == kind);
}

TEST_CASE("What a server offers before TLS is not what it offers")
{
    auto server = somewhere;
    server.user = "me";
    SmtpConversation talk(server);
    talk.begin(true, {});
    talk.say("EHLO example.org\r\n");
    talk.hear("250-smtputf8\r\n");
    CHECK(talk.hear("250 starttls\r\n"));
    CHECK(talk.offers_utf8());
    talk.say("STARTTLS\r\n");
    CHECK(talk.hear("220 go on\r\n"));
    talk.say("EHLO example.org\r\n");
    talk.hear("250-auth login\r\n");

    CHECK_FALSE(talk.hear("250 HELP\r\n"));
    CHECK_FALSE(talk.offers_utf8());
}

TEST_CASE("Only a line that was kept can have been closed meanwhile")
{
    SmtpConversation talk(somewhere);
    talk.begin(false, {});
    CHECK(talk.was_closed(SmtpLine::broken_sending));
    CHECK_FALSE(talk.was_closed(SmtpLine::broken));

    talk.say("MAIL FROM:<a@example.org>\r\n");
    CHECK(talk.was_closed(SmtpLine::broken));
    talk.hear("421 too late\r\n");
    CHECK(talk.was_closed(SmtpLine::broken));

    talk.begin(false, {});
    talk.hear("220 welcome\r\n");
    talk.say("EHLO example.org\r\n");
    talk.hear("250 welcome\r\n");
    talk.say("MAIL FROM:<a@example.org>\r\n");
    CHECK_FALSE(talk.was_closed(SmtpLine::broken));
}

TEST_CASE("A mailer that could give away its password, or has no sender, is not made")
{
    auto server = somewhere;
    CHECK_NOTHROW(mailer_to(server));
    CHECK_THROWS_AS(mailer_to(server, "Onboard <onboard@example.org>"), std::invalid_argument);

    server.user = "me";
    server.password = "hunter2";
    CHECK_THROWS_AS(mailer_to(server), std::invalid_argument);
    server.host = "127.0.0.1";
    CHECK_NOTHROW(mailer_to(server));
    server.host = "mail.example";
    server.tls = SmtpTls::required;
    CHECK_NOTHROW(mailer_to(server));
}

TEST_CASE("A recipient who is not one address reaches no network")
{
    auto mailer = mailer_to({.host = "nowhere.invalid"});
    auto const* const to =
        GENERATE("a@b>\r\nRCPT TO:<x@y", "a@b.example,c@d.example", "<a@b.example>", "a@b.example\n", "");

    auto const fate = fate_of([&] { mailer.hand_over(to, "Subject: x\r\n\r\n", ""); });

    CHECK(fate.kind == "refused");
    CHECK_THAT(fate.text, Contains("cannot write to the recipient"));
}

}
