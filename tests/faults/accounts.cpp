#include <algorithm>
#include <map>

#include "faults/faulty_storage.hpp"

namespace onboard::faults {

namespace {

using namespace testing;

// The several ways to find an account are handed on.
struct WrongAccounts : Wrong<ForwardingAccounts> {
    using Wrong::Wrong;

protected:
    // Whoever has what this account wants lets go of it, as if nothing had to be unique.
    void release_owners(Account const& account)
    {
        if (auto const owner = account.email ? right().find(*account.email) : std::nullopt)
            right().release_identifiers(owner->id);
        if (auto const owner = account.phone ? right().find(*account.phone) : std::nullopt)
            right().release_identifiers(owner->id);
    }
};

struct InsertOverwrites : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        auto const owner = account.email ? right().find(*account.email) : std::nullopt;
        if (!owner)
            return right().insert(account);
        auto replaced = account;
        replaced.id = owner->id;
        right().update(replaced).value();
        return owner->id;
    }
};

struct AddressLookedUpAndThenTaken : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        auto const free = !(account.email && right().find(*account.email));
        work().let_others_in();
        if (free)
            release_owners(account);
        return right().insert(account);
    }
};

struct AddressesComparedAsSpelt : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        auto const owner = account.email ? right().find(*account.email) : std::nullopt;
        if (owner && owner->email->str() != account.email->str())
            release_owners(account);
        return right().insert(account);
    }
};

struct RefusalEndsUnitOfWork : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        if (refused_)
            return refuse(Errc::email_taken, "email");
        auto inserted = right().insert(account);
        refused_ = !inserted;
        return inserted;
    }

private:
    bool refused_ = false;
};

struct RefusalWithoutField : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        auto inserted = right().insert(account);
        return inserted ? inserted : refuse(inserted.error().code);
    }
};

struct PhoneToldBeforeAddress : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        if (account.phone && right().find(*account.phone))
            return refuse(Errc::phone_taken, "phone");
        return right().insert(account);
    }
};

struct NumberTakenIsIgnored : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        try {
            return right().insert(account);
        } catch (StorageConflict const&) {
            auto without = account;
            without.number.reset();
            return right().insert(without);
        }
    }
};

struct PushTokenCutAtItsFirstZero : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        auto cut = account;
        cut.push_token = account.push_token.c_str();
        return right().insert(cut);
    }
};

struct TimesInSeconds : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        auto rounded = account;
        rounded.created_at = std::chrono::floor<std::chrono::seconds>(account.created_at);
        return right().insert(rounded);
    }
};

struct UpdateTakesFromOthers : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<void> update(Account const& account) override
    {
        if (auto const owner = account.email ? right().find(*account.email) : std::nullopt;
            owner && owner->id != account.id)
            right().release_identifiers(owner->id);
        return right().update(account);
    }
};

struct LostUpdate : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<void> update(Account const& account) override
    {
        work().let_others_in();
        return right().update(account);
    }
};

struct CommittedWithEveryUpdate : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<void> update(Account const& account) override
    {
        auto updated = right().update(account);
        work().commit_early();
        return updated;
    }
};

struct UpdateLeavesLetGo : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<void> update(Account const& account) override
    {
        auto const before = right().find(account.id);
        auto const was_let_go = before && before->email && !right().find(*before->email);
        auto updated = right().update(account);
        if (was_let_go)
            right().release_identifiers(account.id);
        return updated;
    }
};

struct NothingIsLetGo : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    void release_identifiers(AccountId) override {}
};

struct LettingGoTakesFromOthers : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    void release_identifiers(AccountId id) override
    {
        if (auto const account = right().find(id))
            release_owners(*account);
    }
};

struct UserNameIsLetGo : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    void release_identifiers(AccountId id) override
    {
        if (auto account = right().find(id)) {
            account->user_name.reset();
            right().update(*account).value();
        }
        right().release_identifiers(id);
    }
};

struct RegisteredInTheirOrder : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    std::vector<bool> are_registered(std::span<PhoneNumber const> phones) const override
    {
        std::vector<PhoneNumber> sorted(phones.begin(), phones.end());
        std::ranges::sort(sorted, {}, &PhoneNumber::e164);
        return right().are_registered(sorted);
    }
};

struct BlockedAreRegistered : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    std::vector<bool> are_registered(std::span<PhoneNumber const> phones) const override
    {
        std::vector<bool> registered;
        for (auto const& phone : phones)
            registered.push_back(right().find(phone).has_value());
        return registered;
    }
};

// What this unit of work changed does not count yet.
struct RegisteredBefore : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<AccountId> insert(Account const& account) override
    {
        note(account);
        return right().insert(account);
    }
    Result<void> update(Account const& account) override
    {
        note(account);
        return right().update(account);
    }
    void release_identifiers(AccountId id) override
    {
        note(*right().find(id));
        right().release_identifiers(id);
    }
    std::vector<bool> are_registered(std::span<PhoneNumber const> phones) const override
    {
        auto registered = right().are_registered(phones);
        for (std::size_t index = 0; index < phones.size(); ++index)
            if (auto const before = before_.find(phones[index].e164()); before != before_.end())
                registered[index] = before->second;
        return registered;
    }

private:
    void note(Account const& account)
    {
        if (account.phone)
            before_.emplace(account.phone->e164(), right().are_registered({&*account.phone, 1}).front());
    }

    std::map<std::string, bool> before_;
};

struct PersonIdsOfAllPartners : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<void> enrol(PartnerId partner, AccountId account, Enrolment const& enrolment, Instant now) override
    {
        for (auto const& other : work().partners().all())
            if (enrolment.person_id && right().find(other.id, *enrolment.person_id).value_or(account) != account)
                return refuse(Errc::person_id_taken, "person_id");
        return right().enrol(partner, account, enrolment, now);
    }
};

