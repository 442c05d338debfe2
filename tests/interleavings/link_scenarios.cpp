#include <algorithm>

#include "interleavings/scenarios.hpp"

namespace onboard::interleavings {

namespace {

using namespace std::chrono_literals;

// A link is good once, and links and sessions as long as their generation of the account is.
struct Links {
    bool active = true;
    int generation = 1;
    std::map<int, int> links{{1, 1}};  // those that are not used, with their generation
    std::map<int, int> sessions = {};

    void block(bool on)
    {
        generation += active == on ? 1 : 0;
        active = !on;
    }
    std::string use(int link)
    {
        auto const good = active && links.contains(link) && links.at(link) == generation;
        if (good)
            links.erase(link);
        return good ? "done" : "link_spent";
    }
    std::string open(int link, int session)
    {
        auto const answer = use(link);
        if (answer == "done")
            sessions[session] = generation;
        return answer;
    }
    std::string issue(int link)
    {
        if (!active)
            return "account_blocked";
        links[link] = generation;
        return "done";
    }
    std::string look_at(int session) const
    {
        auto const good = active && sessions.contains(session) && sessions.at(session) == generation;
        return good ? "done" : "session_unknown";
    }
};

void use_and_block(Stage& stage, PlayOf<Links>& play)
{
    auto& hands = stage.hands;
    hands["link 1"] = stage.login_link("jane");
    auto const open = [&](std::string const& link, std::string const& session) {
        return [&stage, &hands, link, session] {
            auto const opened = stage.onboarding.open_session(hands[link]);
            if (opened)
                hands[session] = opened->token.reveal();
            return opened ? "done" : hands[link].empty() ? "link_spent" : told(opened);
        };
    };
    auto const look_at = [&](std::string const& session) {
        return [&stage, &hands, session] { return told(stage.onboarding.session(hands[session])); };
    };

    play.client();
    play.writes(
        "open_session", open("link 1", "session 1"), [](auto& model, auto& answer) { answer = model.open(1, 1); });
    play.reads("session", look_at("session 1"), [](auto& model, auto& answer) { answer = model.look_at(1); });
    play.reads("session", look_at("session 1"), [](auto& model, auto& answer) { answer = model.look_at(1); });

    play.client();
    play.writes(
        "redeem", [&] { return told(stage.onboarding.redeem(hands["link 1"])); },
        [](auto& model, auto& answer) { answer = model.use(1); });
    play.writes(
        "log_in",
        [&] {
            auto const outcome = stage.onboarding.log_in(stage.log_in("jane"));
            if (outcome)
                hands["link 2"] = outcome->token.reveal();
            return told(outcome);
        },
        [](auto& model, auto& answer) { answer = model.issue(2); });
    play.writes("open_session with the new link", open("link 2", "session 2"), [](auto& model, auto& answer) {
        answer = model.open(2, 2);
    });

    play.client();
    play.writes(
        "block", [&] { return told(stage.administration.block(stage.email("jane"))); },
        [](auto& model, auto& answer) { model.block(true), answer = "done"; });
    play.writes(
        "unblock", [&] { return told(stage.administration.unblock(stage.email("jane"))); },
        [](auto& model, auto& answer) { model.block(false), answer = "done"; });
    play.writes(
        "open_session", open("link 1", "session 3"), [](auto& model, auto& answer) { answer = model.open(1, 3); });

    play.afterwards("session 1", look_at("session 1"), [](auto& model, auto& answer) { answer = model.look_at(1); });
    play.afterwards("session 2", look_at("session 2"), [](auto& model, auto& answer) { answer = model.look_at(2); });
    play.afterwards(
        "the link once more", [&] { return told(stage.onboarding.redeem(hands["link 1"])); },
        [](auto& model, auto& answer) { answer = model.use(1); });
}

// A link is good before its time is over, and once.
struct OneLink {
    bool good = true;

