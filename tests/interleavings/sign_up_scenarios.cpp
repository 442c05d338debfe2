#include "interleavings/scenarios.hpp"

namespace onboard::interleavings {

namespace {

// An address is one person's, and a code is good once. Who comes too late is told that the address is taken, and their
// guess costs nothing.
struct SignUps {
    bool taken = false;
    bool good = true;
    int guesses = 0;

    static constexpr int most = 2;
};

std::vector<Step<SignUps>> signs_up(bool right)
{
    auto const count = [](SignUps& model, std::string& answer) {
        if (model.taken)
            answer = "email_taken";
        else if (++model.guesses > SignUps::most)
            answer = "attempts_spent, 0 left";
        else
            answer = "counted, " + std::to_string(SignUps::most - model.guesses) + " left";
    };
    auto const look = [right](SignUps& model, std::string& answer) {
        if (!answer.starts_with("counted"))
            return;
        if (model.taken)
            answer = "email_taken, to give back";
        else if (!model.good)
            answer = "code_expired, to give back";
        else if (!right)
            answer.replace(0, 7, "code_wrong");
        else {
            model.taken = true;
            model.good = false;
            --model.guesses;
            answer = "done";
        }
    };
    auto const give_back = [](SignUps& model, std::string& answer) {
        if (auto const end = answer.find(", to give back"); end != std::string::npos) {
            answer.erase(end);
            --model.guesses;
        }
    };
    return {count, look, give_back};
}

void sign_up_twice(Stage& stage, PlayOf<SignUps>& play)
{
    auto const acme = stage.partner("Acme");
    stage.onboarding.send_sign_up_code({.partner = acme, .to = stage.email("jane")}).value();
    stage.hands["code"] = stage.secret_delivered(Channel::mail);
    auto const sign_up = [&stage, acme](bool right) {
        return [&stage, acme, right] {
            auto const code = right ? stage.hands["code"] : "not " + stage.hands["code"];
            return told(stage.onboarding.sign_up(
                {.partner = acme,
                 .name = PersonName::parse("Jane", "Doe").value(),
                 .contact = stage.email("jane"),
                 .code = code}));
        };
    };
    play.client();
    play.writes("sign_up", sign_up(true), signs_up(true));
    play.writes("sign_up once more", sign_up(true), signs_up(true));
    play.client();
    play.writes("sign_up", sign_up(true), signs_up(true));
    play.client();
    play.writes("sign_up wrongly", sign_up(false), signs_up(false));
    auto const send = [&stage, acme] {
        return told(stage.onboarding.send_sign_up_code({.partner = acme, .to = stage.email("jane")}));
    };
    auto const sent = [](auto& model, auto& answer) { answer = model.taken ? "email_taken" : "done"; };
    play.writes("send_sign_up_code", send, sent);
    play.afterwards("send_sign_up_code", send, sent);
}

// A request that comes again under its key is answered again, and another one under that key is refused.
struct Repeated {
    int request = 0;
    bool registered = false;
    int links = 0;

    std::string log_in(int number)
    {
        if (request != 0 && request != number)
            return "request_repeated_differently";
        auto const again = request == number;
        request = number;
        auto const created = !std::exchange(registered, true) || (again && was_created);
        was_created = created;
        return std::string(created ? "created" : "updated") + (again ? " again" : "");
    }
    std::string log_in_without_key() { return std::exchange(registered, true) ? "updated" : "created"; }

    bool was_created = false;
};

void log_in_repeatedly(Stage& stage, PlayOf<Repeated>& play)
{
    auto const acme = stage.partner("Acme");
    auto const log_in = [&stage, acme](int number) {
        return [&stage, acme, number]() -> std::string {
            auto const text = "request " + std::to_string(number);
            auto request = stage.log_in("jane", acme);
            if (number > 0)
                request.repeatable = Repeatable{.key = "key", .request = text};
            auto const outcome = stage.onboarding.log_in(request);
            if (!outcome)
                return told(outcome);
            return std::string(outcome->registered == Registered::created ? "created" : "updated") +
                   (outcome->repeated ? " again" : "");
        };
    };
    auto const logs_in = [](int number) {
        return [number](Repeated& model, std::string& answer) {
            answer = number > 0 ? model.log_in(number) : model.log_in_without_key();
        };
    };
    play.client();
    for (int time = 0; time < 3; ++time)
        play.writes("log_in with request 1", log_in(1), logs_in(1));
    play.client();
    for (int time = 0; time < 3; ++time)
        play.writes("log_in without a key", log_in(0), logs_in(0));
    play.client();
    for (auto const number : {2, 1, 2})
        play.writes("log_in with request " + std::to_string(number), log_in(number), logs_in(number));
}

Policy two_guesses()
{
    auto policy = patient_policy();
    policy.code_tries = SignUps::most;
    return policy;
}

}

std::vector<Scenario> sign_up_scenarios()
{
    return {
        scenario<SignUps>("two sign up with one code, and a third guesses", sign_up_twice, two_guesses()),
        scenario<Repeated>("a person is logged in repeatedly under one key", log_in_repeatedly),
    };
}

}
