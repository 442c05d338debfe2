#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

PartnerName name(std::string_view text)
{
    return PartnerName::parse(text).value();
}

PlanCode code(std::string_view text)
{
    return PlanCode::parse(text).value();
}

TEST_CASE("a partner is found again by number and by name, as it was told", "[partners]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");

    auto const work = storage->begin_reading();
    for (auto const& found : {work->partners().find(acme), work->partners().find(name("Acme"))}) {
        REQUIRE(found);
        CHECK(found->id == acme);
        CHECK(found->name == name("Acme"));
        CHECK(found->rights == Rights{Right::partner, Right::redeem});
        CHECK(found->link_existing == LinkExisting::trust);
        CHECK(found->created_at == noon);
    }
    CHECK_FALSE(work->partners().find(name("acme")));
    CHECK_FALSE(work->partners().find(PartnerId(4711)));
}

TEST_CASE("a second partner of the same name is refused and the unit of work stays usable", "[partners]")
{
    auto const storage = open_empty_storage();
    stored_partner(*storage, "Acme");

    auto work = storage->begin();
    CHECK(refusal(work->partners().insert({.name = name("Acme"), .rights = {}})) == Errc::partner_exists);
    REQUIRE(work->partners().insert({.name = name("Bolt"), .rights = {}}));
    work->commit();

    auto const all = storage->begin_reading()->partners().all();
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == name("Acme"));
    CHECK(all[1].name == name("Bolt"));
}

TEST_CASE("partners and plans are listed by name and code", "[partners]")
{
    auto const storage = open_empty_storage();
    for (auto const* partner : {"Zeta", "acme", "Bolt"})
        stored_partner(*storage, partner);
    auto const bolt = stored_partner(*storage, "\u00c9clair");
    commit(*storage, [&](UnitOfWork& work) {
        for (auto const* plan : {"Z", "a", "B"})
            REQUIRE(work.partners().add_plan({.code = code(plan), .partner = bolt}, noon));
    });

    auto const work = storage->begin_reading();
    std::vector<std::string> partners;
    for (auto const& partner : work->partners().all())
        partners.push_back(partner.name.str());
    CHECK(partners == std::vector<std::string>{"Bolt", "Zeta", "acme", "\u00c9clair"});
    std::vector<std::string> plans;
    for (auto const& plan : work->partners().all_plans())
        plans.push_back(plan.code.str());
    CHECK(plans == std::vector<std::string>{"B", "Z", "a"});
}

TEST_CASE("of many simultaneous partners of one name, one is made", "[partners]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> made = 0;
    together(many_threads, [&](int) {
        auto work = storage->begin();
        if (work->partners().insert({.name = name("Acme"), .rights = {}})) {
            work->commit();
            ++made;
        }
    });
    CHECK(made == 1);
    CHECK(storage->begin_reading()->partners().all().size() == 1);
}

TEST_CASE("a bearer token is live until it is revoked, and remembered afterwards", "[partners]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const bolt = stored_partner(*storage, "Bolt");
    auto const token = [&](PartnerId partner, std::string_view text) {
        return committed(
            *storage, [&](UnitOfWork& work) { return work.partners().add_token(partner, digest_of(text), noon); });
    };
    auto const first = token(acme, "first");
    auto const second = token(acme, "second");
    token(bolt, "another's");

    auto const live = storage->begin_reading()->partners().live_tokens(acme);
    REQUIRE(live.size() == 2);
    CHECK(live[0].id == first);
    CHECK(live[1].id == second);
    CHECK(same(live[0].digest, digest_of("first")));
    CHECK(live[0].created_at == noon);

    commit(*storage, [&](UnitOfWork& work) { work.partners().revoke_token(first, noon + 1h); });
    commit(*storage, [&](UnitOfWork& work) { work.partners().revoke_token(first, noon + 2h); });

    auto const work = storage->begin_reading();
    REQUIRE(work->partners().live_tokens(acme).size() == 1);
    CHECK(work->partners().live_tokens(acme)[0].id == second);
    auto const revoked = work->partners().find_token(first);
    REQUIRE(revoked);
    CHECK(revoked->partner == acme);
    CHECK(revoked->revoked_at == noon + 1h);
    CHECK_FALSE(work->partners().find_token(second)->revoked_at);
    CHECK_FALSE(work->partners().find_token(PartnerTokenId(4711)));
}

TEST_CASE("a bearer token is found with its partner, as it is now", "[partners]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const token = committed(
        *storage, [&](UnitOfWork& work) { return work.partners().add_token(acme, digest_of("token"), noon); });

    auto const live = storage->begin_reading()->partner_of(token);
    REQUIRE(live);
    CHECK(live->token.id == token);
    CHECK(same(live->token.digest, digest_of("token")));
    CHECK_FALSE(live->token.revoked_at);
    CHECK(live->partner.id == acme);
    CHECK(live->partner.name.str() == "Acme");
    CHECK_FALSE(storage->begin_reading()->partner_of(PartnerTokenId(4711)));

    storage->begin()->partners().revoke_token(token, noon + 1h);
    CHECK_FALSE(storage->begin_reading()->partner_of(token)->token.revoked_at);
    commit(*storage, [&](UnitOfWork& work) {
        work.partners().revoke_token(token, noon + 1h);
        CHECK(work.partner_of(token)->token.revoked_at == noon + 1h);
    });
    CHECK(storage->begin_reading()->partner_of(token)->token.revoked_at == noon + 1h);
}

TEST_CASE("a token that is revoked is known to be revoked by whoever asks from then on", "[partners]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    std::atomic<int> missed = 0;
    together(many_threads, [&](int number) {
        for (int round = 0; round < 20; ++round) {
            auto const token = committed(*storage, [&](UnitOfWork& work) {
                return work.partners().add_token(acme, digest_of(std::to_string(number)), noon);
            });
            auto const found = storage->begin_reading()->partner_of(token);
            missed += !found || found->token.revoked_at.has_value();
            commit(*storage, [&](UnitOfWork& work) { work.partners().revoke_token(token, noon); });
            missed += !storage->begin_reading()->partner_of(token)->token.revoked_at;
        }
    });
    CHECK(missed == 0);
}

TEST_CASE("a plan belongs to one partner and stays known when it is closed", "[partners]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const bolt = stored_partner(*storage, "Bolt");

    auto work = storage->begin();
    REQUIRE(work->partners().add_plan({.code = code("BIKE"), .partner = acme}, noon));
    CHECK(refusal(work->partners().add_plan({.code = code("BIKE"), .partner = bolt}, noon)) == Errc::plan_exists);
    CHECK(work->partners().find_plan(code("BIKE"))->open);
    CHECK(work->partners().close_plan(code("BIKE"), noon));
    CHECK(work->partners().close_plan(code("BIKE"), noon + 1h));
    CHECK_FALSE(work->partners().close_plan(code("bike"), noon));
    CHECK(refusal(work->partners().add_plan({.code = code("BIKE"), .partner = acme}, noon)) == Errc::plan_exists);
    work->commit();

    auto const plan = storage->begin_reading()->partners().find_plan(code("BIKE"));
    REQUIRE(plan);
    CHECK(plan->partner == acme);
    CHECK_FALSE(plan->open);
}

}
