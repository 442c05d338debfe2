#include <atomic>
#include <fstream>
#include <thread>

#include <sys/stat.h>

#include <onboard/sqlite_storage.hpp>

#include "conformance/rows.hpp"
#include "sqlite/beside.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;
using std::filesystem::path;

std::string content_of(path const& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::string address(int number)
{
    return "person" + std::to_string(number) + "@example.com";
}

int files_in(path const& folder)
{
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

std::string complaint(path const& database, path const& copy)
{
    try {
        back_up_sqlite(database, copy);
        return {};
    } catch (StorageFailure const& failure) {
        return failure.what();
    }
}

TEST_CASE("a copy that is made while others write holds all that was committed before, and is sound")
{
    TemporaryFolder const folder;
    TemporaryFolder const elsewhere;
    auto const file = folder / "onboard.db";
    auto const copy = elsewhere / "copy.db";
    auto const storage = open_sqlite(file);
    std::atomic<int> committed_people = 0;
    std::atomic<bool> over = false;
    std::thread writer([&] {
        while (!over) {
            stored_account(*storage, address(committed_people));
            ++committed_people;
        }
    });
    while (committed_people < 200)
        std::this_thread::yield();
    auto const before = committed_people.load();
    back_up_sqlite(file, copy);
    auto const after = committed_people.load() + 1;  // one may be committed and not counted yet
    over = true;
    writer.join();

    CHECK(Beside(copy).value("PRAGMA integrity_check") == "ok");
    auto const copied = open_sqlite(copy, {.create = false, .migrate = false});
    auto const work = copied->begin_reading();
    auto const has = [&](int number) { return work->accounts().find(email(address(number))).has_value(); };
    for (int number = 0; number < before; ++number)
        REQUIRE(has(number));
    CHECK_FALSE(has(after));
}

TEST_CASE("making a copy leaves the database and its log as they are")
{
    TemporaryFolder const folder;
    TemporaryFolder const elsewhere;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file);
    for (int number = 0; number < 50; ++number)
        stored_account(*storage, address(number));
    auto const log = content_of(file.string() + "-wal");
    auto const main = content_of(file);
    REQUIRE(log.size() > 4096);

    back_up_sqlite(file, elsewhere / "copy.db");
    CHECK(content_of(file.string() + "-wal") == log);
    CHECK(content_of(file) == main);
    CHECK(files_in(elsewhere.path()) == 1);  // nothing beside it
    CHECK(open_sqlite(elsewhere / "copy.db")->begin_reading()->accounts().find(email(address(49))));
}

TEST_CASE("a copy is for its owner alone, and takes no file's place")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const copy = folder / "copy.db";
    open_sqlite(file);
    back_up_sqlite(file, copy);
    struct stat status {};
    REQUIRE(::stat(copy.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);

    auto const first = content_of(copy);
    CHECK_THAT(complaint(file, copy), Catch::Contains("there is a file"));
    CHECK(content_of(copy) == first);
    std::filesystem::create_symlink("nowhere", folder / "link");
    CHECK_THAT(complaint(file, folder / "link"), Catch::Contains("there is a file"));
}

TEST_CASE("what cannot be copied leaves no file behind")
{
    TemporaryFolder const folder;
    TemporaryFolder const elsewhere;
    auto const copy = elsewhere / "copy.db";
    CHECK_THAT(complaint(folder / "missing.db", copy), Catch::Contains("there is no database"));

    Beside(folder / "stranger.db").execute("CREATE TABLE theirs (x)");
    CHECK_THAT(complaint(folder / "stranger.db", copy), Catch::Contains("not a database of ours"));
    std::ofstream(folder / "junk.db") << std::string(8192, 'x');
    CHECK_FALSE(complaint(folder / "junk.db", copy).empty());

    auto const file = folder / "onboard.db";
    open_sqlite(file);
    CHECK_THAT(complaint(file, elsewhere / "missing" / "copy.db"), Catch::Contains("cannot write"));
    CHECK(files_in(elsewhere.path()) == 0);
}

}
