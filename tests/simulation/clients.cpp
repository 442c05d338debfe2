#include <algorithm>
#include <array>
#include <stdexcept>

#include "simulation/world.hpp"

// What clients, operators and couriers do, and what they make of the answer.
namespace onboard::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::array emails{"ada@example.org", "bob@example.org", "cyd@example.org", "dan@example.org"};
constexpr std::array emails_otherwise{"Ada@example.org", "BOB@Example.ORG", " cyd@example.org", "Dan@Example.org"};
constexpr std::array phones{"+4915112340001", "+4915112340002", "+4915112340003", "+4915177770001"};
constexpr std::array phones_otherwise{"0151 12340001", "0049 151 12340002", "(0151) 1234-0003", "+49 151 7777 0001"};
constexpr std::array person_ids{"p1", "p2", "p3"};
constexpr std::array clients{"", "c1", "c2"};
constexpr std::array firsts{"Ada", "Bob", "Cyd", "Dan"};
constexpr std::array subjects{"s1", "s2", "s3"};

// What of a result concerns everybody.
template <class Value>
bool settle(Operation& operation, Result<Value> const& result)
{
    operation.outcome = result ? Outcome::done : Outcome::refused;
    if (!result) {
        operation.refusal = result.error().code;
        operation.field = result.error().field;
    }
    return result.has_value();
}

void take_account(Operation& operation, Account const& account)
{
    operation.account = static_cast<std::int64_t>(account.id);
    operation.account_email = account.email ? account.email->key() : std::string();
    operation.account_phone = account.phone ? account.phone->e164() : std::string();
}

// As likely as anything else, unless it is in the center of this world.
struct Weight {
    Call call{};
    int weight = 0;
    int center = 0;
};

constexpr std::array weights{
    Weight{Call::log_in, 10, 1},
    Weight{Call::redeem, 4, 1},
    Weight{Call::open_session, 6, 1},
    Weight{Call::look_at_link, 3, 1},
    Weight{Call::confirm, 6, 1},
    Weight{Call::confirm_and_relink, 2, 1},
    Weight{Call::session, 6, 1},
    Weight{Call::end_session, 2, 1},
    Weight{Call::register_people, 5, 2},
    Weight{Call::look_at_password_link, 2, 2},
    Weight{Call::set_password, 3, 2},
    Weight{Call::sign_in, 5, 2},
    Weight{Call::forgot_password, 2, 2},
    Weight{Call::send_code, 8, 3},
    Weight{Call::check_code, 7, 3},
    Weight{Call::confirm_phone, 7, 3},
    Weight{Call::profile, 3, 3},
    Weight{Call::change_email, 5, 4},
    Weight{Call::look_at_opt_in, 1, 4},
    Weight{Call::confirm_email, 4, 4},
    Weight{Call::send_sign_up_code, 5, 5},
    Weight{Call::prove_contact, 5, 5},
    Weight{Call::sign_up, 6, 5},
    Weight{Call::sign_up_with_identity, 4, 5},
    Weight{Call::arrive, 5, 6},
    Weight{Call::finish_visit, 5, 6},
    Weight{Call::identify, 2, 7},
    Weight{Call::rotate, 1, 7},
    Weight{Call::revoke_all, 1, 7},
    Weight{Call::block, 2, 8},
    Weight{Call::unblock, 2, 8},
    Weight{Call::remove, 1, 8},
    Weight{Call::retry_letters, 1, 0},
    Weight{Call::tidy, 2, 0},
    Weight{Call::deliver, 50, 0},
};

}

// Takes letters, or does not, in all the ways there are.
class Carrier : public Mailer {
public:
    Carrier(World& world, Operation& round, std::stop_source stop) : world_(world), round_(round), stop_(stop) {}

    void use(Courier& courier) { courier_ = &courier; }

