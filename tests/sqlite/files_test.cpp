#include <cstdlib>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include <onboard/sqlite_storage.hpp>

#include "conformance/rows.hpp"
#include "sqlite/beside.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;
using Catch::Matchers::Contains;
using std::filesystem::path;

std::string content_of(path const& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

mode_t mode_of(path const& file)
{
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

bool is_refused(path const& file, SqliteOptions const& options)
{
    try {
        open_sqlite(file, options);
        return false;
    } catch (StorageFailure const&) {
        return true;
    }
}

TEST_CASE("a reopened file has everything that was committed")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    AccountId jane{};
    AccountId john{};
    LoginLinkId link{};
    {
        auto const storage = open_sqlite(file);
        auto const acme = stored_partner(*storage, "Acme");
        jane = stored_account(*storage, "jane@example.com");
        link = stored_link(*storage, jane, noon + 5min);
        commit(*storage, [&](UnitOfWork& work) {
            REQUIRE(work.accounts().enrol(acme, jane, {.person_id = person_id("007")}, noon));
            work.codes().add(code_for("jane@example.com", "123456", noon + 5min));
            work.codes().count_tries(Purpose::partner_confirmation, "jane@example.com", noon, 1h, 1);
            work.codes().count_send(Purpose::partner_confirmation, "jane@example.com", noon, {60s, 5, 10});
            work.outbox().add(letter("one"), noon);
            work.consents().add({.account = jane, .version = "1", .given_at = noon});
            work.auth_codes().put(
                {.account = jane, .partner = acme, .digest = digest_of("auth"), .expires_at = noon});
            work.email_changes().put(
                {.account = jane, .email = email("roe@example.com"), .digest = digest_of("roe"), .expires_at = noon});
            REQUIRE(work.organisations().add(channel("kerala"), noon));
            REQUIRE(work.organisations().add(channel("kerala"), organisation("school"), noon));
            REQUIRE(work.token_issuers().add(issuer("https://portal.example")));
            CHECK(work.identities().add(identity("https://id.example", "1", jane)));
            CHECK(work.used_tokens().note(digest_of("used"), noon));
        });
        auto account = account_of(phone("+31612345678"));
        account.name = PersonName::parse("John").value();
        account.user_name = user_name("john");
        account.membership = Membership{.channel = channel("kerala"), .organisation = organisation("school")};
        john = stored_account(*storage, account);
        storage->begin()->outbox().cancel(email("jane@example.com"));
    }
    auto const storage = open_sqlite(file, {.create = false});
    auto work = storage->begin();
    auto const acme = work->partners().find(PartnerName::parse("Acme").value());
    REQUIRE(acme);
    CHECK(work->accounts().find(acme->id, person_id("007")) == jane);
    CHECK(work->login_links().spend(link, noon));
    CHECK(work->codes().alive(Purpose::partner_confirmation, "jane@example.com", noon).size() == 1);
    CHECK(work->codes().count_tries(Purpose::partner_confirmation, "jane@example.com", noon, 1h, 1).used == 2);
    CHECK(
        work->codes().count_send(Purpose::partner_confirmation, "jane@example.com", noon, {60s, 5, 10}) ==
        noon + 60s);
    CHECK(work->outbox().size() == 1);
    CHECK(work->consents().of(jane).size() == 1);
    CHECK(work->auth_codes().find(jane));
    CHECK(work->email_changes().spend(jane, digest_of("roe"), noon - 1ms));
    CHECK(work->accounts().find(phone("+31612345678"))->id == john);
    auto const named = work->accounts().find(user_name("john"));
    REQUIRE(named);
    CHECK(named->id == john);
    CHECK(named->name == PersonName::parse("John").value());
    CHECK(login_id(*named) == "john@kerala");
    CHECK(named->membership->organisation == organisation("school"));
    CHECK(work->organisations().find(organisation("school")) == channel("kerala"));
    CHECK(work->token_issuers().find("https://portal.example") == issuer("https://portal.example"));
    CHECK(work->identities().find("https://id.example", "1") == jane);
    CHECK_FALSE(work->used_tokens().note(digest_of("used"), noon));
}

TEST_CASE("the file alone is a whole copy once it is closed")
{
    TemporaryFolder const folder;
    {
        auto const storage = open_sqlite(folder / "onboard.db");
        stored_account(*storage, "jane@example.com");
        CHECK(storage->begin_reading()->accounts().find(email("jane@example.com")));
    }
    std::filesystem::copy_file(folder / "onboard.db", folder / "copy.db");
    CHECK(open_sqlite(folder / "copy.db")->begin_reading()->accounts().find(email("jane@example.com")));
}

TEST_CASE("the file is kept in a write-ahead log and marked as ours")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file);
    stored_account(*storage, "jane@example.com");
    Beside beside(file);
    CHECK(beside.value("PRAGMA journal_mode") == "wal");
    CHECK(beside.value("PRAGMA application_id") == std::to_string(0x6f6e6264));
    CHECK(beside.value("PRAGMA user_version") == std::to_string(sqlite_schema_version()));
    CHECK(beside.value("PRAGMA integrity_check") == "ok");
    CHECK(beside.value("SELECT email_key FROM accounts") == "jane@example.com");
}

