#include "server/post/directory_mailer.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

#include <onboard/testing.hpp>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using Catch::Matchers::Contains;
using server::post::DirectoryMailer;
using std::filesystem::path;

// A directory of the test's own, gone with it.
class Playground {
public:
    Playground()
    {
        auto name = (std::filesystem::temp_directory_path() / "onboard-mail-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root_ = name;
    }
    ~Playground() { std::filesystem::remove_all(root_); }
    Playground(Playground const&) = delete;
    Playground& operator=(Playground const&) = delete;

    path operator/(char const* name) const { return root_ / name; }

private:
    path root_;
};

Letter a_letter(std::string id = "5d1f2a0e", std::string partner = "Velo")
{
    return {
        .id = std::move(id),
        .kind = LetterKind::partner_confirmation,
        .to = EmailAddress::parse("jane@example.com").value(),
        .language = Language::english,
        .first_name = "Jane",
        .partner = std::move(partner)};
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

std::string failure_of(DirectoryMailer& mailer, Letter const& letter)
{
    try {
        mailer.send(letter, "042917");
    } catch (DeliveryFailure const& failure) {
        return failure.what();
    }
    return "(none)";
}

TEST_CASE("A letter becomes one file named for it")
{
    Playground here;
    testing::FixedClock clock;
    DirectoryMailer mailer(here / "mail", "onboard@example.org", "https://onboard.example", clock);

    mailer.send(a_letter(), "042917");

    CHECK(names_in(here / "mail") == std::vector<std::string>{"5d1f2a0e.eml"});
    CHECK_THAT(contents_of(here / "mail" / "5d1f2a0e.eml"), Contains("To: <jane@example.com>\r\n"));
    CHECK_THAT(contents_of(here / "mail" / "5d1f2a0e.eml"), Contains("\r\n042917\r\n"));
}

TEST_CASE("Nobody but the owner can read what waits in the directory")
{
    Playground here;
    testing::FixedClock clock;
    auto const earlier = ::umask(0);
    DirectoryMailer mailer(here / "outgoing/mail", "onboard@example.org", "https://onboard.example", clock);

    mailer.send(a_letter(), "042917");
    ::umask(earlier);

    CHECK(mode_of(here / "outgoing") == 0700);
    CHECK(mode_of(here / "outgoing/mail") == 0700);
    CHECK(mode_of(here / "outgoing/mail/5d1f2a0e.eml") == 0600);
}

TEST_CASE("A directory that somebody shared on purpose stays shared")
{
    Playground here;
    testing::FixedClock clock;
    std::filesystem::create_directory(here / "mail");
    REQUIRE(::chmod((here / "mail").c_str(), 0750) == 0);
    DirectoryMailer mailer(here / "mail", "onboard@example.org", "https://onboard.example", clock);

    mailer.send(a_letter(), "042917");

    CHECK(mode_of(here / "mail") == 0750);
}

TEST_CASE("A letter sent twice is one file, the later one")
{
    Playground here;
    testing::FixedClock clock;
    DirectoryMailer mailer(here / "mail", "onboard@example.org", "https://onboard.example", clock);

    mailer.send(a_letter(), "042917");
    clock.advance(std::chrono::hours(1));
    mailer.send(a_letter(), "042917");
    mailer.send(a_letter("another"), "111111");

    CHECK(names_in(here / "mail").size() == 2);
    CHECK_THAT(contents_of(here / "mail/5d1f2a0e.eml"), Contains(" 01:00:00 +0000\r\n"));
}

TEST_CASE("A letter whose id is no file name is refused for good, and nothing is written")
{
    Playground here;
    testing::FixedClock clock;
    auto const [why, id] = GENERATE(table<char const*, std::string>(
        {{"another directory", "../escaped"},
         {"an absolute path", "/tmp/escaped"},
         {"the directory itself", "."},
         {"nothing", ""},
         {"a zero byte", std::string("a\0b", 3)},
         {"a line break", "a\nb"},
         {"a name too long", std::string(300, 'a')}}));
    INFO(why);
    DirectoryMailer mailer(here / "mail", "onboard@example.org", "https://onboard.example", clock);

    CHECK_THROWS_AS(mailer.send(a_letter(id), "042917"), DeliveryRefused);

    CHECK_FALSE(std::filesystem::exists(here / "mail"));
    CHECK_FALSE(std::filesystem::exists(here / "escaped.eml"));
}

TEST_CASE("A failure says which file and why")
{
    Playground here;
    testing::FixedClock clock;
    std::ofstream(here / "file") << "in the way";
    DirectoryMailer in_a_file(here / "file", "onboard@example.org", "https://onboard.example", clock);
    DirectoryMailer below_a_file(here / "file/mail", "onboard@example.org", "https://onboard.example", clock);

    CHECK_THAT(failure_of(in_a_file, a_letter()), Contains((here / "file").string()) && Contains("Not a directory"));
    CHECK_THAT(
        failure_of(below_a_file, a_letter()), Contains((here / "file").string()) && Contains("Not a directory"));
    CHECK(contents_of(here / "file") == "in the way");
}

TEST_CASE("A letter that could not be delivered leaves nothing behind, and goes out later")
{
    Playground here;
    testing::FixedClock clock;
    std::filesystem::create_directories(here / "mail/5d1f2a0e.eml/in-the-way");
    DirectoryMailer mailer(here / "mail", "onboard@example.org", "https://onboard.example", clock);

    CHECK_THAT(failure_of(mailer, a_letter()), Contains("5d1f2a0e.eml") && Contains("Is a directory"));
    CHECK(names_in(here / "mail") == std::vector<std::string>{"5d1f2a0e.eml"});

    std::filesystem::remove_all(here / "mail/5d1f2a0e.eml");
    mailer.send(a_letter(), "042917");
    CHECK_THAT(contents_of(here / "mail/5d1f2a0e.eml"), Contains("042917"));
}

TEST_CASE("A hostile name adds no header field to a delivered letter")
{
    Playground here;
    testing::FixedClock clock;
    DirectoryMailer mailer(here / "mail", "onboard@example.org", "https://onboard.example", clock);

    mailer.send(a_letter("5d1f2a0e", "Velo\r\nBcc: eve@example.com\r\n\r\n<script>\"'\u202e"), "042917");

    auto const message = contents_of(here / "mail/5d1f2a0e.eml");
    CHECK_THAT(message, !Contains("\nBcc:"));
    CHECK_THAT(message, Contains("\r\nX-Onboard-Letter: partner-confirmation\r\n"));
}

TEST_CASE("Many threads deliver side by side")
{
    Playground here;
    testing::FixedClock clock;
    DirectoryMailer mailer(here / "mail", "onboard@example.org", "https://onboard.example", clock);

    std::vector<std::thread> threads;
    for (auto thread = 0; thread < 4; ++thread)
        threads.emplace_back([&] {
            for (auto letter = 0; letter < 10; ++letter)
                mailer.send(a_letter("letter-" + std::to_string(letter)), "042917");
        });
    for (auto& thread : threads)
        thread.join();

    CHECK(names_in(here / "mail").size() == 10);
    for (auto const& name : names_in(here / "mail"))
        CHECK_THAT(contents_of(here / "mail" / name), Catch::EndsWith("--\r\n"));
}

TEST_CASE("A mailer with a sender that is no address is not made")
{
    testing::FixedClock clock;

    CHECK_THROWS_AS(
        DirectoryMailer("mail", "Onboard <onboard@example.org>", "https://onboard.example", clock),
        std::invalid_argument);
}

}