    void send(Letter const& letter, std::string_view secret) override
    {
        world_.pause();
        renew_now_and_then();
        auto const verdict = choose_verdict();
        note(letter, std::string(secret), verdict);
        if (verdict == Verdict::arrived && world_.fault_dice().one_in(world_.faults_.crash)) {
            world_.note("crash", "after a letter left");
            world_.crash();
        }
        if (world_.faults_.mail > 0 && world_.fault_dice().one_in(20))
            stop_.request_stop();
        switch (verdict) {
        case Verdict::arrived: return;
        case Verdict::failed: throw DeliveryFailure("simulated: the server is busy");
        case Verdict::refused: throw DeliveryRefused("simulated: no such mailbox");
        case Verdict::lost:
        case Verdict::arrived_unseen: throw DeliveryUnknown("simulated: the line was cut");
        }
    }

private:
    void renew_now_and_then()
    {
        if (!courier_ || !world_.fault_dice().one_in(4))
            return;
        try {
            courier_->renew_claim();
        } catch (StorageFailure const&) {
            // Whoever renews does it on a thread of its own, and again soon.
        }
    }

    Verdict choose_verdict()
    {
        if (!world_.fault_dice().one_in(world_.faults_.mail))
            return Verdict::arrived;
        static constexpr std::array bad{
            Verdict::failed, Verdict::failed, Verdict::refused, Verdict::lost, Verdict::arrived_unseen};
        auto const verdict = world_.fault_dice().pick(bad);
        switch (verdict) {
        case Verdict::arrived: break;
        case Verdict::failed: world_.branches_.hit(Branch::letter_failed); break;
        case Verdict::refused: world_.branches_.hit(Branch::letter_refused); break;
        case Verdict::lost: world_.branches_.hit(Branch::letter_lost_from_sight); break;
        case Verdict::arrived_unseen: world_.branches_.hit(Branch::letter_arrived_unseen); break;
        }
        return verdict;
    }

    void note(Letter const& letter, std::string const& secret, Verdict verdict)
    {
        auto& history = world_.history_;
        auto const found = history.letters.find(letter.id);
        if (world_.options_.trace)
            world_.trace("hands " + letter.id + ' ' + std::to_string(static_cast<int>(verdict)));
        if (found == history.letters.end())
            throw Violation{
                .invariant = "INV-14",
                .what = "a letter left that was never committed: " + std::string(name_of(letter.kind)) + " to " +
                        key_of(letter.to),
                .operation = round_.number};
        auto& posted = found->second;
        posted.handings.push_back(
            {.operation = round_.number,
             .at = history.next_step(),
             .time = world_.process_of(round_).clock.now(),
             .verdict = verdict});
        world_.checker_.check_handed(posted, letter, secret);
        posted.secret = secret;
        if ((verdict == Verdict::arrived || verdict == Verdict::arrived_unseen) && !secret.empty())
            world_.hands_.mail.push_back({.kind = letter.kind, .to = key_of(letter.to), .secret = secret});
    }

    World& world_;
    Operation& round_;
    std::stop_source stop_;
    Courier* courier_ = nullptr;
};

void World::choose_weights()
{
    Dice dice(options_.seed, "center");
    auto const center = dice.below(9);
    auto const beside = dice.below(9);
    weights_.clear();
    for (auto const& weight : weights) {
        auto const times = weight.center != 0 && (weight.center == center || weight.center == beside) ? 8 : 1;
        weights_.push_back(weight.weight * times);
    }
}

Call World::choose_call(Dice& dice) const
{
    int all = 0;
    for (auto const weight : weights_)
        all += weight;
    auto drawn = dice.below(all);
    std::size_t index = 0;
    while (drawn >= weights_[index])
        drawn -= weights_[index++];
    return weights[index].call;
}

PartnerName World::partner_name(int partner) const
{
    return PartnerName::parse("Partner" + std::to_string(partner)).value();
}

EmailAddress World::some_email(Operation& operation)
{
    auto const who = static_cast<std::size_t>(client_dice_.below(static_cast<int>(emails.size())));
    auto email = EmailAddress::parse(client_dice_.one_in(4) ? emails_otherwise[who] : emails[who]).value();
    operation.email = email.key();
    return email;
}

PhoneNumber World::some_phone(Operation& operation)
{
    auto const whose = static_cast<std::size_t>(client_dice_.below(static_cast<int>(phones.size())));
    auto const germany = Region::parse("DE").value();
    auto phone =
        PhoneNumber::parse(client_dice_.one_in(4) ? phones_otherwise[whose] : phones[whose], germany).value();
    operation.phone = phone.e164();
    return phone;
}