TEST_CASE("only the owner can read what is kept")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db");
    stored_account(*storage, "jane@example.com");
    for (auto const* name : {"onboard.db", "onboard.db-wal", "onboard.db-shm", "onboard.db-lock"}) {
        INFO(name);
        CHECK(mode_of(folder / name) == 0600);
    }
}

TEST_CASE("the database holds addresses and no secret that was given out")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    {
        auto const storage = open_sqlite(file);
        auto const jane = stored_account(*storage, "jane@example.com");
        stored_link(*storage, jane, noon);
        commit(*storage, [&](UnitOfWork& work) { work.codes().add(code_for("jane@example.com", "918273", noon)); });
    }
    auto const content = content_of(file);
    CHECK(content.find("jane@example.com") != std::string::npos);
    CHECK(content.find("918273") == std::string::npos);
}

TEST_CASE("a letter that was delivered is gone from the pages of the file")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    {
        auto const storage = open_sqlite(file);
        auto waiting = letter("one");
        waiting.sealed_secret = "a sealed secret of some length";
        commit(*storage, [&](UnitOfWork& work) { work.outbox().add(waiting, noon); });
        commit(*storage, [&](UnitOfWork& work) {
            auto const carried = work.outbox().claim(Channel::mail, noon, noon + 8s, 1).at(0);
            CHECK(work.outbox().remove(carried.claim));
        });
    }
    CHECK(content_of(file).find("a sealed secret of some length") == std::string::npos);
}

TEST_CASE("a forgotten link takes with it what was proposed")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file);
    auto link = link_to(stored_account(*storage, "jane@example.com"), noon);
    link.proposal = Proposal{.name = PersonName::parse("Jane", "Roe").value(), .enrolment = {}};
    commit(*storage, [&](UnitOfWork& work) { work.login_links().insert(link); });
    CHECK(Beside(file).value("SELECT count(*) FROM login_link_proposals") == "1");
    commit(*storage, [&](UnitOfWork& work) { CHECK(work.login_links().forget(noon + 1h, 10) == 1); });
    CHECK(Beside(file).value("SELECT count(*) FROM login_link_proposals") == "0");
}

TEST_CASE("a row that belongs to nobody is a failure")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db");
    auto const work = storage->begin();
    CHECK_THROWS_AS(work->login_links().insert(link_to(AccountId(4711), noon)), StorageFailure);
    CHECK_THROWS_AS(work->identities().add(identity("https://id.example", "1", AccountId(4711))), StorageFailure);
}

TEST_CASE("a file of another program is refused and left as it was")
{
    TemporaryFolder const folder;
    auto const file = folder / "theirs.db";
    Beside(file).execute("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)");
    auto const before = content_of(file);
    CHECK_THROWS_WITH(open_sqlite(file), Contains("another program"));
    CHECK_THROWS_AS(open_sqlite(file), StorageFailure);
    CHECK((content_of(file) == before));
}

