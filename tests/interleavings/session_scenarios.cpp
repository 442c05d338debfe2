#include "interleavings/scenarios.hpp"

namespace onboard::interleavings {

namespace {

using namespace std::chrono_literals;

// A session that is not used for an hour is over, and stays so.
struct Idle {
    std::chrono::minutes now{};
    std::chrono::minutes seen{};
    bool ended = false;

    bool is_open() const { return !ended && now < seen + 60min; }
    void touch()
    {
        if (is_open())
            seen = now;
    }
    std::string look_at() const { return is_open() ? "done" : "session_unknown"; }
};

void use_while_it_runs_out(Stage& stage, PlayOf<Idle>& play)
{
    auto const opened = stage.onboarding.open_session(stage.login_link("jane"));
    stage.hands["session"] = opened.value().token.reveal();
    auto const id = stage.onboarding.session(stage.hands["session"]).value().id;
    auto const look_at = [&stage] { return told(stage.onboarding.session(stage.hands["session"])); };
    auto const looked_at = [](auto& model, auto& answer) { answer = model.look_at(); };

    play.client();
    play.writes(
        "touch", [&stage, id] { return stage.onboarding.touch(id), "done"; },
        [](auto& model, auto& answer) { model.touch(), answer = "done"; });
    play.reads("session", look_at, looked_at);
    play.client();
    play.reads("session", look_at, looked_at);
    play.reads("session", look_at, looked_at);
    play.client();
    play.time_passes(40min, [](auto& model) { model.now += 40min; });
    play.time_passes(40min, [](auto& model) { model.now += 40min; });
    play.afterwards("session", look_at, looked_at);
}

// A session is over when it was ended, and with the account's generation.
struct Ended {
    bool ended = false;
    bool removed = false;
    bool blocked_since = false;

    std::string look_at() const { return ended || removed || blocked_since ? "session_unknown" : "done"; }
};

void use_and_end(Stage& stage, PlayOf<Ended>& play)
{
    auto const opened = stage.onboarding.open_session(stage.login_link("jane"));
    stage.hands["session"] = opened.value().token.reveal();
    auto const id = stage.onboarding.session(stage.hands["session"]).value().id;
    auto const look_at = [&stage] { return told(stage.onboarding.session(stage.hands["session"])); };
    auto const looked_at = [](auto& model, auto& answer) { answer = model.look_at(); };

    play.client();
    play.reads("session", look_at, looked_at);
    play.writes(
        "touch", [&stage, id] { return stage.onboarding.touch(id), "done"; },
        [](auto&, auto& answer) { answer = "done"; });
    play.reads("session", look_at, looked_at);
    play.client();
    play.writes(
        "end_session", [&stage] { return stage.onboarding.end_session(stage.hands["session"]), "done"; },
        [](auto& model, auto& answer) { model.ended = true, answer = "done"; });
    play.reads("session", look_at, looked_at);
    play.reads("session", look_at, looked_at);
    play.client();
    play.writes(
        "block", [&stage] { return told(stage.administration.block(stage.email("jane"))); },
        [](auto& model, auto& answer) {
            answer = model.removed ? "account_deleted" : "done";
            model.blocked_since = true;
        });
    play.writes(
        "unblock", [&stage] { return told(stage.administration.unblock(stage.email("jane"))); },
        [](auto& model, auto& answer) { answer = model.removed ? "account_deleted" : "done"; });
    play.writes(
        "remove", [&stage] { return told(stage.administration.remove(stage.email("jane"))); },
        [](auto& model, auto& answer) { model.removed = true, answer = "done"; });
    play.afterwards("session", look_at, looked_at);
}

// What a partner tells of a person is written all at once.
struct Told {
    int told = 0;
};

// Somebody of whom Acme tells more and more.
struct Teller {
    Stage& stage;
    PartnerId acme;

    explicit Teller(Stage& its_stage) : stage(its_stage), acme(stage.partner("Acme")) { tell(0); }
    std::string tell(int number) const
    {
        auto request = stage.log_in("jane", acme);
        request.name = PersonName::parse("Jane", "Doe " + std::to_string(number)).value();
        request.additional_data = std::to_string(number);
        return told(stage.onboarding.log_in(request));
    }
    std::string look() const
    {
        auto const dossier = stage.administration.find(stage.email("jane")).value();
        return dossier.account.name->last() + " with " + dossier.enrolments.front().second.additional_data;
    }
    void tells(PlayOf<Told>& play, int number) const
    {
        play.writes(
            "log_in " + std::to_string(number), [*this, number] { return tell(number); },
            [number](auto& model, auto& answer) { model.told = number, answer = "done"; });
    }
    void looks(PlayOf<Told>& play) const
    {
        play.reads(
            "find", [*this] { return look(); },
            [](auto& model, auto& answer) {
                auto const number = std::to_string(model.told);
                answer = "Doe " + number + " with " + number;
            });
    }
};

void look_while_more_is_told(Stage& stage, PlayOf<Told>& play)
{
    Teller const teller(stage);
    play.client();
    teller.tells(play, 1);
    teller.tells(play, 2);
    teller.looks(play);
    play.client();
    teller.looks(play);
    teller.looks(play);
    teller.looks(play);
    play.client();
    teller.tells(play, 3);
    teller.looks(play);
    teller.looks(play);
}

void look_call_by_call(Stage& stage, PlayOf<Told>& play)
{
    Teller const teller(stage);
    play.client();
    teller.tells(play, 1);
    play.client();
    teller.looks(play);
}

}

std::vector<Scenario> session_scenarios()
{
    return {
        scenario<Idle>("a session's use is noted as it runs out", use_while_it_runs_out),
        scenario<Ended>("a session is used, ended, and its owner removed", use_and_end),
        scenario<Told>("a person is looked at while a partner tells more", look_while_more_is_told),
        scenario<Told>(
            "a person is looked at while a partner tells more, call by call", look_call_by_call, patient_policy(),
            Grain::calls),
    };
}

}