// A code from the mail of this person, mostly a new one; or somebody else's; or a guess, that is never right.
std::string World::some_code(LetterKind kind, std::string const& to)
{
    std::vector<std::string> own;
    std::vector<std::string> all;
    for (auto const& mail : hands_.mail)
        if (mail.kind == kind) {
            all.push_back(mail.secret);
            if (mail.to == to)
                own.push_back(mail.secret);
        }
    if (!own.empty() && !client_dice_.one_in(care_))
        return client_dice_.pick_recent(own, client_dice_.from_to(1, 3));
    if (!all.empty() && client_dice_.one_in(5))
        return client_dice_.pick_recent(all, 5);
    return "guess " + std::to_string(client_dice_.below(1000));
}

std::optional<std::string> World::some_mail(std::initializer_list<LetterKind> kinds)
{
    std::vector<std::string> found;
    for (auto const& mail : hands_.mail)
        if (std::ranges::find(kinds, mail.kind) != kinds.end())
            found.push_back(mail.secret);
    return found.empty() ? std::nullopt : std::optional(client_dice_.pick_recent(found, client_dice_.from_to(1, 4)));
}

// As hosts do: again, if the storage was busy.
void World::carry_out(Operation& operation)
{
    auto const request = make_request(operation);
    if (options_.trace)
        trace("begin " + line_of(operation));
    constexpr int most = 6;
    for (int tries = 1; tries <= most; ++tries)
        try {
            request();
            return;
        } catch (StorageConflict const&) {
            operation.outcome = Outcome::unknown;
            if (operation.call == Call::deliver)
                return;
            branches_.hit(Branch::conflict_retried);
            ++operation.conflicts;
        } catch (StorageFailure const&) {
            operation.outcome = Outcome::unknown;
            return;
        } catch (NoRandomness const&) {
            operation.outcome = Outcome::unknown;
            return;
        } catch (std::logic_error const& error) {
            throw Violation{
                .invariant = "contract",
                .what = std::string("a call threw what nobody may throw: ") + error.what() + " [" +
                        line_of(operation) + ']',
                .operation = operation.number};
        }
}

World::Request World::make_request(Operation& operation)
{
    switch (operation.call) {
    case Call::log_in: return log_in(operation);
    case Call::redeem:
    case Call::open_session:
    case Call::look_at_link:
    case Call::confirm:
    case Call::confirm_and_relink: return use_link(operation);
    case Call::session:
    case Call::end_session: return use_session(operation);
    case Call::register_people: return register_people(operation);
    case Call::look_at_password_link: return look_at_password_link(operation);
    case Call::set_password: return set_password(operation);
    case Call::sign_in: return sign_in(operation);
    case Call::forgot_password: return forgot_password(operation);
    case Call::send_code: return send_code(operation);
    case Call::check_code:
    case Call::confirm_phone: return enter_phone_code(operation);
    case Call::profile: return show_profile(operation);
    case Call::change_email: return change_email(operation);
    case Call::look_at_opt_in:
    case Call::confirm_email: return follow_opt_in(operation);
    case Call::send_sign_up_code: return send_sign_up_code(operation);
    case Call::prove_contact: return prove_contact(operation);
    case Call::sign_up: return sign_up(operation);
    case Call::sign_up_with_identity: return sign_up_with_identity(operation);
    case Call::arrive: return arrive(operation);
    case Call::finish_visit: return finish_visit(operation);
    case Call::identify:
    case Call::rotate:
    case Call::revoke_all: return use_partner_token(operation);
    case Call::block:
    case Call::unblock:
    case Call::remove: return administer(operation);
    case Call::retry_letters:
    case Call::tidy: return look_after_letters(operation);
    case Call::deliver: return deliver(operation);
    case Call::count_: break;
    }
    return [] {};
}

// What is told is known to everybody: people share what they have, by mistake or not.
void World::learn(Operation const& operation)
{
    if (!operation.done())
        return;
    if (!operation.session.empty())
        hands_.sessions.push_back(operation.session);
    if (operation.token.empty())
        return;
    switch (operation.call) {
    case Call::log_in:
        hands_.links.push_back(
            {.token = operation.token,
             .email = operation.email,
             .partner = operation.partner,
             .waits = operation.waits});
        break;
    case Call::confirm_and_relink:
        hands_.links.push_back({.token = operation.token, .email = operation.account_email});
        break;
    case Call::confirm_phone:
        hands_.auth_codes.push_back(
            {.token = operation.token, .phone = operation.phone, .partner = operation.partner});
        break;
    case Call::arrive:
        hands_.visits.push_back({.token = operation.token, .phone = operation.phone, .subject = operation.key});
        break;
    case Call::rotate:
        hands_.partner_tokens.push_back({.token = operation.token, .partner = operation.partner});
        break;
    default: break;
    }
}

