#pragma once

#include <algorithm>

#include <onboard/error.hpp>

#include "state.hpp"

namespace onboard::memory {

class MemoryPartners : public Partners {
public:
    MemoryPartners(State& state, Journal& journal) : state_(state), journal_(journal) {}

    Result<PartnerId> insert(Partner const& partner) override
    {
        if (find(partner.name))
            return refuse(Errc::partner_exists, "name");
        auto stored = partner;
        stored.id = state_.next_id<PartnerId>();
        state_.partners.put(journal_, stored.id, stored);
        return stored.id;
    }

    std::optional<Partner> find(PartnerId id) const override
    {
        auto const* partner = state_.partners.find(id);
        return partner ? std::optional(*partner) : std::nullopt;
    }

    std::optional<Partner> find(PartnerName const& name) const override
    {
        for (auto const& [id, partner] : state_.partners)
            if (partner.name == name)
                return partner;
        return std::nullopt;
    }

    std::vector<Partner> all() const override
    {
        std::vector<Partner> partners;
        for (auto const& [id, partner] : state_.partners)
            partners.push_back(partner);
        std::ranges::sort(partners, {}, &Partner::name);
        return partners;
    }

    PartnerTokenId add_token(PartnerId partner, Digest const& digest, Instant now) override
    {
        auto const id = state_.next_id<PartnerTokenId>();
        state_.partner_tokens.put(journal_, id, {.id = id, .partner = partner, .digest = digest, .created_at = now});
        return id;
    }

    std::optional<StoredPartnerToken> find_token(PartnerTokenId id) const override
    {
        auto const* token = state_.partner_tokens.find(id);
        return token ? std::optional(*token) : std::nullopt;
    }

    std::vector<StoredPartnerToken> live_tokens(PartnerId partner) const override
    {
        std::vector<StoredPartnerToken> tokens;
        for (auto const& [id, token] : state_.partner_tokens)
            if (token.partner == partner && !token.revoked_at)
                tokens.push_back(token);
        return tokens;
    }

    void revoke_token(PartnerTokenId id, Instant now) override
    {
        if (auto token = find_token(id); token && !token->revoked_at) {
            token->revoked_at = now;
            state_.partner_tokens.put(journal_, id, *token);
        }
    }

    Result<void> add_plan(Plan const& plan, Instant) override
    {
        if (state_.plans.find(plan.code))
            return refuse(Errc::plan_exists, "code");
        state_.plans.put(journal_, plan.code, plan);
        return {};
    }

    std::optional<Plan> find_plan(PlanCode const& code) const override
    {
        auto const* plan = state_.plans.find(code);
        return plan ? std::optional(*plan) : std::nullopt;
    }

    std::vector<Plan> all_plans() const override
    {
        std::vector<Plan> plans;
        for (auto const& [code, plan] : state_.plans)
            plans.push_back(plan);
        return plans;
    }

    bool close_plan(PlanCode const& code, Instant) override
    {
        auto plan = find_plan(code);
        if (!plan)
            return false;
        plan->open = false;
        state_.plans.put(journal_, code, *plan);
        return true;
    }

private:
    State& state_;
    Journal& journal_;
};

class MemoryAccounts : public Accounts {
public:
    MemoryAccounts(State& state, Journal& journal) : state_(state), journal_(journal) {}

    Result<AccountId> insert(Account const& account) override
    {
        constexpr AccountId nobody{};
        if (auto const free = check_identifiers(account, nobody); !free)
            return free.error();
        auto stored = account;
        stored.id = state_.next_id<AccountId>();
        take_identifiers(stored);
        state_.accounts.put(journal_, stored.id, stored);
        return stored.id;
    }

    Result<void> update(Account const& account) override
    {
        auto const* before = state_.accounts.find(account.id);
        if (!before)
            return {};
        if (auto const free = check_identifiers(account, account.id); !free)
            return free;
        release_identifiers(account.id);
        if (before->number)
            state_.account_of_number.erase(journal_, *before->number);
        if (before->user_name)
            state_.account_of_user_name.erase(journal_, *before->user_name);
        take_identifiers(account);
        state_.accounts.put(journal_, account.id, account);
        return {};
    }

    std::optional<Account> find(AccountId id) const override
    {
        auto const* account = state_.accounts.find(id);
        return account ? std::optional(*account) : std::nullopt;
    }

    std::optional<Account> find(EmailAddress const& email) const override
    {
        auto const* id = state_.account_of_email.find(email.key());
        return id ? find(*id) : std::nullopt;
    }

    std::optional<Account> find(PhoneNumber const& phone) const override
    {
        auto const* id = state_.account_of_phone.find(phone.e164());
        return id ? find(*id) : std::nullopt;
    }

    std::optional<Account> find(UserName const& name) const override
    {
        auto const* id = state_.account_of_user_name.find(name);
        return id ? find(*id) : std::nullopt;
    }

    bool any() const override { return state_.accounts.size() > 0; }

    std::vector<bool> are_registered(std::span<PhoneNumber const> phones) const override
    {
        std::vector<bool> registered;
        for (auto const& phone : phones) {
            auto const account = find(phone);
            registered.push_back(account && account->status == AccountStatus::active);
        }
        return registered;
    }

