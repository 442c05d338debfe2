#include <algorithm>

#include "support/catch.hpp"
#include "support/telephones.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

constexpr int everything = 1'000'000;

std::vector<AuditEvent> events(World& world)
{
    std::vector<AuditEvent> events;
    for (auto const& entry : world.administration.latest_audit_entries(everything))
        events.push_back(entry.event);
    return events;
}

int count(World& world, AuditEvent event)
{
    return static_cast<int>(std::ranges::count(events(world), event));
}

// A day in the life of a site.
void live_a_day(World& world, PartnerId acme)
{
    auto const globex = world.partner("Globex", LinkExisting::confirm);
    auto const link = world.login_link("jane@example.com"_email, acme);
    world.onboarding.redeem(link).value();
    world.onboarding.end_session(world.session("jane@example.com"_email, acme));
    auto const asked =
        world.onboarding.log_in({.partner = globex, .email = "jane@example.com"_email, .name = "Jane Doe"_name});
    world.onboarding.confirm(asked->token.reveal(), world.mailed_code()).value();
    world.person_with_password("joe@example.com", "correct horse battery", acme);
    world.administration.block("jane@example.com"_email).value();
}

TEST_CASE("the audit trail tells of a person's way, once each", "[audit]")
{
    World world;
    live_a_day(world, world.partner("Acme"));
    CHECK(count(world, AuditEvent::partner_added) == 2);
    CHECK(count(world, AuditEvent::partner_token_issued) == 2);
    CHECK(count(world, AuditEvent::account_opened) == 2);
    CHECK(count(world, AuditEvent::login_link_issued) == 3);
    CHECK(count(world, AuditEvent::login_link_used) == 1);
    CHECK(count(world, AuditEvent::session_opened) == 3);
    CHECK(count(world, AuditEvent::session_ended) == 1);
    CHECK(count(world, AuditEvent::code_tried) == 1);
    CHECK(count(world, AuditEvent::account_linked) == 1);
    CHECK(count(world, AuditEvent::password_set) == 1);
    CHECK(count(world, AuditEvent::letter_written) == 2);
    CHECK(events(world).back() == AuditEvent::account_blocked);
}

TEST_CASE("the audit trail says who, by which partner, and from where a session came", "[audit]")
{
    World world;
    auto const acme = world.partner("Acme");
    world.session("jane@example.com"_email, acme);
    auto const entries = world.administration.latest_audit_entries(everything);
    auto const opened = std::ranges::find(entries, AuditEvent::session_opened, &AuditEntry::event);
    REQUIRE(opened != entries.end());
    CHECK(opened->account == world.account("jane@example.com"_email).id);
    CHECK(opened->partner == acme);
    CHECK(opened->detail.find("by link ") != std::string::npos);
    CHECK(entries.front().at == world.clock.now());
}

TEST_CASE("what is refused leaves nothing in the audit trail", "[audit]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const link = world.login_link("jane@example.com"_email, acme);
    world.onboarding.redeem(link).value();
    auto const before = events(world);
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);
    CHECK(refusal(world.administration.add_partner({.name = "Acme"_partner})) == Errc::partner_exists);
    CHECK(events(world) == before);
}

TEST_CASE("the audit trail holds no address, no telephone number and no secret", "[audit]")
{
    Telephones world;
    live_a_day(world, world.acme);
    world.sign_in("+31612345678"_phone);
    for (auto const& entry : world.administration.latest_audit_entries(everything)) {
        CAPTURE(entry.detail);
        CHECK(entry.detail.find('@') == std::string::npos);
        CHECK(entry.detail.find("jane") == std::string::npos);
        CHECK(entry.detail.find("12345678") == std::string::npos);
    }
}

TEST_CASE("a trail that nobody touched is as it was written", "[audit]")
{
    World world;
    CHECK(world.administration.verify_audit().flaws.empty());
    live_a_day(world, world.partner("Acme"));
    auto const report = world.administration.verify_audit();
    CHECK(report.flaws.empty());
    CHECK(report.entries == static_cast<std::int64_t>(events(world).size()));
    CHECK(report.entries > 15);
}

TEST_CASE("with another key the trail is not what was written", "[audit]")
{
    World world;
    live_a_day(world, world.partner("Acme"));
    std::array<std::byte, SecretKey::least_size> other{std::byte{1}, std::byte{2}};
    Administration stranger({.storage = *world.storage, .key = SecretKey::from_bytes(other), .clock = world.clock});
    auto const report = stranger.verify_audit();
    CHECK_FALSE(report.flaws.empty());
}

TEST_CASE("the newest entries are the last ones written", "[audit]")
{
    World world;
    live_a_day(world, world.partner("Acme"));
    world.clock.advance(1s);
    world.administration.unblock("jane@example.com"_email).value();
    auto const newest = world.administration.latest_audit_entries(1);
    REQUIRE(newest.size() == 1);
    CHECK(newest.front().event == AuditEvent::account_unblocked);
    CHECK(world.administration.latest_audit_entries(3).size() == 3);
}

}
