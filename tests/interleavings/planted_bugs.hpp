#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interleavings/conductor.hpp"
#include "support/forwarding_storage.hpp"

namespace onboard::interleavings {

// Mistakes that show in some orders only, each of which has to be found.
enum class Bug : std::uint8_t {
    none,
    link_spent_in_two_steps,     // whether a link is good is looked up, and then it is used up
    token_noted_in_two_steps,    // the same of signed tokens that are good once
    account_written_back,        // an account is written as it was read, whatever others wrote since
    revoked_token_remembered,    // who calls with a token is looked up once
    generation_not_compared,     // links and sessions survive a block
    expiry_judged_early,         // by the time at which a client began
    guess_counted_too_late,      // when it was compared already
    replaced_code_still_good,    // new codes leave the old ones alive
    change_of_address_mixed_up,  // a link that was mailed for one address uses up the link for another
    unfinished_work_is_seen,     // readers see what is not committed
    each_call_reads_anew,        // readers see more than one state
    count_,
};

std::span<Bug const> all_bugs() noexcept;
std::string_view name_of(Bug) noexcept;
std::optional<Bug> bug_named(std::string_view) noexcept;

// Which mistake it is, and what has to be remembered to make it.
class Mistakes {
public:
    struct Owed {
        Purpose purpose{};
        std::string subject;
        Instant now{};
        std::chrono::seconds window{};
        int guesses = 0;
    };

    Mistakes(Bug which, Conductor const& conductor) : bug(which), conductor_(conductor) {}

    // Guesses that the client that runs just now has yet to count.
    std::vector<Owed>& owed() { return owed_[conductor_.running()]; }

    Bug const bug;
    std::map<PartnerTokenId, std::optional<StoredPartnerToken>> partner_tokens;
    std::set<std::string> noted_tokens;
    std::vector<Code> codes;

private:
    Conductor const& conductor_;
    std::map<int, std::vector<Owed>> owed_;
};

// A unit of work that makes the mistake.
class FaultyWork : public testing::ForwardingWork {
public:
    explicit FaultyWork(Mistakes& mistakes) : mistakes_(mistakes) {}

    // What was written so far is committed, and others have their turn.
    virtual void let_others_write() = 0;

    Partners& partners() override { return partners_; }
    Accounts& accounts() override { return accounts_; }
    LoginLinks& login_links() override { return login_links_; }
    Sessions& sessions() override { return sessions_; }
    PasswordLinks& password_links() override { return password_links_; }
    Codes& codes() override { return codes_; }
    EmailChanges& email_changes() override { return email_changes_; }
    UsedTokens& used_tokens() override { return used_tokens_; }

    std::optional<PartnerOfToken> partner_of(PartnerTokenId) const override;
    std::optional<PersonOfSession> person_of(SessionId) const override;

private:
    class FaultyPartners : public testing::ForwardingPartners {
    public:
        explicit FaultyPartners(FaultyWork& work) : ForwardingPartners(work), work_(work) {}
        std::optional<StoredPartnerToken> find_token(PartnerTokenId) const override;

    private:
        FaultyWork& work_;
    };

    class FaultyAccounts : public testing::ForwardingAccounts {
    public:
        explicit FaultyAccounts(FaultyWork& work) : ForwardingAccounts(work), work_(work) {}
        Result<void> update(Account const&) override;

    private:
        FaultyWork& work_;
    };

    class FaultyLoginLinks : public testing::ForwardingLoginLinks {
    public:
        explicit FaultyLoginLinks(FaultyWork& work) : ForwardingLoginLinks(work), work_(work) {}
        std::optional<LoginLink> find(LoginLinkId) const override;
        bool spend(LoginLinkId, Instant now) override;

    private:
        FaultyWork& work_;
    };

    class FaultySessions : public testing::ForwardingSessions {
    public:
        explicit FaultySessions(FaultyWork& work) : ForwardingSessions(work), work_(work) {}
        std::optional<StoredSession> find(SessionId) const override;

    private:
        FaultyWork& work_;
    };

    class FaultyPasswordLinks : public testing::ForwardingPasswordLinks {
    public:
        explicit FaultyPasswordLinks(FaultyWork& work) : ForwardingPasswordLinks(work), work_(work) {}
        bool spend(PasswordLinkId, Instant now) override;

    private:
        FaultyWork& work_;
    };

    class FaultyCodes : public testing::ForwardingCodes {
    public:
        explicit FaultyCodes(FaultyWork& work) : ForwardingCodes(work), work_(work) {}
        void add(Code const&) override;
        std::vector<Code> alive(Purpose, std::string_view subject, Instant now) const override;
        Tries count_tries(
            Purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) override;
        void give_back_try(Purpose, std::string_view subject) override;
        bool spend(CodeId, Instant now) override;

    private:
        FaultyWork& work_;
    };

    class FaultyEmailChanges : public testing::ForwardingEmailChanges {
    public:
        explicit FaultyEmailChanges(FaultyWork& work) : ForwardingEmailChanges(work), work_(work) {}
        bool spend(AccountId, Digest const&, Instant now) override;

    private:
        FaultyWork& work_;
    };

    class FaultyUsedTokens : public testing::ForwardingUsedTokens {
    public:
        explicit FaultyUsedTokens(FaultyWork& work) : ForwardingUsedTokens(work), work_(work) {}
        bool note(Digest const&, Instant until) override;

    private:
        FaultyWork& work_;
    };

    bool is(Bug bug) const { return mistakes_.bug == bug; }

    Mistakes& mistakes_;
    FaultyPartners partners_{*this};
    FaultyAccounts accounts_{*this};
    FaultyLoginLinks login_links_{*this};
    FaultySessions sessions_{*this};
    FaultyPasswordLinks password_links_{*this};
    FaultyCodes codes_{*this};
    FaultyEmailChanges email_changes_{*this};
    FaultyUsedTokens used_tokens_{*this};
};

}
