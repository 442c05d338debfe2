#include "interleavings/scenarios.hpp"

namespace onboard::interleavings {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view first_password = "correct horse battery staple one";
constexpr std::string_view second_password = "correct horse battery staple two";

// A link is good once, and as long as its generation of the account is, which a new password ends.
struct Password {
    int generation = 1;
    int link = 1;         // its generation; none once it was used
    int mailed_link = 0;  // of the link that is mailed to whoever forgot
    int password = 0;
    bool active = true;
    bool expired = false;
    int letters = 0;

    std::string state() const
    {
        return link != generation || !active ? "link_spent" : expired ? "link_expired" : "done";
    }
    std::string set(int to)
    {
        auto const answer = state();
        if (answer == "done")
            ++generation, link = 0, password = to;
        return answer;
    }
    std::string sign_in(int with) const { return active && password == with ? "done" : "sign_in_wrong"; }
    void forget()
    {
        if (active)
            mailed_link = generation;
    }
    bool mailed_link_is_good() const { return active && mailed_link == generation; }
};

void register_jane(Stage& stage)
{
    auto const acme = stage.partner("Acme");
    auto const plan = PlanCode::parse("PLAN-" + std::to_string(static_cast<std::int64_t>(acme))).value();
    stage.administration.add_plan(plan, stage.partner_name("Acme")).value();
    NewPerson const jane{
        .plan = plan,
        .email = stage.email("jane"),
        .name = PersonName::parse("Jane", "Doe").value(),
        .additional_data = {}};
    stage.onboarding.register_people({.partner = acme, .people = {jane}}).value();
    stage.hands["link"] = stage.secret_delivered(Channel::mail);
}

Act set_password(Stage& stage, std::string_view password)
{
    return [&stage, password] {
        return told(stage.onboarding.set_password({.link = stage.hands["link"], .password = password}));
    };
}

Act sign_in(Stage& stage, std::string_view password)
{
    return [&stage, password] {
        return told(stage.onboarding.sign_in({.email = stage.email("jane"), .password = password}));
    };
}

Step<Password> sets(int password)
{
    return [password](Password& model, std::string& answer) { answer = model.set(password); };
}

Step<Password> signs_in(int password)
{
    return [password](Password& model, std::string& answer) { answer = model.sign_in(password); };
}

std::string letters(Stage& stage)
{
    std::string kinds;
    for (auto const& sent : stage.delivered(Channel::mail))
        kinds += std::string(name_of(sent.letter.kind)) + ' ';
    return kinds;
}

void mail_of(Password& model, std::string& answer)
{
    answer = model.mailed_link_is_good() ? "reset-password " : "";
}

void forget_while_it_is_set(Stage& stage, PlayOf<Password>& play)
{
    register_jane(stage);
    play.client();
    play.writes("set the first password", set_password(stage, first_password), sets(1));
    play.client();
    play.writes("set the second password", set_password(stage, second_password), sets(2));
    play.writes("sign in with the second", sign_in(stage, second_password), signs_in(2));
    play.client();
    play.writes(
        "forgot_password",
        [&stage] { return told(stage.onboarding.forgot_password({.email = stage.email("jane")})); },
        [](auto& model, auto& answer) { model.forget(), answer = "done"; });
    play.afterwards(
        "letters", [&stage] { return letters(stage); }, mail_of);
    play.afterwards("sign in with the first", sign_in(stage, first_password), signs_in(1));
    play.afterwards("sign in with the second", sign_in(stage, second_password), signs_in(2));
}

void set_while_blocked(Stage& stage, PlayOf<Password>& play)
{
    register_jane(stage);
    play.client();
    play.writes("set the first password", set_password(stage, first_password), sets(1));
    play.writes("sign in with the first", sign_in(stage, first_password), signs_in(1));
    play.client();
    play.writes(
        "forgot_password",
        [&stage] { return told(stage.onboarding.forgot_password({.email = stage.email("jane")})); },
        [](auto& model, auto& answer) { model.forget(), answer = "done"; });
    play.client();
    play.writes(
        "block", [&stage] { return told(stage.administration.block(stage.email("jane"))); },
        [](auto& model, auto& answer) {
            ++model.generation;
            model.active = false;
            answer = "done";
        });
    play.writes(
        "unblock", [&stage] { return told(stage.administration.unblock(stage.email("jane"))); },
        [](auto& model, auto& answer) {
            ++model.generation;
            model.active = true;
            answer = "done";
        });
    play.afterwards(
        "letters", [&stage] { return letters(stage); }, mail_of);
    play.afterwards("sign in with the first", sign_in(stage, first_password), signs_in(1));
}

void set_as_it_expires(Stage& stage, PlayOf<Password>& play)
{
    register_jane(stage);
    auto const look = [&stage]() -> std::string {
        switch (stage.onboarding.password_invitation(stage.hands["link"]).value().state) {
        case PasswordLinkState::good: return "done";
        case PasswordLinkState::spent: return "link_spent";
        case PasswordLinkState::expired: return "link_expired";
        }
        return "";
    };
    auto const looked = [](auto& model, auto& answer) { answer = model.state(); };
    play.client();
    play.writes("set the first password", set_password(stage, first_password), sets(1));
    play.client();
    play.time_passes(24h, [](auto& model) { model.expired = true; });
    play.reads("password_invitation", look, looked);
    play.client();
    play.writes(
        "renew_password_link",
        [&stage] { return told(stage.onboarding.renew_password_link(stage.hands["link"], {})); },
        [](auto& model, auto& answer) {
            auto const may = model.state() == "link_expired";
            answer = may ? "done" : "link_spent";
            if (may)
                model.forget();
        });
    play.afterwards("password_invitation", look, looked);
    play.afterwards(
        "letters", [&stage] { return letters(stage); }, mail_of);
}

}

std::vector<Scenario> password_scenarios()
{
    return {
        scenario<Password>("a link sets two passwords, and another is asked for", forget_while_it_is_set),
        scenario<Password>("a link sets a password while its owner is blocked", set_while_blocked),
        scenario<Password>("a link sets a password as it expires", set_as_it_expires),
    };
}

}