// A list of nothing to do, for who has nothing in their hands.
namespace {

auto idle(Operation& operation)
{
    return [&operation] { operation.outcome = Outcome::refused; };
}

void take_session(Operation& operation, Result<OpenedSession> const& opened)
{
    if (!settle(operation, opened))
        return;
    operation.session = opened->token.reveal();
    take_account(operation, opened->person.account);
}

}

World::Request World::log_in(Operation& operation)
{
    auto& dice = client_dice_;
    if (!hands_.requests.empty() && dice.one_in(4)) {
        auto const& request = dice.pick_recent(hands_.requests, 3);
        operation.partner = request.partner;
        operation.key = request.key;
        operation.email = request.login.email.key();
        auto text = request.login.email.key() + (dice.one_in(8) ? " and more" : "");
        return [this, &operation, login = request.login, key = request.key, text]() mutable {
            login.repeatable = Repeatable{.key = key, .request = text};
            auto const in = process_of(operation).onboarding.log_in(login);
            if (!settle(operation, in))
                return;
            operation.account = static_cast<std::int64_t>(in->account);
            operation.token = in->token.reveal();
            operation.expires_at = in->expires_at;
            operation.created = in->registered == Registered::created;
            operation.repeated = in->repeated;
            operation.waits = in->confirmation_required;
        };
    }
    LogIn login{.email = some_email(operation), .name = PersonName::parse(dice.pick(firsts), "Doe").value()};
    operation.partner = dice.from_to(dice.one_in(8) ? -1 : 0, 2);
    if (operation.partner >= 0) {
        login.partner = history_.partners[static_cast<std::size_t>(operation.partner)];
        if (dice.one_in(3))
            login.plan =
                PlanCode::parse("PLAN-" + std::to_string(dice.one_in(6) ? dice.below(3) : operation.partner)).value();
        if (dice.one_in(4))
            login.person_id = PersonId::parse(dice.pick(person_ids)).value();
    }
    std::string key;
    if (login.partner && dice.one_in(3)) {
        key = "key " + std::to_string(operation.number);
        operation.key = key;
        hands_.requests.push_back({.key = key, .partner = operation.partner, .login = login});
    }
    return [this, &operation, login, key]() mutable {
        if (!key.empty())
            login.repeatable = Repeatable{.key = key, .request = login.email.key()};
        auto const in = process_of(operation).onboarding.log_in(login);
        if (!settle(operation, in))
            return;
        operation.account = static_cast<std::int64_t>(in->account);
        operation.token = in->token.reveal();
        operation.expires_at = in->expires_at;
        operation.created = in->registered == Registered::created;
        operation.repeated = in->repeated;
        operation.waits = in->confirmation_required;
    };
}

World::Request World::use_link(Operation& operation)
{
    if (hands_.links.empty())
        return idle(operation);
    auto& dice = client_dice_;
    auto const enters_code = operation.call == Call::confirm || operation.call == Call::confirm_and_relink;
    auto const wants_waiting = enters_code || operation.call == Call::look_at_link;
    auto link = dice.pick_recent(hands_.links, dice.from_to(1, 6));
    for (int look = 0; look < 4 && link.waits != wants_waiting; ++look)
        link = dice.pick_recent(hands_.links, 6);
    operation.secret = link.token;
    if (enters_code)
        operation.code = some_code(LetterKind::partner_confirmation, link.email);
    if (operation.call != Call::redeem && operation.call != Call::look_at_link && !hands_.sessions.empty() &&
        dice.one_in(4))
        operation.previous = dice.pick_recent(hands_.sessions, 4);
    return [this, &operation] {
        auto& onboarding = process_of(operation).onboarding;
        switch (operation.call) {
        case Call::redeem: {
            auto const person = onboarding.redeem(operation.secret);
            if (settle(operation, person))
                take_account(operation, person->account);
            return;
        }
        case Call::look_at_link: settle(operation, onboarding.pending_confirmation(operation.secret)); return;
        case Call::confirm:
            take_session(operation, onboarding.confirm(operation.secret, operation.code, operation.previous));
            return;
        case Call::confirm_and_relink: {
            auto const in = onboarding.confirm_and_relink(operation.secret, operation.code);
            if (!settle(operation, in))
                return;
            operation.account = static_cast<std::int64_t>(in->account);
            operation.token = in->token.reveal();
            operation.expires_at = in->expires_at;
            return;
        }
        default: take_session(operation, onboarding.open_session(operation.secret, operation.previous)); return;
        }
    };
}

