#include <algorithm>
#include <array>

#include "interleavings/scenarios.hpp"

namespace onboard::interleavings {

namespace {

using namespace std::chrono_literals;

// Of codes the last two are good, each once. Guesses are counted before they are looked at, and a right one gives itself
// back.
struct Codes {
    std::vector<int> last_two{1};
    std::vector<int> used = {};
    int sent = 1;
    int guesses = 0;
    bool expired = false;  // the first code
    int signed_in = 0;     // the client whose authentication code is in force
    bool known = false;    // to the portal
    std::vector<int> seen_tokens = {};

    static constexpr int most = 2;

    void send()
    {
        last_two.push_back(++sent);
        if (last_two.size() > 2)
            last_two.erase(last_two.begin());
    }
    bool is_good(int code) const
    {
        return std::ranges::count(last_two, code) > 0 && std::ranges::count(used, code) == 0 &&
               !(expired && code == 1);
    }
    void count(std::string& answer)
    {
        if (++guesses > most)
            answer = "attempts_spent, 0 left";
        else
            answer = "counted, " + std::to_string(most - guesses) + " left";
    }
    // True if the code was right.
    bool compare(int code, std::string& answer)
    {
        if (!answer.starts_with("counted"))
            return false;
        if (!is_good(code)) {
            answer.replace(0, 7, "code_wrong");
            return false;
        }
        --guesses;
        answer = "done";
        return true;
    }
};

constexpr int wrong = 0;

std::vector<Step<Codes>> guess(int code, std::function<void(Codes&)> const& when_right)
{
    return {
        [](Codes& model, std::string& answer) { model.count(answer); },
        [code, when_right](Codes& model, std::string& answer) {
            if (model.compare(code, answer))
                when_right(model);
        }};
}

std::vector<Step<Codes>> sign_in(int code, int client)
{
    return guess(code, [code, client](Codes& model) {
        model.used.push_back(code);
        model.signed_in = client;
    });
}

// A telephone that a code was texted to.
struct Texted {
    Stage& stage;
    PartnerId partner;
    PhoneNumber phone;

    explicit Texted(Stage& its_stage) : stage(its_stage), partner(stage.partner("Acme")), phone(stage.phone(0))
    {
        stage.onboarding.send_code({.phone = phone}).value();
        stage.hands["code"] = stage.secret_delivered(Channel::text);
    }
    std::string code(bool right) const { return right ? stage.hands["code"] : "not " + stage.hands["code"]; }
    std::string confirm(bool right, std::string const& auth_code) const
    {
        auto const typed = code(right);
        auto const confirmed = stage.onboarding.confirm_phone(stage.entry(partner, phone, typed));
        if (confirmed)
            stage.hands[auth_code] = confirmed->auth_code.reveal();
        return told(confirmed);
    }
    std::string check(bool right) const
    {
        auto const typed = code(right);
        return told(stage.onboarding.check_code({.phone = phone, .code = typed}));
    }
    std::string profile(std::string const& auth_code) const
    {
        auto const shown = stage.hands[auth_code];
        return told(stage.onboarding.profile({.partner = partner, .phone = phone, .auth_code = shown}));
    }
};

Step<Codes> profile_of(int client)
{
    return [client](Codes& model, std::string& answer) {
        answer = model.signed_in == client ? "done" : "auth_code_wrong";
    };
}

void enter_twice_and_resend(Stage& stage, PlayOf<Codes>& play)
{
    Texted const texted(stage);
    play.client();
    play.writes(
        "confirm_phone", [texted] { return texted.confirm(true, "auth code 1"); }, sign_in(1, 1));
    play.reads(
        "profile", [texted] { return texted.profile("auth code 1"); }, profile_of(1));
    play.client();
    play.writes(
        "confirm_phone", [texted] { return texted.confirm(true, "auth code 2"); }, sign_in(1, 2));
    play.writes(
        "guess", [texted] { return texted.check(false); }, guess(wrong, [](Codes&) {}));
    play.client();
    for (int resend = 0; resend < 2; ++resend)
        play.writes(
            "send_code", [texted] { return told(texted.stage.onboarding.send_code({.phone = texted.phone})); },
            [](auto& model, auto& answer) { model.send(), answer = "done"; });
    play.afterwards(
        "profile 1", [texted] { return texted.profile("auth code 1"); }, profile_of(1));
    play.afterwards(
        "profile 2", [texted] { return texted.profile("auth code 2"); }, profile_of(2));
}

void guess_at_once(Stage& stage, PlayOf<Codes>& play)
{
    Texted const texted(stage);
    play.client();
    play.writes(
        "guess", [texted] { return texted.check(false); }, guess(wrong, [](Codes&) {}));
    play.writes(
        "check_code", [texted] { return texted.check(true); }, guess(1, [](Codes&) {}));
    play.client();
    play.writes(
        "guess", [texted] { return texted.check(false); }, guess(wrong, [](Codes&) {}));
    play.client();
    play.writes(
        "confirm_phone", [texted] { return texted.confirm(true, "auth code"); }, sign_in(1, 1));
    play.reads(
        "profile", [texted] { return texted.profile("auth code"); }, profile_of(1));
}

void enter_as_it_expires(Stage& stage, PlayOf<Codes>& play)
{
    Texted const texted(stage);
    play.client();
    play.writes(
        "confirm_phone", [texted] { return texted.confirm(true, "auth code"); }, sign_in(1, 1));
    play.client();
    play.writes(
        "check_code", [texted] { return texted.check(true); }, guess(1, [](Codes&) {}));
    play.client();
    play.time_passes(299s, [](Codes&) {});
    play.time_passes(1s, [](Codes& model) { model.expired = true; });
    play.reads(
        "profile", [texted] { return texted.profile("auth code"); }, profile_of(1));
}

// Somebody whom a portal sends here, whom a code was texted to.
struct Visited {
    Stage& stage;