    std::string use() { return std::exchange(good, false) ? "done" : "link_spent"; }
};

void use_while_it_expires(Stage& stage, PlayOf<OneLink>& play)
{
    stage.hands["link"] = stage.login_link("jane");
    auto const redeem = [&stage] { return told(stage.onboarding.redeem(stage.hands["link"])); };
    auto const use = [](auto& model, auto& answer) { answer = model.use(); };
    play.client();
    play.writes("redeem", redeem, use);
    play.writes("redeem", redeem, use);
    play.client();
    play.time_passes(299s, [](auto&) {});
    play.time_passes(1s, [](auto& model) { model.good = false; });
    play.client();
    play.writes("redeem", redeem, use);
    play.writes("redeem", redeem, use);
    play.afterwards("redeem", redeem, use);
}

// Tokens of a partner, in the order they were issued.
struct Tokens {
    std::vector<bool> live{true};
    std::size_t newest = 0;  // of the client that rotates
    bool access = false;     // whether there is an access token of the first

    std::string revoke_oldest()
    {
        auto const oldest = std::ranges::find(live, true);
        if (oldest == live.end())
            return "0";
        *oldest = false;
        return "1";
    }
    std::string revoke_all()
    {
        auto const count = std::ranges::count(live, true);
        live.assign(live.size(), false);
        return std::to_string(count);
    }
    std::string identify(bool known) const { return known ? "done" : "partner_token_unknown"; }
};

void revoke(Stage& stage, PlayOf<Tokens>& play)
{
    auto const name = stage.partner_name("Acme");
    stage.hands["token"] = stage.administration.add_partner({.name = name}).value().reveal();
    auto const identify = [&stage](std::string const& token) {
        return [&stage, token] { return told(stage.onboarding.identify(stage.hands[token])); };
    };
    auto const first = [](auto& model, auto& answer) { answer = model.identify(model.live[0]); };
    auto const newest = [](auto& model, auto& answer) { answer = model.identify(model.live[model.newest]); };
    auto const access = [](auto& model, auto& answer) { answer = model.identify(model.access && model.live[0]); };

    play.client();
    play.reads(
        "issue_access_token",
        [&] {
            auto const issued = stage.onboarding.issue_access_token(stage.hands["token"]);
            if (issued)
                stage.hands["access token"] = issued->token.reveal();
            return told(issued);
        },
        [](auto& model, auto& answer) { model.access = model.live[0], answer = model.identify(model.access); });
    play.reads("identify by the access token", identify("access token"), access);
    play.reads("identify", identify("token"), first);

    play.client();
    play.writes(
        "revoke_oldest", [&stage, name] { return std::to_string(stage.administration.revoke_oldest(name).value()); },
        [](auto& model, auto& answer) { answer = model.revoke_oldest(); });
    play.reads("identify", identify("token"), first);
    play.reads("identify", identify("token"), first);

    play.client();
    play.writes(
        "rotate",
        [&stage, name] {
            auto const token = stage.administration.rotate(name);
            stage.hands["new token"] = token.value().reveal();
            return told(token);
        },
        [](auto& model, auto& answer) {
            model.newest = model.live.size();
            model.live.push_back(true);
            answer = "done";
        });
    play.reads("identify by the new token", identify("new token"), newest);
    play.writes(
        "revoke_all", [&stage, name] { return std::to_string(stage.administration.revoke_all(name).value()); },
        [](auto& model, auto& answer) { answer = model.revoke_all(); });

    play.afterwards("identify by the new token", identify("new token"), newest);
    play.afterwards("identify by the access token", identify("access token"), access);
}

// Guesses of a mailed code are counted before they are looked at, and a right one gives itself back.
struct WaitingLink {
    bool used = false;
    int guesses = 0;