World::Request World::use_session(Operation& operation)
{
    if (hands_.sessions.empty())
        return idle(operation);
    operation.secret = client_dice_.pick_recent(hands_.sessions, 6);
    return [this, &operation] {
        auto& onboarding = process_of(operation).onboarding;
        if (operation.call == Call::end_session) {
            onboarding.end_session(operation.secret);
            operation.outcome = Outcome::done;
            return;
        }
        auto const session = onboarding.session(operation.secret);
        if (session && session->touch_due)
            onboarding.touch(session->id);
        if (settle(operation, session))
            take_account(operation, session->person.account);
    };
}

NewPerson World::some_person(int partner)
{
    auto& dice = client_dice_;
    auto const plan = dice.one_in(8) ? dice.below(3) : partner;
    NewPerson person{
        .plan = PlanCode::parse("PLAN-" + std::to_string(plan)).value(),
        .email = EmailAddress::parse(dice.one_in(4) ? dice.pick(emails_otherwise) : dice.pick(emails)).value(),
        .name = PersonName::parse(dice.pick(firsts), "Roe").value()};
    if (dice.one_in(5))
        person.person_id = PersonId::parse(dice.pick(person_ids)).value();
    return person;
}

World::Request World::register_people(Operation& operation)
{
    auto& dice = client_dice_;
    Hands::List list;
    if (!hands_.lists.empty() && dice.one_in(3)) {
        list = dice.pick_recent(hands_.lists, 3);
    } else {
        list.partner = dice.below(3);
        for (auto people = dice.from_to(1, 4); people > 0; --people)
            list.people.push_back(some_person(list.partner));
        if (dice.one_in(2))
            list.key = "list " + std::to_string(operation.number);
        hands_.lists.push_back(list);
    }
    operation.partner = list.partner;
    operation.key = list.key;
    for (auto const& person : list.people)
        operation.people.push_back({.email = person.email.key()});
    return [this, &operation, list] {
        Registration registration{
            .partner = history_.partners[static_cast<std::size_t>(list.partner)], .people = list.people};
        if (!list.key.empty())
            registration.repeatable = Repeatable{.key = list.key, .request = list.key};
        auto const registered = process_of(operation).onboarding.register_people(registration);
        if (!settle(operation, registered))
            return;
        operation.repeated = registered->repeated;
        for (std::size_t index = 0; index < list.people.size(); ++index)
            operation.people[index].outcome = registered->outcomes[index];
    };
}

World::Request World::look_at_password_link(Operation& operation)
{
    auto const link = some_mail({LetterKind::welcome_set_password, LetterKind::reset_password});
    if (!link)
        return idle(operation);
    operation.secret = *link;
    return [this, &operation] {
        settle(operation, process_of(operation).onboarding.password_invitation(operation.secret));
    };
}

World::Request World::set_password(Operation& operation)
{
    auto const link = some_mail({LetterKind::welcome_set_password, LetterKind::reset_password});
    if (!link)
        return idle(operation);
    operation.secret = *link;
    operation.code = "quilt zebra lagoon " + std::to_string(++last_password_);
    for (auto const& mail : hands_.mail)
        if (mail.secret == *link)
            hands_.passwords.push_back({.email = mail.to, .password = operation.code});
    return [this, &operation] {
        take_session(
            operation, process_of(operation).onboarding.set_password(
                           {.link = operation.secret, .password = operation.code, .client = "browser"}));
    };
}

