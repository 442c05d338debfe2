#include <onboard/sqlite_storage.hpp>

#include "sqlite/beside.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

// The audit trail in the hands of somebody who can write to the file and has not the key.
namespace {

using namespace onboard;
using namespace onboard::testing;

// Everything that stands in the way of such a person is put back afterwards: a missing trigger is seen at once.
class Tampering {
public:
    explicit Tampering(std::filesystem::path const& file) : database_(file)
    {
        for (auto const* name : {"audit_entries_stay", "audit_entries_stay_as_they_are"}) {
            triggers_.push_back(
                database_.value("SELECT sql FROM sqlite_schema WHERE name = '" + std::string(name) + "'"));
            database_.execute("DROP TRIGGER " + std::string(name));
        }
    }
    ~Tampering()
    {
        for (auto const& trigger : triggers_)
            database_.execute(trigger);
    }
    Tampering(Tampering const&) = delete;
    Tampering& operator=(Tampering const&) = delete;

    // How many rows were touched.
    int run(std::string const& sql)
    {
        database_.execute(sql);
        return std::stoi(database_.value("SELECT total_changes()"));
    }

private:
    Beside database_;
    std::vector<std::string> triggers_;
};

// A site that has seen something, closed.
class Site {
public:
    Site()
    {
        World world({}, open_sqlite(file_));
        auto const acme = world.partner("Acme");
        world.onboarding.redeem(world.login_link("jane@example.com"_email, acme)).value();
        world.session("joe@example.com"_email, acme);
        world.administration.block("joe@example.com"_email).value();
        entries_ = world.administration.verify_audit().entries;
    }

    std::int64_t entries() const { return entries_; }

    // What is found in a copy, after somebody was at it; how many rows they touched must not be none.
    AuditReport after(std::string const& sql) const
    {
        TemporaryFolder const folder;
        auto const copy = folder / "copy.db";
        std::filesystem::copy_file(file_, copy);
        {
            Tampering tampering(copy);
            CAPTURE(sql);
            REQUIRE(tampering.run(sql) > 0);
        }
        World world({}, open_sqlite(copy));
        return world.administration.verify_audit();
    }

    std::filesystem::path const& file() const { return file_; }

private:
    TemporaryFolder folder_;
    std::filesystem::path file_ = folder_ / "onboard.db";
    std::int64_t entries_ = 0;
};

AuditFlaw only_flaw(AuditReport const& report)
{
    REQUIRE(report.flaws.size() == 1);
    return report.flaws.front();
}

TEST_CASE("any change to any entry of the audit trail is found, and where it is")
{
    Site const site;
    REQUIRE(site.entries() >= 8);
    for (std::int64_t number = 1; number <= site.entries(); ++number)
        for (auto const* change :
             {"at = at + 1", "event = event + 1", "account = coalesce(account, 0) + 1",
              "partner = coalesce(partner, 0) + 1", "detail = detail || ' '", "tag = zeroblob(16)",
              "tag = substr(tag, 1, 15)"}) {
            CAPTURE(number, change);
            auto const flaw = only_flaw(site.after(
                std::string("UPDATE audit_entries SET ") + change + " WHERE number = " + std::to_string(number)));
            CHECK(flaw.kind == AuditFlawKind::entry_altered);
            CHECK(flaw.strand == 1);
            CHECK(flaw.number == number);
        }
}

TEST_CASE("any entry that is dropped from the audit trail is found")
{
    Site const site;
    for (std::int64_t number = 1; number <= site.entries(); ++number) {
        CAPTURE(number);
        auto const flaw = only_flaw(site.after("DELETE FROM audit_entries WHERE number = " + std::to_string(number)));
        CHECK(flaw.kind == (number == site.entries() ? AuditFlawKind::strand_cut : AuditFlawKind::entry_missing));
        CHECK(flaw.number == number);
    }
}

TEST_CASE("an entry whose gap was closed behind it is found")
{
    Site const site;
    auto const flaw = only_flaw(site.after(
        "DELETE FROM audit_entries WHERE number = 3; UPDATE audit_entries SET number = -number WHERE number > 3;"
        "UPDATE audit_entries SET number = -number - 1 WHERE number < 0;"
        "UPDATE audit_strands SET last = last - 1 WHERE strand = 1"));
    CHECK(flaw.kind == AuditFlawKind::entry_altered);
    CHECK(flaw.number == 3);
}

TEST_CASE("entries of the audit trail that change places are found")
{
    Site const site;
    for (std::int64_t number = 1; number < site.entries(); ++number) {
        CAPTURE(number);
        auto const here = std::to_string(number);
        auto const next = std::to_string(number + 1);
        auto const flaw = only_flaw(site.after(
            "UPDATE audit_entries SET number = 0 WHERE number = " + here + "; UPDATE audit_entries SET number = " +
            here + " WHERE number = " + next + "; UPDATE audit_entries SET number = " + next + " WHERE number = 0"));
        CHECK(flaw.kind == AuditFlawKind::entry_altered);
        CHECK(flaw.number == number);
    }
}

TEST_CASE("an audit trail that was cut short is found, whatever its end says")
{
    Site const site;
    for (auto const* cut :
         {"DELETE FROM audit_entries WHERE number > 4",
          "DELETE FROM audit_entries WHERE number > 4; UPDATE audit_strands SET last = 4 WHERE strand = 1",
          "DELETE FROM audit_entries WHERE number > 4; UPDATE audit_strands SET last = 4, seal ="
          " (SELECT CAST(tag || zeroblob(16) AS BLOB) FROM audit_entries WHERE number = 4) WHERE strand = 1"}) {
        CAPTURE(cut);
        CHECK(only_flaw(site.after(cut)).kind == AuditFlawKind::strand_cut);
    }
}

TEST_CASE("an entry that somebody adds to the audit trail is found")
{
    Site const site;
    auto const next = std::to_string(site.entries() + 1);
    CHECK(
        only_flaw(site.after(
                      "INSERT INTO audit_entries SELECT strand, " + next +
                      ", at, event, account, partner, detail, tag FROM audit_entries WHERE number = 1"))
            .kind == AuditFlawKind::entry_altered);
    CHECK(
        only_flaw(site.after("INSERT INTO audit_entries SELECT 2, number, at, event, account, partner, detail, tag"
                             " FROM audit_entries"))
            .kind == AuditFlawKind::strand_missing);
}

TEST_CASE("a strand of the audit trail that goes missing is found, and so is the trail")
{
    Site const site;
    CHECK_FALSE(site.after("DELETE FROM audit_strands WHERE strand = 1").flaws.empty());
    CHECK_FALSE(site.after("DELETE FROM audit_strands WHERE strand = 0").flaws.empty());
    CHECK_FALSE(site.after("DELETE FROM audit_strands").flaws.empty());
    CHECK_FALSE(
        site.after("DELETE FROM audit_entries; UPDATE audit_strands SET last = 0 WHERE strand = 1").flaws.empty());
    CHECK(
        only_flaw(site.after("DELETE FROM audit_entries; DELETE FROM audit_strands")).kind ==
        AuditFlawKind::trail_missing);
}

TEST_CASE("the database itself lets nobody change or drop an entry of the audit trail")
{
    Site const site;
    Beside database(site.file());
    CHECK_THROWS_WITH(
        database.execute("UPDATE audit_entries SET event = 1"), Catch::Matchers::Contains("append-only"));
    CHECK_THROWS_WITH(database.execute("DELETE FROM audit_entries"), Catch::Matchers::Contains("append-only"));
}

}
