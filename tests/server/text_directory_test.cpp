#include "server/post/text_directory.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

#include <boost/json.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace onboard;
using Catch::Matchers::Contains;
using server::post::DirectoryTexter;
using std::filesystem::path;

Letter a_text(std::string id = "5d1f2a0e")
{
    return {
        .id = std::move(id),
        .kind = LetterKind::phone_code,
        .to = PhoneNumber::parse("+4915112345678", Region::parse("DE").value()).value(),
        .first_name = {},
        .partner = {}};
}

std::string contents_of(path const& file)
{
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<std::string> names_in(path const& directory)
{
    std::vector<std::string> names;
    for (auto const& entry : std::filesystem::directory_iterator(directory))
        names.push_back(entry.path().filename().string());
    return names;
}

mode_t mode_of(path const& file)
{
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 0777;
}

TEST_CASE("A text message becomes one file named for it")
{
    testing::TemporaryFolder const here;
    DirectoryTexter texter(here / "sms", "example.com");

    texter.send(a_text(), "042917");

    CHECK(names_in(here / "sms") == std::vector<std::string>{"5d1f2a0e.json"});
    CHECK(
        contents_of(here / "sms/5d1f2a0e.json") ==
        R"({"id":"5d1f2a0e","to":"+4915112345678","text":"042917 is your code for example.com. )"
        R"(Do not share it.\n\n@example.com #042917"})");
}

TEST_CASE("Nobody but the owner can read the text messages that wait")
{
    testing::TemporaryFolder const here;
    auto const earlier = ::umask(0);
    DirectoryTexter texter(here / "outgoing/sms", "example.com");

    texter.send(a_text(), "042917");
    ::umask(earlier);

    CHECK(mode_of(here / "outgoing") == 0700);
    CHECK(mode_of(here / "outgoing/sms") == 0700);
    CHECK(mode_of(here / "outgoing/sms/5d1f2a0e.json") == 0600);
}

TEST_CASE("A text message sent twice is one file, the later one")
{
    testing::TemporaryFolder const here;
    DirectoryTexter texter(here / "sms", "example.com");

    texter.send(a_text(), "042917");
    texter.send(a_text(), "111111");
    texter.send(a_text("another"), "222222");

    CHECK(names_in(here / "sms").size() == 2);
    CHECK_THAT(contents_of(here / "sms/5d1f2a0e.json"), Contains("#111111") && !Contains("042917"));
}

TEST_CASE("A text message that cannot be written leaves nothing behind")
{
    testing::TemporaryFolder const here;
    DirectoryTexter texter(here / "sms", "example.com");
    auto const id = GENERATE(as<std::string>(), "../escaped", "/tmp/escaped", ".", "", "a\nb");

    CHECK_THROWS_AS(texter.send(a_text(id), "042917"), DeliveryRefused);

    CHECK_FALSE(std::filesystem::exists(here / "sms"));
    CHECK_FALSE(std::filesystem::exists(here / "escaped.json"));
}

TEST_CASE("A text message that could not be delivered says which file and why, and not what is in it")
{
    testing::TemporaryFolder const here;
    std::filesystem::create_directories(here / "sms/5d1f2a0e.json/in-the-way");
    DirectoryTexter texter(here / "sms", "example.com");

    try {
        texter.send(a_text(), "042917");
        FAIL("it was delivered");
    } catch (DeliveryRefused const&) {
        FAIL("it was refused for good");
    } catch (DeliveryFailure const& failure) {
        CHECK_THAT(failure.what(), Contains("5d1f2a0e.json") && Contains("Is a directory"));
        CHECK_THAT(failure.what(), !Contains("042917") && !Contains("4915112345678"));
    }
    CHECK(names_in(here / "sms") == std::vector<std::string>{"5d1f2a0e.json"});
}

TEST_CASE("Many threads text side by side")
{
    testing::TemporaryFolder const here;
    DirectoryTexter texter(here / "sms", "example.com");

    std::vector<std::thread> threads;
    for (auto thread = 0; thread < 4; ++thread)
        threads.emplace_back([&] {
            for (auto text = 0; text < 10; ++text)
                texter.send(a_text("text-" + std::to_string(text)), "042917");
        });
    for (auto& thread : threads)
        thread.join();

    CHECK(names_in(here / "sms").size() == 10);
    for (auto const& name : names_in(here / "sms"))
        CHECK(boost::json::parse(contents_of(here / "sms" / name)).at("to") == "+4915112345678");
}

TEST_CASE("A texter for a host that no message has room for is not made")
{
    CHECK_THROWS_AS(DirectoryTexter("sms", std::string(200, 'a')), std::invalid_argument);
    CHECK_THROWS_AS(DirectoryTexter("sms", ""), std::invalid_argument);
}

}
