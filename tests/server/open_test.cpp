#include "server/commands/open.hpp"

#include <fstream>

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/commands/migrate.hpp"
#include "support/catch_boost.hpp"

using namespace onboard::server;
using Catch::Matchers::Contains;

namespace {

// A directory of its own, for as long as the test runs, and settings that point into it.
class Place {
public:
    Place()
    {
        std::string pattern = std::filesystem::temp_directory_path() / "onboard-open-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~Place() { std::filesystem::remove_all(directory_); }

    Place(Place const&) = delete;
    Place& operator=(Place const&) = delete;

    std::filesystem::path database() const { return directory_ / "onboard.db"; }
    std::filesystem::path key() const { return directory_ / "onboard.key"; }
    std::filesystem::path directory() const { return directory_; }
    Settings settings() const
    {
        return read_settings({.flags = {{"database", "sqlite:" + database().string()}}}).value();
    }

private:
    std::filesystem::path directory_;
};

std::string contents(std::filesystem::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string complaint(Settings const& settings, OpenFor purpose)
{
    try {
        open(settings, purpose);
    } catch (std::runtime_error const& error) {
        return error.what();
    }
    return "nothing";
}

}

TEST_CASE("a new database gets a key of its own, closed to everybody else")
{
    auto const purpose = GENERATE(OpenFor::serving, OpenFor::migrating, OpenFor::beginning);
    Place const place;

    auto const opened = open(place.settings(), purpose);

    CHECK(opened.storage->begin_reading()->partners().all().empty());
    CHECK(std::filesystem::status(place.key()).permissions() == std::filesystem::perms(0600));
    CHECK(contents(place.key()).size() >= 32);
}

TEST_CASE("a key that is there is used and left as it is")
{
    Place const place;
    open(place.settings(), OpenFor::beginning);
    auto const before = contents(place.key());

    open(place.settings(), OpenFor::working);
    open(place.settings(), OpenFor::serving);

    CHECK(contents(place.key()) == before);
    CHECK(std::distance(std::filesystem::directory_iterator(place.directory()), {}) >= 2);
    for (auto const& entry : std::filesystem::directory_iterator(place.directory()))
        CHECK_FALSE(entry.path().filename().string().starts_with("onboard.key."));
}

TEST_CASE("a database whose key is missing is not opened, and no key is made")
{
    auto const purpose = GENERATE(OpenFor::serving, OpenFor::migrating, OpenFor::beginning, OpenFor::working);
    Place const place;
    open(place.settings(), OpenFor::beginning);
    std::filesystem::remove(place.key());

    CHECK_THAT(complaint(place.settings(), purpose), Contains(place.key()) && Contains("is missing"));
    CHECK_FALSE(std::filesystem::exists(place.key()));
}

TEST_CASE("a key that is too short, or open to others, is refused")
{
    Place const place;
    std::ofstream(place.key()) << "0123456789";
    std::filesystem::permissions(place.key(), std::filesystem::perms(0600));
    CHECK_THAT(complaint(place.settings(), OpenFor::serving), Contains(place.key()) && Contains("32"));

    std::ofstream(place.key()) << "0123456789abcdefghijklmnopqrstuvwxyz";
    std::filesystem::permissions(place.key(), std::filesystem::perms(0644));
    CHECK_THAT(complaint(place.settings(), OpenFor::serving), Contains(place.key()) && Contains("0600"));
}

TEST_CASE("a mistyped path is an error and leaves nothing behind")
{
    Place const place;

    CHECK_THAT(complaint(place.settings(), OpenFor::working), Contains("there is no database"));
    CHECK(std::filesystem::is_empty(place.directory()));
}

TEST_CASE("processes that begin together go on with one key")
{
    Place const place;
    std::vector<pid_t> children;
    for (auto count = 0; count < 4; ++count) {
        auto const child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0)
            ::_exit(complaint(place.settings(), OpenFor::migrating) == "nothing" ? 0 : 1);
        children.push_back(child);
    }

    for (auto const child : children) {
        auto status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    CHECK(contents(place.key()).size() == 32);
}

TEST_CASE("migrating says which schema the database has")
{
    Place const place;
    std::ostringstream out;
    std::ostringstream err;

    CHECK(migrate(place.settings(), {out, err}) == 0);

    CHECK_THAT(out.str(), Contains(place.database()) && Contains("has the current schema"));
}