    static constexpr int most = 2;
};

void enter_mailed_code(Stage& stage, PlayOf<WaitingLink>& play)
{
    auto const acme = stage.partner("Acme");
    auto const beta = stage.partner("Beta");
    stage.onboarding.log_in(stage.log_in("jane", acme)).value();
    stage.hands["link"] = stage.onboarding.log_in(stage.log_in("jane", beta)).value().token.reveal();
    stage.hands["code"] = stage.secret_delivered(Channel::mail);
    auto const confirm = [&stage](bool right) {
        return [&stage, right] {
            auto const& code = stage.hands["code"];
            return told(stage.onboarding.confirm(stage.hands["link"], right ? code : "not " + code));
        };
    };
    auto const guess = [](bool right) -> std::vector<Step<WaitingLink>> {
        return {
            [](auto& model, auto& answer) {
                if (model.used)
                    answer = "link_spent";
                else if (++model.guesses > WaitingLink::most)
                    answer = "attempts_spent, 0 left";
                else
                    answer = "counted, " + std::to_string(WaitingLink::most - model.guesses) + " left";
            },
            [right](auto& model, auto& answer) {
                if (!answer.starts_with("counted"))
                    return;
                if (model.used)
                    answer = "link_spent";
                else if (!right)
                    answer.replace(0, 7, "code_wrong");
                else
                    model.used = true, --model.guesses, answer = "done";
            }};
    };
    auto const look = [&stage] { return told(stage.onboarding.pending_confirmation(stage.hands["link"])); };
    auto const looked = [](auto& model, auto& answer) { answer = model.used ? "link_spent" : "done"; };

    play.client();
    play.writes("confirm wrongly", confirm(false), guess(false));
    play.writes("confirm", confirm(true), guess(true));
    play.client();
    play.writes("confirm", confirm(true), guess(true));
    play.reads("pending_confirmation", look, looked);
    play.client();
    play.writes("confirm wrongly", confirm(false), guess(false));
    play.reads("pending_confirmation", look, looked);
    play.reads("pending_confirmation", look, looked);
    play.afterwards("pending_confirmation", look, looked);
}

// Whoever enters the code in time is linked to the partner.
struct Linking {
    bool expired = false;
    int partners = 1;

    std::string confirm()
    {
        if (expired || partners > 1)
            return "link_spent";
        ++partners;
        return "done";
    }
};

void enter_mailed_code_too_late(Stage& stage, PlayOf<Linking>& play)
{
    auto const acme = stage.partner("Acme");
    auto const beta = stage.partner("Beta");
    stage.onboarding.log_in(stage.log_in("jane", acme)).value();
    stage.hands["link"] = stage.onboarding.log_in(stage.log_in("jane", beta)).value().token.reveal();
    stage.hands["code"] = stage.secret_delivered(Channel::mail);
    auto const confirm = [&stage] {
        return told(stage.onboarding.confirm(stage.hands["link"], stage.hands["code"]));
    };
    auto const look = [&stage] {
        return std::to_string(stage.administration.find(stage.email("jane")).value().enrolments.size());
    };
    auto const confirms = [](auto& model, auto& answer) { answer = model.confirm(); };
    auto const looks = [](auto& model, auto& answer) { answer = std::to_string(model.partners); };

    play.client();
    play.writes("confirm", confirm, confirms);
    play.client();
    play.time_passes(300s, [](auto& model) { model.expired = true; });
    play.reads("find", look, looks);
    play.client();
    play.writes("confirm", confirm, confirms);
    play.afterwards("confirm", confirm, confirms);
    play.afterwards("find", look, looks);
}

Policy two_guesses()
{
    auto policy = patient_policy();
    policy.code_tries = WaitingLink::most;
    return policy;
}

// The code outlives the link it belongs to.
Policy long_codes()
{
    auto policy = patient_policy();
    policy.code_life = 600s;
    return policy;
}

}

std::vector<Scenario> link_scenarios()
{
    return {
        scenario<Links>("a login link is used twice, and its owner is blocked", use_and_block),
        scenario<OneLink>("a login link is used three times as it expires", use_while_it_expires),
        scenario<Tokens>("a partner's token is used, replaced and revoked", revoke),
        scenario<WaitingLink>("a mailed code is entered twice and guessed", enter_mailed_code, two_guesses()),
        scenario<Linking>("a mailed code is entered as its link expires", enter_mailed_code_too_late, long_codes()),
    };
}

}