World::Request World::sign_in(Operation& operation)
{
    auto& dice = client_dice_;
    auto email = some_email(operation);
    operation.code = "a wrong password";
    if (!hands_.passwords.empty() && !dice.one_in(2)) {
        auto const& known = dice.pick_recent(hands_.passwords, 4);
        email = EmailAddress::parse(known.email).value();
        operation.email = known.email;
        operation.code = dice.one_in(6) ? "a wrong password" : known.password;
    }
    if (!hands_.sessions.empty() && dice.one_in(4))
        operation.previous = dice.pick_recent(hands_.sessions, 4);
    return [this, &operation, email] {
        take_session(
            operation,
            process_of(operation).onboarding.sign_in(
                {.email = email, .password = operation.code, .client = "browser", .previous = operation.previous}));
    };
}

World::Request World::forgot_password(Operation& operation)
{
    return [this, &operation, email = some_email(operation)] {
        settle(operation, process_of(operation).onboarding.forgot_password({.email = email, .client = "browser"}));
    };
}

World::Request World::send_code(Operation& operation)
{
    auto const phone = some_phone(operation);
    operation.client = client_dice_.pick(clients);
    return [this, &operation, phone] {
        settle(operation, process_of(operation).onboarding.send_code({.phone = phone, .client = operation.client}));
    };
}

World::Request World::enter_phone_code(Operation& operation)
{
    auto const phone = phone_with_mail(operation);
    operation.code = some_code(LetterKind::phone_code, operation.phone);
    if (operation.call == Call::check_code)
        return [this, &operation, phone] {
            settle(operation, process_of(operation).onboarding.check_code({.phone = phone, .code = operation.code}));
        };
    operation.partner = client_dice_.below(3);
    return [this, &operation, phone] {
        auto const confirmed = process_of(operation).onboarding.confirm_phone(
            {.partner = history_.partners[static_cast<std::size_t>(operation.partner)],
             .phone = phone,
             .code = operation.code,
             .agrees_to_terms = true,
             .agrees_to_privacy = true});
        if (!settle(operation, confirmed))
            return;
        operation.account = static_cast<std::int64_t>(confirmed->account);
        operation.token = confirmed->auth_code.reveal();
        operation.expires_at = confirmed->expires_at;
        operation.created = confirmed->is_new;
    };
}

World::Request World::show_profile(Operation& operation)
{
    if (hands_.auth_codes.empty())
        return idle(operation);
    auto& dice = client_dice_;
    auto const& code = dice.pick_recent(hands_.auth_codes, 4);
    operation.secret = code.token;
    auto const phone = some_phone(operation);
    auto const own = PhoneNumber::from_storage(code.phone).value();
    auto const asked = dice.one_in(6) ? phone : own;
    operation.phone = asked.e164();
    operation.partner = dice.one_in(6) ? dice.below(3) : code.partner;
    return [this, &operation, asked] {
        auto const account = process_of(operation).onboarding.profile(
            {.partner = history_.partners[static_cast<std::size_t>(operation.partner)],
             .phone = asked,
             .auth_code = operation.secret});
        if (settle(operation, account))
            take_account(operation, *account);
    };
}

World::Request World::change_email(Operation& operation)
{
    auto const phone = phone_with_mail(operation);
    auto const email = some_email(operation);
    return [this, &operation, phone, email] {
        auto const state = process_of(operation).onboarding.change_email({.phone = phone, .email = email});
        if (settle(operation, state))
            operation.waits = *state == EmailState::pending;
    };
}

World::Request World::follow_opt_in(Operation& operation)
{
    auto const link = some_mail({LetterKind::email_opt_in});
    if (!link)
        return idle(operation);
    operation.secret = *link;
    return [this, &operation] {
        auto& onboarding = process_of(operation).onboarding;
        if (operation.call == Call::look_at_opt_in) {
            settle(operation, onboarding.opt_in_invitation(operation.secret));
            return;
        }
        auto const account = onboarding.confirm_email(operation.secret);
        if (settle(operation, account))
            take_account(operation, *account);
    };
}

Recipient World::some_contact(Operation& operation)
{
    if (client_dice_.one_in(2))
        return some_email(operation);
    return some_phone(operation);
}