TEST_CASE("a file that is no database is refused and left as it was")
{
    TemporaryFolder const folder;
    auto const file = folder / "notes.txt";
    auto const size = GENERATE(1, 15, 100, 511, 512, 5000);
    auto const before = std::string(static_cast<std::size_t>(size), 'x');
    std::ofstream(file) << before;
    CHECK_THROWS_AS(open_sqlite(file), StorageFailure);
    CHECK((content_of(file) == before));
}

TEST_CASE("a file of a newer program is refused and left as it was")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    open_sqlite(file);
    Beside(file).execute("PRAGMA user_version = " + std::to_string(sqlite_schema_version() + 1));
    Beside(file).execute("PRAGMA wal_checkpoint(TRUNCATE)");
    auto const before = content_of(file);
    CHECK_THROWS_WITH(open_sqlite(file), Contains("newer"));
    CHECK((content_of(file) == before));
}

TEST_CASE("a file that somebody altered is refused")
{
    auto const [why, change] = GENERATE(table<char const*, char const*>(
        {{"an index was dropped", "DROP INDEX enrolments_person_id"},
         {"a unique index became a common one",
          "DROP INDEX enrolments_person_id; CREATE INDEX enrolments_person_id ON enrolments (partner, person_id)"},
         {"a table was dropped", "DROP TABLE sessions"},
         {"a table of what is good once was dropped", "DROP TABLE used_tokens"},
         {"user names are not unique any more", "DROP INDEX accounts_user_name"},
         {"a column was added", "ALTER TABLE accounts ADD COLUMN shoe_size INTEGER"},
         {"a trigger was added", "CREATE TRIGGER spy AFTER INSERT ON outbox BEGIN DELETE FROM outbox; END"},
         {"a view was added", "CREATE VIEW spy AS SELECT email FROM accounts"}}));
    INFO(why);
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    open_sqlite(file);
    Beside(file).execute(change);
    CHECK_THROWS_WITH(open_sqlite(file), Contains("altered"));
}

TEST_CASE("statistics that ANALYZE left do not count as an alteration")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    open_sqlite(file);
    Beside(file).execute("ANALYZE");
    CHECK_NOTHROW(open_sqlite(file));
}

TEST_CASE("a file that is not there is made only if that was asked for")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    CHECK_THROWS_WITH(open_sqlite(file, {.create = false}), Contains(file.string()));
    CHECK(std::filesystem::is_empty(folder.path()));
    CHECK_NOTHROW(open_sqlite(file));
    CHECK_NOTHROW(open_sqlite(file, {.create = false}));
}

TEST_CASE("an empty file becomes a database, as a missing one does")
{
    auto const migrate = GENERATE(true, false);
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    std::ofstream(file).close();
    CHECK_NOTHROW(open_sqlite(file, {.create = false, .migrate = migrate}));
    CHECK_NOTHROW(open_sqlite(folder / "other.db", {.migrate = migrate}));
    CHECK_NOTHROW(open_sqlite(file, {.migrate = false}));
}

TEST_CASE("a missing folder is named")
{
    TemporaryFolder const folder;
    CHECK_THROWS_WITH(open_sqlite(folder / "missing" / "onboard.db"), Contains((folder / "missing").string()));
}

TEST_CASE("a folder in place of the file is refused")
{
    TemporaryFolder const folder;
    CHECK_THROWS_AS(open_sqlite(folder.path()), StorageFailure);
}

