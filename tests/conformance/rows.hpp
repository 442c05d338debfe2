#pragma once

#include <string_view>

#include <onboard/storage.hpp>

// Rows to fill a storage with, and short ways to write and read them.
namespace onboard::conformance {

using namespace std::chrono_literals;

// When everything happens, unless it happens later.
constexpr Instant noon{std::chrono::milliseconds(1'750'000'000'000)};

constexpr int many_threads = 16;

Account account_of(std::string_view email);
Account account_of(PhoneNumber const&);  // without an address and a name
LoginLink link_to(AccountId, Instant expires_at);
Code code_for(std::string_view subject, std::string_view digits, Instant expires_at);
PasswordLink password_link_to(AccountId, Instant expires_at);
PendingLetter letter(std::string_view id, std::string_view to = "Jane@example.com");
PendingLetter text_message(std::string_view id, std::string_view to = "+4915112345678");
Digest digest_of(std::string_view text);
TokenIssuer issuer(std::string_view name);
LinkedIdentity identity(std::string_view issuer, std::string_view subject, AccountId);

// Each commits on its own.
PartnerId stored_partner(Storage&, std::string_view name);
AccountId stored_account(Storage&, std::string_view email);
AccountId stored_account(Storage&, Account const&);
LoginLinkId stored_link(Storage&, AccountId, Instant expires_at);
PasswordLinkId stored_password_link(Storage&, AccountId, Instant expires_at);

// Does something in a unit of work of its own, commits, and returns what came of it.
template <class Action>
auto committed(Storage& storage, Action action)
{
    auto work = storage.begin();
    auto result = action(*work);
    work->commit();
    return result;
}

// The same for what brings no result.
template <class Action>
void commit(Storage& storage, Action action)
{
    auto work = storage.begin();
    action(*work);
    work->commit();
}

EmailAddress email(std::string_view text);
PhoneNumber phone(std::string_view e164);
PersonId person_id(std::string_view text);
UserName user_name(std::string_view text);
ChannelName channel(std::string_view text);
OrganisationId organisation(std::string_view text);

}
