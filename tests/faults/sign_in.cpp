#include <map>

#include "faults/faulty_storage.hpp"

namespace onboard::faults {

namespace {

using namespace testing;
using namespace std::chrono_literals;

using WrongLoginLinks = Wrong<ForwardingLoginLinks>;
using WrongSessions = Wrong<ForwardingSessions>;
using WrongPasswordLinks = Wrong<ForwardingPasswordLinks>;
using WrongPasswords = Wrong<ForwardingPasswords>;
using WrongAuthCodes = Wrong<ForwardingAuthCodes>;
using WrongEmailChanges = Wrong<ForwardingEmailChanges>;

template <class Link>
bool alive(std::optional<Link> const& link, Instant now)
{
    return link && !link->used && now < link->expires_at;
}

struct LinkSpentAndNotMarked : WrongLoginLinks {
    using Wrong::Wrong;
    bool spend(LoginLinkId id, Instant now) override { return alive(right().find(id), now); }
};

struct LinkSpentAtItsExpiry : WrongLoginLinks {
    using Wrong::Wrong;
    bool spend(LoginLinkId id, Instant now) override { return right().spend(id, now - 1ms); }
};

struct LinkSpentAfterItsExpiry : WrongLoginLinks {
    using Wrong::Wrong;
    bool spend(LoginLinkId id, Instant) override { return right().spend(id, Instant()); }
};

struct LinkLookedAtAndThenSpent : WrongLoginLinks {
    using Wrong::Wrong;
    bool spend(LoginLinkId id, Instant now) override
    {
        if (!alive(right().find(id), now))
            return false;
        work().let_others_in();
        right().spend(id, now);
        return true;
    }
};

struct LinkSpentForGood : WrongLoginLinks {
    using Wrong::Wrong;
    bool spend(LoginLinkId id, Instant now) override
    {
        auto const spent = right().spend(id, now);
        work().commit_early();
        return spent;
    }
};

struct LivingLinksForgotten : WrongLoginLinks {
    using Wrong::Wrong;
    int forget(Instant, int limit) override { return right().forget(end_of_time, limit); }
};

struct LinksForgottenAMomentEarly : WrongLoginLinks {
    using Wrong::Wrong;
    int forget(Instant before, int limit) override { return right().forget(before + 1ms, limit); }
};

struct LinksForgottenWithoutLimit : WrongLoginLinks {
    using Wrong::Wrong;
    int forget(Instant before, int) override { return right().forget(before, 1'000'000); }
};

struct ProposalsKept : WrongLoginLinks {
    using Wrong::Wrong;
    void forget_proposals(AccountId) override {}
};

// Shows the last touch, whatever came before it.
struct TouchMovesBack : WrongSessions {
    using Wrong::Wrong;
    std::optional<StoredSession> find(SessionId id) const override
    {
        auto session = right().find(id);
        auto const& touches = work().memory<std::map<SessionId, Instant>>();
        if (auto const last = touches.find(id); session && last != touches.end())
            session->seen_at = last->second;
        return session;
    }
    void touch(SessionId id, Instant seen_at) override
    {
        work().memory<std::map<SessionId, Instant>>()[id] = seen_at;
    }
};

// Takes a session for alive once it was used.
struct UsedSessionNeverEnds : WrongSessions {
    using Wrong::Wrong;
    std::optional<StoredSession> find(SessionId id) const override
    {
        auto session = right().find(id);
        if (session && session->seen_at > session->opened_at)
            session->ended = false;
        return session;
    }
};

struct EndOfSessionForgotten : WrongSessions {
    using Wrong::Wrong;
    void end(SessionId) override {}
};

// Gives out the lowest number that no session has.
struct SessionNumbersGivenOutAgain : WrongSessions {
    using Wrong::Wrong;
    SessionId insert(StoredSession const& session) override
    {
        SessionId lowest{1};
        while (numbers().contains(lowest))
            lowest = SessionId(static_cast<std::int64_t>(lowest) + 1);
        numbers()[lowest] = right().insert(session);
        return lowest;
    }
    std::optional<StoredSession> find(SessionId id) const override
    {
        return numbers().contains(id) ? right().find(numbers()[id]) : std::nullopt;
    }
    int forget(Instant before, int limit) override
    {
        auto const forgotten = right().forget(before, limit);
        std::erase_if(numbers(), [&](auto const& number) { return !right().find(number.second); });
        return forgotten;
    }

private:
    std::map<SessionId, SessionId>& numbers() const { return work().memory<std::map<SessionId, SessionId>>(); }
};

struct EnrolmentOfAnyPartner : Wrong<ForwardingAccounts> {
    using Wrong::Wrong;
    std::optional<Enrolment> find_enrolment(PartnerId, AccountId account) const override
    {
        auto const all = right().enrolments(account);
        return all.empty() ? std::nullopt : std::optional(all.front().second);
    }
};

struct SessionsForgottenWithoutLimit : WrongSessions {
    using Wrong::Wrong;
    int forget(Instant before, int) override { return right().forget(before, 1'000'000); }
};

struct PasswordLinkSpentAndNotMarked : WrongPasswordLinks {
    using Wrong::Wrong;
    bool spend(PasswordLinkId id, Instant now) override { return alive(right().find(id), now); }
};

struct PasswordLinkSpentAtItsExpiry : WrongPasswordLinks {
    using Wrong::Wrong;
    bool spend(PasswordLinkId id, Instant now) override { return right().spend(id, now - 1ms); }
};

struct PasswordLinkLookedAtAndThenSpent : WrongPasswordLinks {
    using Wrong::Wrong;
    bool spend(PasswordLinkId id, Instant now) override
    {
        if (!alive(right().find(id), now))
            return false;
        work().let_others_in();
        right().spend(id, now);
        return true;
    }
};

struct FirstPasswordStays : WrongPasswords {
    using Wrong::Wrong;
    void put(AccountId account, std::string_view sealed, Instant now) override
    {
        if (!right().find(account))
            right().put(account, sealed, now);
    }
};

struct PasswordCutAtItsFirstZero : WrongPasswords {
    using Wrong::Wrong;
    void put(AccountId account, std::string_view sealed, Instant now) override
    {
        right().put(account, sealed.substr(0, sealed.find('\0')), now);
    }
};

struct PasswordPutForGood : WrongPasswords {
    using Wrong::Wrong;
    void put(AccountId account, std::string_view sealed, Instant now) override
    {
        right().put(account, sealed, now);
        work().commit_early();
    }
};

struct PasswordReadWithoutALock : WrongPasswords {
    using Wrong::Wrong;
    void put(AccountId account, std::string_view sealed, Instant now) override
    {
        work().let_others_in();
        right().put(account, sealed, now);
    }
};

struct FirstAuthCodeStays : WrongAuthCodes {
    using Wrong::Wrong;
    void put(StoredAuthCode const& code) override
    {
        if (!right().find(code.account))
            right().put(code);
    }
};

struct AuthCodeErasedForGood : WrongAuthCodes {
    using Wrong::Wrong;
    void erase(AccountId account) override
    {
        right().erase(account);
        work().commit_early();
    }
};

struct AddressConfirmedByAnyDigest : WrongEmailChanges {
    using Wrong::Wrong;
    bool spend(AccountId account, Digest const&, Instant now) override
    {
        auto const change = right().find(account);
        return change && right().spend(account, change->digest, now);
    }
};

struct AddressConfirmedAtItsExpiry : WrongEmailChanges {
    using Wrong::Wrong;
    bool spend(AccountId account, Digest const& digest, Instant now) override
    {
        return right().spend(account, digest, now - 1ms);
    }
};

struct OldOptInForNewAddress : WrongEmailChanges {
    using Wrong::Wrong;
    void put(EmailChange const& change) override
    {
        auto stored = change;
        if (auto const before = right().find(change.account))
            stored.digest = before->digest;
        right().put(stored);
    }
};

}

std::vector<Fault> faults_of_sign_in()
{
    return {
        {"a login link is spent and not marked",
         {"a login link can be spent once"},
         storage_with<LinkSpentAndNotMarked>},
        {"a login link is good at its expiry instant",
         {"a login link dies at its expiry instant"},
         storage_with<LinkSpentAtItsExpiry>},
        {"a login link is good after its expiry",
         {"a login link dies at its expiry instant"},
         storage_with<LinkSpentAfterItsExpiry>},
        {"a login link is looked at, and then spent",
         {"of many simultaneous attempts to spend a login link, one succeeds"},
         storage_with<LinkLookedAtAndThenSpent>},
        {"a login link stays spent when the spend is abandoned",
         {"a login link that was spent in vain is good again"},
         storage_with<LinkSpentForGood>},
        {"login links are forgotten while they are good",
         {"login links are forgotten once expired, a bounded number at a time, with what was proposed"},
         storage_with<LivingLinksForgotten>},
        {"login links are forgotten a moment early",
         {"login links are forgotten once expired, a bounded number at a time, with what was proposed"},
         storage_with<LinksForgottenAMomentEarly>},
        {"login links are forgotten without a limit",
         {"login links are forgotten once expired, a bounded number at a time, with what was proposed"},
         storage_with<LinksForgottenWithoutLimit>},
        {"what was proposed about a person outlives them",
         {"what was proposed about a person is forgotten when they have gone, and nothing else"},
         storage_with<ProposalsKept>},
        {"the last use of a session moves back",
         {"the last use of a session moves forward only"},
         storage_with<TouchMovesBack>},
        {"a session that is used after its end goes on",
         {"an ended session stays ended"},
         storage_with<UsedSessionNeverEnds>},
        {"the end of a session is forgotten", {"an ended session stays ended"}, storage_with<EndOfSessionForgotten>},
        {"the number of a session is given out again",
         {"the number of a forgotten session is not given out again"},
         storage_with<SessionNumbersGivenOutAgain>},
        {"what one partner says of a person is told to another",
         {"a session is found with its person and what its partner says of them"},
         storage_with<EnrolmentOfAnyPartner>},
        {"sessions are forgotten without a limit",
         {"sessions are forgotten by age, a bounded number at a time"},
         storage_with<SessionsForgottenWithoutLimit>},
        {"a password link is spent and not marked",
         {"a password link can be spent once"},
         storage_with<PasswordLinkSpentAndNotMarked>},
        {"a password link is good at its expiry instant",
         {"a password link dies at its expiry instant"},
         storage_with<PasswordLinkSpentAtItsExpiry>},
        {"a password link is looked at, and then spent",
         {"of many simultaneous attempts to spend a password link, one succeeds"},
         storage_with<PasswordLinkLookedAtAndThenSpent>},
        {"the first password stays",
         {"a person has one password, the last that was put"},
         storage_with<FirstPasswordStays>},
        {"a sealed password is taken for text",
         {"a password comes back as it was sealed"},
         storage_with<PasswordCutAtItsFirstZero>},
        {"a password stays that was put in vain",
         {"a password that was put or erased in vain is as it was"},
         storage_with<PasswordPutForGood>},
        {"a password is read without a lock",
         {"a password that is replaced after a look at it undoes no other's replacement"},
         storage_with<PasswordReadWithoutALock>},
        {"the first authentication code stays",
         {"a person has one authentication code, the last that was put"},
         storage_with<FirstAuthCodeStays>},
        {"an authentication code is gone that was erased in vain",
         {"an authentication code that was put or erased in vain is as it was"},
         storage_with<AuthCodeErasedForGood>},
        {"an address is confirmed by any digest",
         {"an address is confirmed once, by its own digest and for its own person"},
         storage_with<AddressConfirmedByAnyDigest>},
        {"an address is confirmed at its expiry instant",
         {"an address that waits dies at its expiry instant"},
         storage_with<AddressConfirmedAtItsExpiry>},
        {"a link that was mailed for one address confirms the next",
         {"for a person one address waits, the last that was told"},
         storage_with<OldOptInForNewAddress>},
    };
}

}