// Mostly one to which a code was sent.
Recipient World::contact_with_mail(Operation& operation)
{
    std::vector<Hands::Mail const*> codes;
    for (auto const& mail : hands_.mail)
        if (mail.kind == LetterKind::otp || mail.kind == LetterKind::phone_code)
            codes.push_back(&mail);
    if (codes.empty() || client_dice_.one_in(4))
        return some_contact(operation);
    auto const& mail = *client_dice_.pick_recent(codes, 4);
    if (mail.kind == LetterKind::otp) {
        operation.email = mail.to;
        return EmailAddress::parse(mail.to).value();
    }
    operation.phone = mail.to;
    return PhoneNumber::from_storage(mail.to).value();
}

PhoneNumber World::phone_with_mail(Operation& operation)
{
    std::vector<Hands::Mail const*> codes;
    for (auto const& mail : hands_.mail)
        if (mail.kind == LetterKind::phone_code)
            codes.push_back(&mail);
    if (codes.empty() || client_dice_.one_in(4))
        return some_phone(operation);
    operation.phone = client_dice_.pick_recent(codes, 3)->to;
    return PhoneNumber::from_storage(operation.phone).value();
}

World::Request World::send_sign_up_code(Operation& operation)
{
    return [this, &operation, to = some_contact(operation)] {
        settle(operation, process_of(operation).onboarding.send_sign_up_code({.partner = PartnerId(1), .to = to}));
    };
}

World::Request World::prove_contact(Operation& operation)
{
    auto const contact = contact_with_mail(operation);
    operation.code =
        some_code(operation.email.empty() ? LetterKind::phone_code : LetterKind::otp, operation.contact());
    operation.partner = client_dice_.below(2);
    return [this, &operation, contact] {
        settle(
            operation, process_of(operation).onboarding.prove_contact(
                           {.partner = history_.partners[static_cast<std::size_t>(operation.partner)],
                            .contact = contact,
                            .code = operation.code}));
    };
}

World::Request World::sign_up(Operation& operation)
{
    auto& dice = client_dice_;
    auto const contact = contact_with_mail(operation);
    if (dice.one_in(2))
        operation.code =
            some_code(operation.email.empty() ? LetterKind::phone_code : LetterKind::otp, operation.contact());
    operation.partner = dice.below(2);
    auto const name = PersonName::parse(dice.pick(firsts), "Poe").value();
    auto const user_name = dice.one_in(4)
                               ? std::optional(UserName::parse("chosen" + std::to_string(dice.below(3))).value())
                               : std::nullopt;
    return [this, &operation, contact, name, user_name] {
        SignUp request{
            .partner = history_.partners[static_cast<std::size_t>(operation.partner)],
            .name = name,
            .contact = contact,
            .user_name = user_name};
        if (!operation.code.empty())
            request.code = operation.code;
        auto const signed_up = process_of(operation).onboarding.sign_up(request);
        if (!settle(operation, signed_up))
            return;
        take_account(operation, signed_up->account);
        operation.created = true;
    };
}

World::Request World::sign_up_with_identity(Operation& operation)
{
    auto& dice = client_dice_;
    operation.key = std::string("google ") + dice.pick(subjects);
    operation.authoritative = dice.one_in(2);
    Identity const identity{
        .issuer = "google",
        .subject = operation.key,
        .email = some_email(operation),
        .email_verified = true,
        .email_authoritative = operation.authoritative,
        .name = "Gus Goe"};
    return [this, &operation, identity] {
        auto const signed_up = process_of(operation).onboarding.sign_up_with_identity({.identity = identity});
        if (!settle(operation, signed_up))
            return;
        take_account(operation, signed_up->account);
        operation.created = signed_up->is_new;
    };
}

// The host has checked the token before, and that it has not expired.
World::Request World::arrive(Operation& operation)
{
    auto& dice = client_dice_;
    Hands::PortalToken token;
    if (!hands_.portal_tokens.empty() && dice.one_in(3)) {
        token = dice.pick_recent(hands_.portal_tokens, 3);
        operation.phone = token.phone;
    } else {
        some_phone(operation);
        token = {
            .id = "token " + std::to_string(operation.number),
            .subject = std::string("portal ") + dice.pick(subjects),
            .phone = operation.phone,
            .refused_from = truth_ + 1s * dice.from_to(30, 400)};
        hands_.portal_tokens.push_back(token);
    }
    operation.key = token.subject;
    operation.token_id = token.id;
    operation.expires_at = token.refused_from;
    operation.client = dice.pick(clients);
    return [this, &operation, token] {
        if (process_of(operation).clock.now() >= token.refused_from) {
            operation.outcome = Outcome::refused;
            return;
        }
        auto const arrival = process_of(operation).onboarding.arrive(
            {.issuer = "portal",
             .subject = token.subject,
             .token_id = token.id,
             .token_refused_from = token.refused_from,
             .phone = PhoneNumber::from_storage(token.phone).value(),
             .client = operation.client});
        if (!settle(operation, arrival))
            return;
        if (arrival->visit)
            operation.token = arrival->visit->reveal();
        if (arrival->session) {
            operation.session = arrival->session->token.reveal();
            take_account(operation, arrival->session->person.account);
        }
    };
}

