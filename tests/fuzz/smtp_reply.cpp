#include "fuzz.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include <onboard/error.hpp>

#include "server/post/smtp_conversation.hpp"

using namespace onboard;
using namespace onboard::server::post;
using onboard::testing::promise;

namespace {

constexpr std::string_view ours[] = {
    "EHLO a.example\r\n",
    "HELO a.example\r\n",
    "STARTTLS\r\n",
    "AUTH PLAIN abc\r\n",
    "MAIL FROM:<a@example.org>\r\n",
    "RCPT TO:<b@example.org>\r\n",
    "DATA\r\n",
    "QUIT\r\n",
    "a password\r\n"};
std::string const address = "jane@example.com";
std::string const code = "482910";

std::string lower(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char letter) { return std::tolower(letter); });
    return text;
}

void check_words(std::string const& words)
{
    promise(
        std::ranges::all_of(words, [](unsigned char byte) { return byte >= 0x20 && byte < 0x7f; }),
        "a reason is one line of ASCII");
    promise(words.size() < 1000, "a reason is short");
    promise(
        lower(words).find(address) == std::string::npos && words.find(code) == std::string::npos,
        "a reason has no secret");
}

// The code of a reply's last line.
bool says_yes(std::string_view line)
{
    return line.size() >= 3 && line[0] == '2' && std::isdigit(static_cast<unsigned char>(line[1])) &&
           std::isdigit(static_cast<unsigned char>(line[2])) && (line.size() == 3 || line[3] != '-');
}

}

// The first byte chooses the server; each line is what it says, but one that begins with '>' is one of ours.
FUZZ(input)
{
    if (input.empty())
        return;
    auto const chosen = static_cast<unsigned char>(input[0]);
    SmtpConversation conversation(
        {.host = "mail.example",
         .port = 587,
         .tls = chosen % 2 ? SmtpTls::if_offered : SmtpTls::required,
         .user = chosen % 3 ? "" : "us",
         .password = chosen % 3 ? "" : "p"});
    conversation.begin(chosen % 5 == 0, {address, code});

    bool handed_over = false;
    bool taken = false;
    for (input.remove_prefix(1); !input.empty();) {
        auto const line = input.substr(0, input.find('\n') + 1 ? input.find('\n') + 1 : input.size());
        input.remove_prefix(line.size());
        if (line.starts_with(">!")) {
            conversation.hand_over();
            handed_over = true;
            taken = false;
        } else if (line.starts_with('>') && line.size() > 1) {
            conversation.say(ours[static_cast<unsigned char>(line[1]) % std::size(ours)]);
        } else {
            taken = taken || says_yes(line);
            if (!conversation.hear(line))
                break;
        }
    }
    try {
        conversation.judge(chosen % 7 ? SmtpLine::held : SmtpLine::broken, "a \x1b[31mstory");
        promise(handed_over && taken, "no letter is taken that the server did not take");
    } catch (DeliveryFailure const& trouble) {
        check_words(trouble.what());
    }
}
