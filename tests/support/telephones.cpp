#include "support/telephones.hpp"

#include <span>

namespace onboard::testing {

namespace {

Region region(std::string_view code)
{
    return Region::parse(code).value();
}

std::string four_digits(int number)
{
    return std::to_string(10'000 + number).substr(1);
}

}

Policy texting(Policy policy)
{
    policy.texted_regions = {region("NL"), region("BE"), region("DE"), region("FR")};
    return quick_hashing(std::move(policy));
}

Telephones::Telephones(Policy const& policy, std::unique_ptr<Storage> empty)
    : World(texting(policy), std::move(empty))
{
}

Result<CodeSent> Telephones::send(PhoneNumber const& phone, std::string_view client)
{
    return onboarding.send_code({.phone = phone, .client = client});
}

std::vector<RecordingMailer::Sent> Telephones::texted()
{
    auto const before = texter.sent().size();
    while (text_courier.deliver_due() > 0) {
    }
    auto const sent = texter.sent();
    return {sent.begin() + static_cast<std::ptrdiff_t>(before), sent.end()};
}

std::string Telephones::code_for(PhoneNumber const& phone, std::string_view client)
{
    REQUIRE(send(phone, client));
    auto const texts = texted();
    REQUIRE(!texts.empty());
    REQUIRE(text_of(texts.back().letter.to) == phone.e164());
    return texts.back().secret;
}

ConfirmPhone Telephones::entry(PhoneNumber const& phone, std::string_view code) const
{
    return {.partner = acme, .phone = phone, .code = code, .agrees_to_terms = true, .agrees_to_privacy = true};
}

Result<PhoneConfirmed> Telephones::enter(PhoneNumber const& phone, std::string_view code)
{
    return onboarding.confirm_phone(entry(phone, code));
}

PhoneConfirmed Telephones::sign_in(PhoneNumber const& phone)
{
    auto const code = code_for(phone);
    return enter(phone, code).value();
}

void Telephones::draw_next(std::uint64_t code)
{
    auto const bytes = std::as_bytes(std::span(&code, 1));
    random.script({bytes.begin(), bytes.end()});
}

Account Telephones::account(PhoneNumber const& phone)
{
    auto const account = find(phone);
    REQUIRE(account);
    return *account;
}

std::optional<Account> Telephones::find(PhoneNumber const& phone)
{
    return storage->begin_reading()->accounts().find(phone);
}

std::size_t Telephones::codes_alive(PhoneNumber const& phone)
{
    return storage->begin_reading()->codes().alive(Purpose::phone, phone.e164(), clock.now()).size();
}

PhoneNumber neighbour(int number)
{
    return PhoneNumber::parse("+491511234" + four_digits(number), region("DE")).value();
}

PhoneNumber stranger(int number)
{
    return PhoneNumber::parse("+49151" + four_digits(number) + "5678", region("DE")).value();
}

inline namespace literals {

PhoneNumber operator""_phone(char const* text, std::size_t size)
{
    return PhoneNumber::parse({text, size}, region("DE")).value();
}

}

}
