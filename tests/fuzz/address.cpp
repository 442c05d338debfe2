#include "fuzz.hpp"

#include <algorithm>

#include <onboard/account.hpp>
#include <onboard/person.hpp>

using namespace onboard;
using onboard::testing::promise;

namespace {

void read_email(std::string_view input)
{
    auto const email = EmailAddress::parse(input);
    if (!email)
        return;
    auto const& text = email->str();
    promise(text.size() <= 254, "an address fits into a line of SMTP");
    promise(std::ranges::count(text, '@') == 1, "an address has one @");
    promise(
        std::ranges::none_of(
            text, [](unsigned char byte) { return byte <= ' ' || byte == '<' || byte == '>' || byte == '"'; }),
        "an address breaks out of nothing");
    auto const again = EmailAddress::parse(text);
    promise(again && again->str() == text && again->key() == email->key(), "an address reads as itself");
    auto const by_key = EmailAddress::parse(email->key());  // which may be longer than an address
    promise(!by_key || by_key->key() == email->key(), "a key is its own key");
}

void read_name(std::string_view input)
{
    auto const name = PersonName::parse(input);
    if (!name)
        return;
    promise(name->first().find_first_of("\r\n\t") == std::string::npos, "a name is one line");
    auto const again = PersonName::parse(name->first());
    promise(again && *again == *name, "a name reads as itself");
}

}

FUZZ(input)
{
    read_email(input);
    read_name(input);
    if (auto const channel = ChannelName::parse(input))
        promise(*ChannelName::parse(channel->str()) == *channel, "a channel reads as itself");
    if (auto const user_name = UserName::parse(input)) {
        auto const& text = user_name->str();
        promise(text.size() >= UserName::shortest && text.size() <= UserName::longest, "a user name has a length");
        promise(
            text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos,
            "a user name is letters and digits");
    }
}