    explicit Visited(Stage& its_stage) : stage(its_stage)
    {
        auto const channel = ChannelName::parse("portal").value();
        (void)stage.administration.add_channel(channel, {});
        (void)stage.administration.add_issuer(
            {.name = "portal", .public_key = "a key", .channel = channel, .audience = {}});
        stage.hands["visit"] = come("first token").visit->reveal();
        stage.hands["code"] = stage.secret_delivered(Channel::text);
    }
    Arrival come(std::string const& token) const { return arrive(token).value(); }
    Result<Arrival> arrive(std::string const& token) const
    {
        auto const subject = stage.email("subject").str();
        auto const token_id = token + subject;
        return stage.onboarding.arrive(
            {.issuer = "portal",
             .subject = subject,
             .token_id = token_id,
             .token_refused_from = stage.clock.now() + 1h,
             .name = PersonName::parse("Asha").value(),
             .phone = stage.phone(0)});
    }
    std::string tell_arrival(std::string const& token) const
    {
        auto const arrival = arrive(token);
        return !arrival ? told(arrival) : arrival->session ? "known" : "code sent";
    }
    std::string finish(bool right) const
    {
        auto const& code = stage.hands["code"];
        return told(stage.onboarding.finish_visit(stage.hands["visit"], right ? code : "not " + code));
    }
};

Step<Codes> arrival_with(int token)
{
    return [token](Codes& model, std::string& answer) {
        if (std::ranges::count(model.seen_tokens, token) > 0) {
            answer = "token_spent";
            return;
        }
        model.seen_tokens.push_back(token);
        answer = model.known ? "known" : "code sent";
        if (!model.known)
            model.send();
    };
}

std::vector<Step<Codes>> finish_with(int code)
{
    return guess(code, [code](Codes& model) {
        model.used.push_back(code);
        model.known = true;
    });
}

void visit_twice(Stage& stage, PlayOf<Codes>& play)
{
    Visited const visited(stage);
    play.client();
    play.writes(
        "finish_visit", [visited] { return visited.finish(true); }, finish_with(1));
    play.writes(
        "arrive with token 2", [visited] { return visited.tell_arrival("token 2"); }, arrival_with(2));
    play.client();
    play.writes(
        "finish_visit", [visited] { return visited.finish(true); }, finish_with(1));
    play.writes(
        "arrive with token 3", [visited] { return visited.tell_arrival("token 3"); }, arrival_with(3));
    play.client();
    play.writes(
        "arrive with token 2", [visited] { return visited.tell_arrival("token 2"); }, arrival_with(2));
    play.writes(
        "finish_visit wrongly", [visited] { return visited.finish(false); }, finish_with(wrong));
    play.afterwards(
        "arrive with token 2", [visited] { return visited.tell_arrival("token 2"); }, arrival_with(2));
    play.afterwards(
        "arrive with token 4", [visited] { return visited.tell_arrival("token 4"); }, arrival_with(4));
}

Policy two_guesses()
{
    auto policy = patient_policy();
    policy.code_tries = Codes::most;
    policy.auth_code_life = 600s;  // longer than codes
    return policy;
}

}

std::vector<Scenario> code_scenarios()
{
    return {
        scenario<Codes>(
            "a texted code is entered twice while new ones are sent", enter_twice_and_resend, two_guesses()),
        scenario<Codes>("a texted code is guessed by three at once", guess_at_once, two_guesses()),
        scenario<Codes>("a texted code is entered as it expires", enter_as_it_expires, two_guesses()),
        scenario<Codes>("a portal's visitor comes and enters the code twice", visit_twice, two_guesses()),
    };
}

}