TEST_CASE("a folder that cannot be written to is refused")
{
    TemporaryFolder const folder;
    std::filesystem::create_directory(folder / "read only");
    open_sqlite(folder / "read only" / "onboard.db");
    std::filesystem::permissions(folder / "read only", std::filesystem::perms(0555));
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
    AnotherProcess unprivileged([&](Line& line) {
        constexpr uid_t nobody = 65534;
        if (::geteuid() == 0 && ::setuid(nobody) != 0)
            return;
        for (auto const* name : {"onboard.db", "new.db"})
            line.say(is_refused(folder / "read only" / name, {}));
    });
    CHECK(unprivileged.line().hear() == true);
    CHECK(unprivileged.line().hear() == true);
    std::filesystem::permissions(folder / "read only", std::filesystem::perms(0755));
}

TEST_CASE("a second server on the same file is refused, and other short work is not")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    AnotherProcess second_server([&](Line& line) {
        line.hear();
        line.say(is_refused(file, {.sole_server = true}));
        line.hear();
        line.say(is_refused(file, {.sole_server = true}));
    });
    auto first = open_sqlite(file, {.sole_server = true});
    CHECK_THROWS_WITH(open_sqlite(file, {.sole_server = true}), Contains("another server"));
    second_server.line().say(0);
    CHECK(second_server.line().hear() == true);
    stored_account(*open_sqlite(file), "jane@example.com");
    stored_account(*first, "john@example.com");

    first.reset();
    second_server.line().say(0);
    CHECK(second_server.line().hear() == false);
    CHECK_NOTHROW(open_sqlite(file, {.sole_server = true}));
}

// Closing any descriptor of a file ends this process's POSIX locks on it, and SQLite's protection with them.
TEST_CASE("opening a file once more in the same process costs the first its locks no more")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const first = open_sqlite(file);
    stored_account(*first, "jane@example.com");
    open_sqlite(file).reset();
    stored_account(*first, "john@example.com");

    // A stranger that believed itself alone would take the log away when it leaves.
    auto const stranger = "sqlite3 '" + file.string() + "' 'SELECT count(*) FROM accounts' > /dev/null";
    REQUIRE(std::system(stranger.c_str()) == 0);
    CHECK(std::filesystem::exists(file.string() + "-wal"));
    stored_account(*first, "joan@example.com");
    CHECK(Beside(file).value("SELECT count(*) FROM accounts") == "3");
}

TEST_CASE("a stored value that is not valid any more is a failure and no surprise")
{
    auto const [why, change] = GENERATE(table<char const*, char const*>(
        {{"an address", "UPDATE accounts SET email = 'no address'"},
         {"a telephone number", "UPDATE accounts SET phone = '4915112345678'"},
         {"a name", "UPDATE accounts SET first_name = ''"},
         {"half a name", "UPDATE accounts SET last_name = NULL"},
         {"a user name", "UPDATE accounts SET user_name = 'Jane Doe'"},
         {"a channel", "UPDATE accounts SET channel = 'a channel'"},
         {"an organisation", "UPDATE accounts SET channel = 'kerala', organisation = ''"}}));
    INFO(why);
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file);
    stored_account(*storage, "jane@example.com");
    Beside(file).execute(change);
    CHECK_THROWS_AS(storage->begin_reading()->accounts().find(email("jane@example.com")), StorageFailure);
}

TEST_CASE("text that looks like SQL is text")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db");
    auto const nasty = std::string("'); DROP TABLE accounts; -- \" ` ? ?1 :a @b $c %n");
    auto const acme = stored_partner(*storage, "Acme");
    auto account = account_of("o'hara@example.com");
    account.name = PersonName::parse(nasty, nasty).value();
    auto const id = committed(*storage, [&](UnitOfWork& work) { return work.accounts().insert(account).value(); });
    commit(*storage, [&](UnitOfWork& work) {
        REQUIRE(work.accounts().enrol(
            acme, id, {.person_id = person_id(nasty), .additional_data = std::string("a\0b", 3)}, noon));
    });
    auto const work = storage->begin_reading();
    CHECK(work->accounts().find(id)->name->first() == nasty);
    CHECK(work->accounts().find(acme, person_id(nasty)) == id);
    CHECK(work->accounts().find_enrolment(acme, id)->additional_data == std::string("a\0b", 3));
}

}