World::Request World::finish_visit(Operation& operation)
{
    if (hands_.visits.empty())
        return idle(operation);
    auto const& visit = client_dice_.pick_recent(hands_.visits, 4);
    operation.secret = visit.token;
    operation.phone = visit.phone;
    operation.key = visit.subject;
    operation.code = some_code(LetterKind::phone_code, visit.phone);
    return [this, &operation] {
        auto const finished = process_of(operation).onboarding.finish_visit(operation.secret, operation.code);
        if (!settle(operation, finished))
            return;
        operation.session = finished->session.token.reveal();
        take_account(operation, finished->session.person.account);
    };
}

World::Request World::use_partner_token(Operation& operation)
{
    auto& dice = client_dice_;
    if (operation.call == Call::identify) {
        if (hands_.partner_tokens.empty())
            return idle(operation);
        operation.secret = dice.pick_recent(hands_.partner_tokens, 4).token;
        return [this, &operation] {
            auto const partner = process_of(operation).onboarding.identify(operation.secret);
            if (!settle(operation, partner))
                return;
            auto const found = std::ranges::find(history_.partners, partner->id);
            operation.partner = static_cast<int>(found - history_.partners.begin());
        };
    }
    operation.partner = dice.below(3);
    return [this, &operation] {
        auto& administration = process_of(operation).administration;
        auto const name = partner_name(operation.partner);
        if (operation.call == Call::revoke_all) {
            settle(operation, administration.revoke_all(name));
            return;
        }
        auto const token = administration.rotate(name);
        if (settle(operation, token))
            operation.token = token->reveal();
    };
}

// An operator looks whom they have before them, and once more afterwards.
World::Request World::administer(Operation& operation)
{
    auto const who = some_contact(operation);
    auto const wanted = operation.call == Call::block     ? AccountStatus::blocked
                        : operation.call == Call::unblock ? AccountStatus::active
                                                          : AccountStatus::deleted;
    return [this, &operation, who, wanted] {
        auto& administration = process_of(operation).administration;
        auto const before = administration.find(who);
        if (!settle(operation, before))
            return;
        operation.outcome = Outcome::running;
        auto const changed = operation.call == Call::block     ? administration.block(who)
                             : operation.call == Call::unblock ? administration.unblock(who)
                                                               : administration.remove(who);
        if (!changed) {
            settle(operation, changed);
            return;
        }
        auto const after = administration.find(who);
        if (settle(operation, changed) && after && after->account.id == before->account.id) {
            take_account(operation, before->account);
            operation.no_change = before->account.status == wanted;
        }
    };
}

World::Request World::look_after_letters(Operation& operation)
{
    return [this, &operation] {
        if (operation.call == Call::tidy) {
            if (process_of(operation).onboarding.tidy() > 0)
                branches_.hit(Branch::tidied);
        } else if (process_of(operation).administration.retry_all() > 0) {
            branches_.hit(Branch::letter_revived);
        }
        operation.outcome = Outcome::done;
    };
}

World::Request World::deliver(Operation& operation)
{
    if (operation.phone.empty())
        operation.phone = client_dice_.one_in(2) ? "mail" : "text";
    return [this, &operation] {
        std::stop_source stop;
        Carrier carrier(*this, operation, stop);
        auto const channel = operation.phone == "mail" ? Channel::mail : Channel::text;
        Courier courier(process_of(operation).ports, channel, carrier, stop.get_token());
        carrier.use(courier);
        courier.deliver_due();
        operation.outcome = Outcome::done;
    };
}

}
