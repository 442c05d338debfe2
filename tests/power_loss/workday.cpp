#include "power_loss/workday.hpp"

#include "support/telephones.hpp"

namespace onboard::power_loss {

namespace {

using namespace testing;
using namespace std::chrono_literals;

// Hands everything on to a storage that others own.
class BorrowedStorage : public Storage {
public:
    explicit BorrowedStorage(Storage& storage) : storage_(storage) {}

    std::unique_ptr<UnitOfWork> begin() override { return storage_.begin(); }
    std::unique_ptr<UnitOfWork const> begin_reading() override { return storage_.begin_reading(); }
    std::unique_ptr<Group> begin_group() override { return storage_.begin_group(); }

private:
    Storage& storage_;
};

constexpr auto first_password = "correct horse battery staple";
constexpr auto second_password = "a staple of batteries for horses";

void open_office(World& world, std::string_view name)
{
    auto const partner = PartnerName::parse(name).value();
    (void)world.administration.add_partner({.name = partner});
    (void)world.administration.add_plan(PlanCode::parse("PLAN-" + std::string(name)).value(), partner);
}

PartnerId partner(World& world, std::string_view name)
{
    auto const found = world.storage->begin_reading()->partners().find(PartnerName::parse(name).value());
    return found ? found->id : PartnerId{};
}

LogIn login(World& world, std::string_view partner_name, std::string_view address)
{
    return {
        .partner = partner(world, partner_name),
        .plan = PlanCode::parse("PLAN-" + std::string(partner_name)).value(),
        .email = EmailAddress::parse(address).value(),
        .name = "Jane Doe"_name};
}

void log_in(World& world, Diary& diary, std::string_view partner_name, std::string const& address)
{
    if (auto const done = world.onboarding.log_in(login(world, partner_name, address)))
        diary["link of " + address] = done->token.reveal();
}

void open_session(World& world, Diary& diary, std::string const& address)
{
    auto const link = "link of " + address;
    if (auto const done = world.onboarding.open_session(diary[link])) {
        diary["session of " + address] = done->token.reveal();
        diary.note_used(link);
    }
}

// Both couriers go round once, and people keep what they were sent last.
void deliver(World& world, Diary& diary)
{
    world.courier.deliver_due();
    world.text_courier.deliver_due();
    for (auto const* mailbox : {&world.mailer, &world.texter})
        for (auto const& [letter, secret] : mailbox->sent())
            diary["letter to " + text_of(letter.to)] = secret;
}

auto const janes_number = "+31612345678"_phone;

void enter(World& world, std::string const& code)
{
    (void)world.onboarding.confirm_phone(
        {.partner = partner(world, "Acme"),
         .phone = janes_number,
         .code = code,
         .agrees_to_terms = true,
         .agrees_to_privacy = true});
}

void send_list(World& world, int first, int last)
{
    Registration list{.partner = partner(world, "Acme"), .people = {}};
    for (int number = first; number <= last; ++number)
        list.people.push_back(world.person("person" + std::to_string(number) + "@example.com"));
    (void)world.onboarding.register_people(list);
}

constexpr Act in_the_morning[] = {
    {"a partner is added", [](World& world, Diary&) { open_office(world, "Acme"); }},
    {"a partner logs a new person in",
     [](World& world, Diary& diary) { log_in(world, diary, "Acme", "jane@example.com"); }},
    {"she follows her link", [](World& world, Diary& diary) { open_session(world, diary, "jane@example.com"); }},
    {"a partner sends a list", [](World& world, Diary&) { send_list(world, 1, 3); }},
    {"the letters leave", deliver},
};

constexpr Act at_noon[] = {
    {"a partner logs a person in",
     [](World& world, Diary& diary) { log_in(world, diary, "Acme", "jim@example.com"); }},
    {"he follows his link", [](World& world, Diary& diary) { open_session(world, diary, "jim@example.com"); }},
    {"he follows it again", [](World& world, Diary& diary) { open_session(world, diary, "jim@example.com"); }},
    {"a code is asked for",
     [](World& world, Diary&) { (void)world.onboarding.send_code({.phone = janes_number, .client = "a client"}); }},
    {"the code is texted", deliver},
    {"a code is guessed",
     [](World& world, Diary&) { (void)world.onboarding.check_code({.phone = janes_number, .code = "000000"}); }},
    {"the code is entered",
     [](World& world, Diary& diary) { enter(world, diary["letter to " + janes_number.e164()]); }},
    {"the code is entered again",
     [](World& world, Diary& diary) { enter(world, diary["letter to " + janes_number.e164()]); }},
    {"three requests share a commit",
     [](World& world, Diary& diary) {
         auto const joan = login(world, "Acme", "joan@example.com");
         auto const jude = login(world, "Acme", "jude@example.com");
         auto const group = world.storage->begin_group();
         auto const link_of_joan = world.onboarding.log_in(joan);
         auto const link_of_jude = world.onboarding.log_in(jude);
         (void)world.onboarding.redeem("no link at all");
         auto const redeemed = link_of_joan && world.onboarding.redeem(link_of_joan->token.reveal());
         group->commit();
         if (link_of_jude)
             diary["link of jude@example.com"] = link_of_jude->token.reveal();
         if (redeemed) {
             diary["link of joan@example.com"] = link_of_joan->token.reveal();
             diary.note_used("link of joan@example.com");
         }
     }},
    {"a group is abandoned",
     [](World& world, Diary&) {
         auto const jack = login(world, "Acme", "jack@example.com");
         auto const group = world.storage->begin_group();
         (void)world.onboarding.log_in(jack);
     }},
};

constexpr Act in_the_evening[] = {
    {"a password is set",
     [](World& world, Diary& diary) {
         (void)world.onboarding.set_password(
             {.link = diary["letter to person1@example.com"], .password = first_password, .client = "a client"});
     }},
    {"a password is guessed",
     [](World& world, Diary&) {
         (void)world.onboarding.sign_in(
             {.email = "person1@example.com"_email, .password = second_password, .client = "a client"});
     }},
    {"somebody signs in",
     [](World& world, Diary&) {
         (void)world.onboarding.sign_in(
             {.email = "person1@example.com"_email, .password = first_password, .client = "a client"});
     }},
    {"a password is forgotten",
     [](World& world, Diary&) {
         (void)world.onboarding.forgot_password({.email = "person1@example.com"_email, .client = "a client"});
     }},
    {"a new address is told",
     [](World& world, Diary&) {
         (void)world.onboarding.change_email({.phone = janes_number, .email = "new@example.com"_email});
     }},
    {"the links leave", deliver},
    {"the address is confirmed",
     [](World& world, Diary& diary) { (void)world.onboarding.confirm_email(diary["letter to new@example.com"]); }},
    {"another partner is added", [](World& world, Diary&) { open_office(world, "Bolt"); }},
    {"it logs in whom another one knows",
     [](World& world, Diary& diary) { log_in(world, diary, "Bolt", "jim@example.com"); }},
    {"a code is mailed", deliver},
    {"the confirmation is guessed",
     [](World& world, Diary& diary) { (void)world.onboarding.confirm(diary["link of jim@example.com"], "000000"); }},
    {"it is confirmed",
     [](World& world, Diary& diary) {
         if (world.onboarding.confirm(diary["link of jim@example.com"], diary["letter to jim@example.com"]))
             diary.note_used("link of jim@example.com");
     }},
    {"somebody is blocked",
     [](World& world, Diary&) { (void)world.administration.block("person2@example.com"_email); }},
    {"somebody is removed",
     [](World& world, Diary&) { (void)world.administration.remove("person3@example.com"_email); }},
    {"a session ends",
     [](World& world, Diary& diary) { world.onboarding.end_session(diary["session of jim@example.com"]); }},
    {"what has expired is forgotten",
     [](World& world, Diary&) {
         world.clock.advance(24h);
         world.onboarding.tidy();
     }},
};

}

std::vector<std::string> Diary::used_by(std::size_t time) const
{
    std::vector<std::string> links;
    for (auto const& [used_at, link] : used_)
        if (used_at <= time)
            links.push_back(link);
    return links;
}

Acts morning()
{
    return in_the_morning;
}

Acts noon()
{
    return at_noon;
}

Acts evening()
{
    return in_the_evening;
}

bool register_somebody_new(World& world)
{
    auto const link = world.onboarding.log_in({.email = "new@example.net"_email, .name = "Jane Doe"_name});
    return link && world.onboarding.redeem(link->token.reveal());
}

std::unique_ptr<World> service(Storage& storage, int number)
{
    auto world = std::make_unique<World>(texting(), std::make_unique<BorrowedStorage>(storage));
    std::vector<std::byte> of_others(static_cast<std::size_t>(number) * 1024);
    world->random.fill(of_others);
    return world;
}

void carry_out(Act const& act, int number, Storage& storage, Diary& diary)
{
    act.carry_out(*service(storage, number), diary);
}

}
