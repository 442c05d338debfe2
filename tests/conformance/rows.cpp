#include "conformance/rows.hpp"

#include <onboard/testing.hpp>

namespace onboard::conformance {

EmailAddress email(std::string_view text)
{
    return EmailAddress::parse(text).value();
}

PhoneNumber phone(std::string_view e164)
{
    return PhoneNumber::parse(e164, Region::parse("DE").value()).value();
}

PersonId person_id(std::string_view text)
{
    return PersonId::parse(text).value();
}

UserName user_name(std::string_view text)
{
    return UserName::parse(text).value();
}

ChannelName channel(std::string_view text)
{
    return ChannelName::parse(text).value();
}

OrganisationId organisation(std::string_view text)
{
    return OrganisationId::parse(text).value();
}

Digest digest_of(std::string_view text)
{
    static auto const key = testing::test_key();
    return key.digest(Purpose::session, "conformance", text);
}

Account account_of(std::string_view address)
{
    return {
        .handle = "handle of " + std::string(address),
        .email = email(address),
        .name = PersonName::parse("Jane", "Doe").value(),
        .language = Language::dutch,
        .created_at = noon,
        .updated_at = noon};
}

Account account_of(PhoneNumber const& number)
{
    return {
        .handle = "handle of " + number.e164(),
        .phone = number,
        .language = Language::dutch,
        .created_at = noon,
        .updated_at = noon};
}

LoginLink link_to(AccountId account, Instant expires_at)
{
    return {.account = account, .digest = digest_of("link"), .expires_at = expires_at};
}

Code code_for(std::string_view subject, std::string_view digits, Instant expires_at)
{
    return {
        .purpose = Purpose::partner_confirmation,
        .subject = std::string(subject),
        .binding = "partner",
        .digest = digest_of(digits),
        .expires_at = expires_at};
}

PasswordLink password_link_to(AccountId account, Instant expires_at)
{
    return {.account = account, .digest = digest_of("password link"), .expires_at = expires_at};
}

TokenIssuer issuer(std::string_view name)
{
    return {
        .name = std::string(name),
        .public_key = "-----BEGIN PUBLIC KEY-----\nof " + std::string(name) + "\n-----END PUBLIC KEY-----\n",
        .channel = channel("kerala"),
        .audience = "onboard",
        .added_at = noon};
}

LinkedIdentity identity(std::string_view issuer, std::string_view subject, AccountId account)
{
    return {.issuer = std::string(issuer), .subject = std::string(subject), .account = account, .linked_at = noon};
}

PendingLetter letter(std::string_view id, std::string_view to)
{
    return {
        .letter =
            {.id = std::string(id),
             .kind = LetterKind::partner_confirmation,
             .to = email(to),
             .language = Language::french,
             .first_name = "Jane",
             .partner = "Acme",
             .expires_at = noon + 5min},
        .sealed_secret = std::string("sealed\0secret\xff", 14)};
}

PendingLetter text_message(std::string_view id, std::string_view to)
{
    return {
        .letter =
            {.id = std::string(id),
             .kind = LetterKind::phone_code,
             .to = phone(to),
             .language = Language::german,
             .first_name = "",
             .partner = "",
             .expires_at = noon + 5min},
        .sealed_secret = "sealed code"};
}

PartnerId stored_partner(Storage& storage, std::string_view name)
{
    auto work = storage.begin();
    auto const id = work->partners()
                        .insert(
                            {.name = PartnerName::parse(name).value(),
                             .rights = {Right::partner, Right::redeem},
                             .link_existing = LinkExisting::trust,
                             .created_at = noon})
                        .value();
    work->commit();
    return id;
}

AccountId stored_account(Storage& storage, std::string_view address)
{
    return stored_account(storage, account_of(address));
}

AccountId stored_account(Storage& storage, Account const& account)
{
    auto work = storage.begin();
    auto const id = work->accounts().insert(account).value();
    work->commit();
    return id;
}

LoginLinkId stored_link(Storage& storage, AccountId account, Instant expires_at)
{
    auto work = storage.begin();
    auto const id = work->login_links().insert(link_to(account, expires_at));
    work->commit();
    return id;
}

PasswordLinkId stored_password_link(Storage& storage, AccountId account, Instant expires_at)
{
    auto work = storage.begin();
    auto const id = work->password_links().insert(password_link_to(account, expires_at));
    work->commit();
    return id;
}

}