    void release_identifiers(AccountId id) override
    {
        auto const* account = state_.accounts.find(id);
        if (account && account->email && is_of(state_.account_of_email, account->email->key(), id))
            state_.account_of_email.erase(journal_, account->email->key());
        if (account && account->phone && is_of(state_.account_of_phone, account->phone->e164(), id))
            state_.account_of_phone.erase(journal_, account->phone->e164());
    }

    Result<void> enrol(PartnerId partner, AccountId account, Enrolment const& enrolment, Instant) override
    {
        auto const* owner =
            enrolment.person_id ? state_.account_of_person_id.find({partner, *enrolment.person_id}) : nullptr;
        if (owner && *owner != account)
            return refuse(Errc::person_id_taken, "person_id");
        if (auto const before = find_enrolment(partner, account); before && before->person_id)
            state_.account_of_person_id.erase(journal_, {partner, *before->person_id});
        if (enrolment.person_id)
            state_.account_of_person_id.put(journal_, {partner, *enrolment.person_id}, account);
        state_.enrolments.put(journal_, {partner, account}, enrolment);
        return {};
    }

    std::optional<Enrolment> find_enrolment(PartnerId partner, AccountId account) const override
    {
        auto const* enrolment = state_.enrolments.find({partner, account});
        return enrolment ? std::optional(*enrolment) : std::nullopt;
    }

    std::optional<AccountId> find(PartnerId partner, PersonId const& person) const override
    {
        auto const* account = state_.account_of_person_id.find({partner, person});
        return account ? std::optional(*account) : std::nullopt;
    }

    std::vector<std::pair<PartnerId, Enrolment>> enrolments(AccountId account) const override
    {
        std::vector<std::pair<PartnerId, Enrolment>> result;
        for (auto const& [key, enrolment] : state_.enrolments)
            if (key.second == account)
                result.emplace_back(key.first, enrolment);
        return result;
    }

private:
    template <class Key>
    static bool is_of(Table<Key, AccountId> const& owners, Key const& key, AccountId id)
    {
        auto const* owner = owners.find(key);
        return owner && *owner == id;
    }

    template <class Key>
    static bool is_anothers(Table<Key, AccountId> const& owners, Key const& key, AccountId id)
    {
        return owners.find(key) && !is_of(owners, key, id);
    }

    // Whether the account with this id may be called what this one is.
    Result<void> check_identifiers(Account const& account, AccountId id) const
    {
        if (account.email && is_anothers(state_.account_of_email, account.email->key(), id))
            return refuse(Errc::email_taken, "email");
        if (account.phone && is_anothers(state_.account_of_phone, account.phone->e164(), id))
            return refuse(Errc::phone_taken, "phone");
        if (account.user_name && is_anothers(state_.account_of_user_name, *account.user_name, id))
            return refuse(Errc::user_name_taken, "user_name");
        if (account.number && is_anothers(state_.account_of_number, *account.number, id))
            throw StorageConflict("memory: the number of an account is another's");
        return {};
    }

    void take_identifiers(Account const& account)
    {
        if (account.email)
            state_.account_of_email.put(journal_, account.email->key(), account.id);
        if (account.phone)
            state_.account_of_phone.put(journal_, account.phone->e164(), account.id);
        if (account.number)
            state_.account_of_number.put(journal_, *account.number, account.id);
        if (account.user_name)
            state_.account_of_user_name.put(journal_, *account.user_name, account.id);
    }

    State& state_;
    Journal& journal_;
};

class MemoryConsents : public Consents {
public:
    MemoryConsents(State& state, Journal& journal) : state_(state), journal_(journal) {}

    void add(Consent const& consent) override
    {
        state_.consents.put(journal_, state_.next_id<std::int64_t>(), consent);
    }

    std::vector<Consent> of(AccountId account) const override
    {
        std::vector<Consent> consents;
        for (auto const& [number, consent] : state_.consents)
            if (consent.account == account)
                consents.push_back(consent);
        return consents;
    }

private:
    State& state_;
    Journal& journal_;
};

class MemoryIdentities : public Identities {
public:
    MemoryIdentities(State& state, Journal& journal) : state_(state), journal_(journal) {}

    bool add(LinkedIdentity const& identity) override
    {
        if (find(identity.issuer, identity.subject))
            return false;
        state_.identities.put(journal_, {identity.issuer, identity.subject}, identity);
        return true;
    }

    std::optional<AccountId> find(std::string_view issuer, std::string_view subject) const override
    {
        auto const* identity = state_.identities.find({std::string(issuer), std::string(subject)});
        return identity ? std::optional(identity->account) : std::nullopt;
    }

    std::vector<LinkedIdentity> of(AccountId account) const override
    {
        std::vector<LinkedIdentity> identities;
        for (auto const& [key, identity] : state_.identities)
            if (identity.account == account)
                identities.push_back(identity);
        return identities;
    }

    void erase(AccountId account) override
    {
        for (auto const& identity : of(account))
            state_.identities.erase(journal_, {identity.issuer, identity.subject});
    }

private:
    State& state_;
    Journal& journal_;
};

}