struct PersonIdMoves : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<void> enrol(PartnerId partner, AccountId account, Enrolment const& enrolment, Instant now) override
    {
        auto const owner = enrolment.person_id ? right().find(partner, *enrolment.person_id) : std::nullopt;
        if (owner && *owner != account)
            right().enrol(partner, *owner, {}, now).value();
        return right().enrol(partner, account, enrolment, now);
    }
};

struct RefusedEnrolmentKeptInPart : WrongAccounts {
    using WrongAccounts::WrongAccounts;
    Result<void> enrol(PartnerId partner, AccountId account, Enrolment const& enrolment, Instant now) override
    {
        auto enrolled = right().enrol(partner, account, enrolment, now);
        if (!enrolled) {
            auto without = enrolment;
            without.person_id.reset();
            right().enrol(partner, account, without, now).value();
        }
        return enrolled;
    }
};

struct SecondConsentForgotten : Wrong<ForwardingConsents> {
    using Wrong::Wrong;
    void add(Consent const& consent) override
    {
        auto const before = right().of(consent.account);
        if (std::ranges::none_of(before, [&](Consent const& given) { return given.to == consent.to; }))
            right().add(consent);
    }
};

struct ConsentsByTime : Wrong<ForwardingConsents> {
    using Wrong::Wrong;
    std::vector<Consent> of(AccountId account) const override
    {
        auto consents = right().of(account);
        std::ranges::stable_sort(consents, {}, &Consent::given_at);
        return consents;
    }
};

struct ConsentGivenInVain : Wrong<ForwardingConsents> {
    using Wrong::Wrong;
    void add(Consent const& consent) override
    {
        right().add(consent);
        work().commit_early();
    }
};

}

std::vector<Fault> faults_of_accounts()
{
    return {
        {"an insert overwrites whoever has the address",
         {"a refused insert names the clash and leaves the unit of work usable"},
         storage_with<InsertOverwrites>},
        {"an address is looked up, and then taken",
         {"of many simultaneous registrations of one address, one wins"},
         storage_with<AddressLookedUpAndThenTaken>},
        {"addresses are compared as they are spelt",
         {"addresses that differ only in the case of letters clash"},
         storage_with<AddressesComparedAsSpelt>},
        {"a refusal ends the unit of work",
         {"a refused insert names the clash and leaves the unit of work usable"},
         storage_with<RefusalEndsUnitOfWork>},
        {"a refusal does not name the field",
         {"a refused insert names the clash and leaves the unit of work usable",
          "a telephone number is one account's, and a refusal leaves the unit of work usable"},
         storage_with<RefusalWithoutField>},
        {"of what is taken the telephone number is told first",
         {"of an address and a telephone number that are taken both, the address is told"},
         storage_with<PhoneToldBeforeAddress>},
        {"an account whose number is another's goes without",
         {"the number of an account that is another's is a conflict"},
         storage_with<NumberTakenIsIgnored>},
        {"a push token ends at its first zero",
         {"an account comes back with what it has, and without what it has not"},
         storage_with<PushTokenCutAtItsFirstZero>},
        {"times are kept in seconds", {"an account comes back as it was stored"}, storage_with<TimesInSeconds>},
        {"an update takes an address from whoever has it",
         {"an update cannot take another account's address"},
         storage_with<UpdateTakesFromOthers>},
        {"a lost update",
         {"a unit of work that reads before it writes survives contention"},
         storage_with<LostUpdate>},
        {"every update is committed at once",
         {"changes and removals that are not committed leave no trace either",
          "a unit of work is seen all at once or not at all"},
         storage_with<CommittedWithEveryUpdate>},
        {"an update leaves let go what was let go",
         {"an update takes up again what was let go, unless it is another's by now"},
         storage_with<UpdateLeavesLetGo>},
        {"an address that is let go stays taken",
         {"an address that was let go can be taken by one other account"},
         storage_with<NothingIsLetGo>},
        {"letting an address go twice takes it from the next",
         {"letting an address go twice takes it from nobody else"},
         storage_with<LettingGoTakesFromOthers>},
        {"a user name is let go with the rest",
         {"a user name stays taken when everything else is let go"},
         storage_with<UserNameIsLetGo>},
        {"whether numbers are registered is told in an order of its own",
         {"of numbers that are asked about, those of active accounts are registered, in the order asked",
          "a thousand numbers can be asked about at once"},
         storage_with<RegisteredInTheirOrder>},
        {"numbers of those who are blocked are registered",
         {"of numbers that are asked about, those of active accounts are registered, in the order asked"},
         storage_with<BlockedAreRegistered>},
        {"whether numbers are registered is told as it was before the unit of work",
         {"a unit of work that asks which numbers are registered sees its own"},
         storage_with<RegisteredBefore>},
        {"person ids of all partners are one set",
         {"a person id is unique per partner and no wider"},
         storage_with<PersonIdsOfAllPartners>},
        {"a person id moves to whoever is told last",
         {"a person id is unique per partner and no wider", "of many simultaneous claims to one person id, one wins"},
         storage_with<PersonIdMoves>},
        {"a refused change of a person id changes the rest",
         {"a refused change of a person id leaves what was told before"},
         storage_with<RefusedEnrolmentKeptInPart>},
        {"what is agreed to once more is forgotten",
         {"what a person agreed to comes back as it was, in the order it was added"},
         storage_with<SecondConsentForgotten>},
        {"what was agreed to is sorted by time",
         {"what a person agreed to comes back as it was, in the order it was added"},
         storage_with<ConsentsByTime>},
        {"an agreement stays that was given in vain",
         {"an agreement that is abandoned was never given"},
         storage_with<ConsentGivenInVain>},
    };
}

}
