#include "simulation/history.hpp"

#include <algorithm>

namespace onboard::simulation {

std::string_view name_of(Call call) noexcept
{
    switch (call) {
    case Call::log_in: return "log_in";
    case Call::redeem: return "redeem";
    case Call::open_session: return "open_session";
    case Call::look_at_link: return "look_at_link";
    case Call::confirm: return "confirm";
    case Call::confirm_and_relink: return "confirm_and_relink";
    case Call::session: return "session";
    case Call::end_session: return "end_session";
    case Call::register_people: return "register_people";
    case Call::look_at_password_link: return "look_at_password_link";
    case Call::set_password: return "set_password";
    case Call::sign_in: return "sign_in";
    case Call::forgot_password: return "forgot_password";
    case Call::send_code: return "send_code";
    case Call::check_code: return "check_code";
    case Call::confirm_phone: return "confirm_phone";
    case Call::profile: return "profile";
    case Call::change_email: return "change_email";
    case Call::look_at_opt_in: return "look_at_opt_in";
    case Call::confirm_email: return "confirm_email";
    case Call::send_sign_up_code: return "send_sign_up_code";
    case Call::prove_contact: return "prove_contact";
    case Call::sign_up: return "sign_up";
    case Call::sign_up_with_identity: return "sign_up_with_identity";
    case Call::arrive: return "arrive";
    case Call::finish_visit: return "finish_visit";
    case Call::identify: return "identify";
    case Call::rotate: return "rotate";
    case Call::revoke_all: return "revoke_all";
    case Call::block: return "block";
    case Call::unblock: return "unblock";
    case Call::remove: return "remove";
    case Call::retry_letters: return "retry_letters";
    case Call::tidy: return "tidy";
    case Call::deliver: return "deliver";
    case Call::count_: break;
    }
    return "";
}

bool PostedLetter::arrived() const
{
    return std::ranges::any_of(handings, [](Handing const& handing) {
        return handing.verdict == Verdict::arrived || handing.verdict == Verdict::arrived_unseen;
    });
}

std::string line_of(Operation const& operation)
{
    std::string line = std::to_string(operation.number) + ' ' + std::string(name_of(operation.call));
    auto const add = [&line](char const* name, std::string const& value) {
        if (!value.empty())
            line += std::string(" ") + name + '=' + value;
    };
    add("process", std::to_string(operation.process));
    add("partner", operation.partner < 0 ? std::string() : std::to_string(operation.partner));
    add("email", operation.email);
    add("phone", operation.phone);
    add("secret", operation.secret);
    add("code", operation.code);
    add("key", operation.key);
    add("token_id", operation.token_id);
    add("previous", operation.previous);
    add("client", operation.client);
    for (auto const& person : operation.people)
        add("person", person.email);
    if (operation.outcome == Outcome::running)
        return line + " ...";
    switch (operation.outcome) {
    case Outcome::running: break;
    case Outcome::done: line += " : done"; break;
    case Outcome::refused:
        line += " : refused";
        if (operation.refusal)
            add("code", std::string(name_of(*operation.refusal)));
        add("field", operation.field);
        break;
    case Outcome::unknown: line += " : unknown"; break;
    }
    add("account", operation.account == 0 ? std::string() : std::to_string(operation.account));
    add("token", operation.token);
    add("session", operation.session);
    line += operation.created ? " created" : "";
    line += operation.repeated ? " repeated" : "";
    line += operation.waits ? " waits" : "";
    return line;
}

}
