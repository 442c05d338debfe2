#include "simulation/planted_bugs.hpp"

#include <algorithm>
#include <array>

#include "support/forwarding_storage.hpp"

namespace onboard::simulation {

using namespace testing;

namespace {

// Later than any moment that comes up.
constexpr Instant end_of_time{std::chrono::hours(24 * 365 * 200)};

constexpr auto bug_count = static_cast<std::size_t>(Bug::count_);

constexpr std::array<std::string_view, bug_count> names{
    "none",
    "lost update",
    "look before insert",
    "counted after comparison",
    "counts in the process",
    "budget reset on resend",
    "give back twice",
    "letter outside transaction",
    "answered before sync",
    "link consumed on get",
    "link spent but not marked",
    "code spent but not marked",
    "used codes alive",
    "expiry ignored",
    "forgets the living",
    "forgets used tokens",
    "used token always new",
    "claim without lease",
    "postponed is lost",
    "cancel forgotten",
    "generation ignored",
    "end of session forgotten",
    "old auth code kept",
    "repetition forgotten",
    "limit of hour ignored",
    "limit of day ignored",
    "enrolment of any partner",
    "old opt in for new address",
    "consent overwritten",
    "doubt ignored",
};

bool is_question(std::string_view call)
{
    for (auto const* part :
         {".find", ".alive", ".all", ".of", ".has", ".size", ".live_tokens", ".enrolments", ".hold"})
        if (call.find(part) != std::string_view::npos)
            return true;
    return call == "accounts.insert";  // counted by itself, since it may be refused
}

}

std::span<Bug const> all_bugs() noexcept
{
    static auto const bugs = [] {
        std::array<Bug, bug_count - 1> all{};
        for (std::size_t index = 0; index < all.size(); ++index)
            all[index] = static_cast<Bug>(index + 1);
        return all;
    }();
    return bugs;
}

std::string_view name_of(Bug bug) noexcept
{
    return names[static_cast<std::size_t>(bug)];
}

std::optional<Bug> bug_named(std::string_view name) noexcept
{
    auto const found = std::ranges::find(names, name);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Bug>(found - names.begin()));
}

class BuggyWork;

// Each does one thing wrong, if that is the bug, and hands on everything else.
class BuggyAccounts : public ForwardingAccounts {
public:
    explicit BuggyAccounts(BuggyWork& work);
    Result<AccountId> insert(Account const&) override;
    Result<void> update(Account const&) override;
    std::optional<Enrolment> find_enrolment(PartnerId, AccountId) const override;

private:
    void release_owners(Account const&);

    BuggyWork& work_;
};

class BuggyLoginLinks : public ForwardingLoginLinks {
public:
    explicit BuggyLoginLinks(BuggyWork& work);
    std::optional<LoginLink> find(LoginLinkId) const override;
    bool spend(LoginLinkId, Instant now) override;
    int forget(Instant before, int limit) override;

private:
    BuggyWork& work_;
};

class BuggySessions : public ForwardingSessions {
public:
    explicit BuggySessions(BuggyWork& work);
    std::optional<StoredSession> find(SessionId) const override;
    void end(SessionId) override;

private:
    BuggyWork& work_;
};

class BuggyCodes : public ForwardingCodes {
public:
    explicit BuggyCodes(BuggyWork& work);
    std::optional<Instant> count_send(Purpose, std::string_view subject, Instant now, SendLimits const&) override;
    std::vector<Code> alive(Purpose, std::string_view subject, Instant now) const override;
    Tries
    count_tries(Purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) override;
    void give_back_try(Purpose, std::string_view subject) override;
    bool spend(CodeId, Instant now) override;

private:
    Tries
    count_in_process(Purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) const;

    BuggyWork& work_;
};

class BuggyAuthCodes : public ForwardingAuthCodes {
public:
    explicit BuggyAuthCodes(BuggyWork& work);
    void put(StoredAuthCode const&) override;

private:
    BuggyWork& work_;
};

class BuggyEmailChanges : public ForwardingEmailChanges {
public:
    explicit BuggyEmailChanges(BuggyWork& work);
    void put(EmailChange const&) override;

private:
    BuggyWork& work_;
};

class BuggyConsents : public ForwardingConsents {
public:
    explicit BuggyConsents(BuggyWork& work);
    void add(Consent const&) override;

private:
    BuggyWork& work_;
};

class BuggyUsedTokens : public ForwardingUsedTokens {
public:
    explicit BuggyUsedTokens(BuggyWork& work);
    bool note(Digest const&, Instant until) override;
    int forget(Instant before, int limit) override;

private:
    BuggyWork& work_;
};

class BuggyRepeatedRequests : public ForwardingRepeatedRequests {
public:
    explicit BuggyRepeatedRequests(BuggyWork& work);
    std::optional<RepeatedRequest>
    claim(PartnerId, std::string_view key, Digest const& request, Instant now, Instant since) override;

private:
    BuggyWork& work_;
};

class BuggyOutbox : public ForwardingOutbox {
public:
    explicit BuggyOutbox(BuggyWork& work);
    void add(PendingLetter const&, Instant due) override;
    std::vector<ClaimedLetter> claim(Channel, Instant now, Instant until, int limit) override;
    bool postpone(LetterClaim const&, Instant due, std::string_view reason) override;
    void cancel(Recipient const&) override;

private:
    BuggyWork& work_;
};

class BuggyWork : public ForwardingWork {
public:
    BuggyWork(BuggyStorage& storage, std::unique_ptr<UnitOfWork> beneath)
        : storage_(storage), beneath_(std::move(beneath)), has_debts_(has_debts())
    {
    }
    ~BuggyWork() override;
    BuggyWork(BuggyWork const&) = delete;
    BuggyWork& operator=(BuggyWork const&) = delete;

    UnitOfWork& reach(char const* call) override
    {
        wrote_ = wrote_ || !is_question(call);
        return *beneath_;
    }

    Accounts& accounts() override { return accounts_; }
    LoginLinks& login_links() override { return login_links_; }
    Sessions& sessions() override { return sessions_; }
    Codes& codes() override { return codes_; }
    AuthCodes& auth_codes() override { return auth_codes_; }
    EmailChanges& email_changes() override { return email_changes_; }
    Consents& consents() override { return consents_; }
    UsedTokens& used_tokens() override { return used_tokens_; }
    RepeatedRequests& repeated_requests() override { return repeated_requests_; }
    Outbox& outbox() override { return outbox_; }

    void commit() override;

    bool is(Bug bug) const { return storage_.bug_ == bug; }
    BuggyStorage& storage() const { return storage_; }
    UnitOfWork& beneath() const { return *beneath_; }

    // What was read so far is as old as if it had been read in another unit of work.
    void go_on_anew_if_nothing_was_written()
    {
        if (wrote_)
            return;
        beneath_.reset();
        storage_.stage_.pause();
        beneath_ = storage_.beneath_.begin();
    }

    void note_written() { wrote_ = true; }
    void post_anyway(PendingLetter const& letter, Instant due) { letters_.emplace_back(letter, due); }

private:
    bool has_debts() const { return storage_.owed_.contains(storage_.stage_.running()); }

    BuggyStorage& storage_;
    std::unique_ptr<UnitOfWork> beneath_;
    bool has_debts_;
    bool wrote_ = false;
    std::vector<std::pair<PendingLetter, Instant>> letters_;
    BuggyAccounts accounts_{*this};
    BuggyLoginLinks login_links_{*this};
    BuggySessions sessions_{*this};
    BuggyCodes codes_{*this};
    BuggyAuthCodes auth_codes_{*this};
    BuggyEmailChanges email_changes_{*this};
    BuggyConsents consents_{*this};
    BuggyUsedTokens used_tokens_{*this};
    BuggyRepeatedRequests repeated_requests_{*this};
    BuggyOutbox outbox_{*this};
};

BuggyWork::~BuggyWork()
{
    beneath_.reset();
    if (!letters_.empty()) {
        auto const work = storage_.beneath_.begin();
        for (auto const& [letter, due] : letters_)
            work->outbox().add(letter, due);
        work->commit();
    }
    if (has_debts_)
        storage_.pay(storage_.stage_.running());
}

void BuggyWork::commit()
{
    for (auto const& [letter, due] : letters_)
        beneath_->outbox().add(letter, due);
    letters_.clear();
    beneath_->commit();
}

BuggyAccounts::BuggyAccounts(BuggyWork& work) : ForwardingAccounts(work), work_(work) {}

Result<AccountId> BuggyAccounts::insert(Account const& account)
{
    if (work_.is(Bug::look_before_insert)) {
        auto const free = !(account.email && find(*account.email)) && !(account.phone && find(*account.phone));
        work_.go_on_anew_if_nothing_was_written();
        if (free)
            release_owners(account);
    }
    auto inserted = ForwardingAccounts::insert(account);
    if (inserted)
        work_.note_written();
    return inserted;
}

// As if nothing had to be unique.
void BuggyAccounts::release_owners(Account const& account)
{
    if (auto const owner = account.email ? find(*account.email) : std::nullopt)
        to("accounts.release_identifiers").release_identifiers(owner->id);
    if (auto const owner = account.phone ? find(*account.phone) : std::nullopt)
        to("accounts.release_identifiers").release_identifiers(owner->id);
}

Result<void> BuggyAccounts::update(Account const& account)
{
    if (work_.is(Bug::lost_update))
        work_.go_on_anew_if_nothing_was_written();
    return ForwardingAccounts::update(account);
}

std::optional<Enrolment> BuggyAccounts::find_enrolment(PartnerId partner, AccountId account) const
{
    auto found = ForwardingAccounts::find_enrolment(partner, account);
    if (found || !work_.is(Bug::enrolment_of_any_partner))
        return found;
    auto const all = enrolments(account);
    return all.empty() ? std::nullopt : std::optional(all.front().second);
}

BuggyLoginLinks::BuggyLoginLinks(BuggyWork& work) : ForwardingLoginLinks(work), work_(work) {}

std::optional<LoginLink> BuggyLoginLinks::find(LoginLinkId id) const
{
    auto link = ForwardingLoginLinks::find(id);
    if (link && work_.is(Bug::expiry_ignored))
        link->expires_at = end_of_time;
    return link;
}

bool BuggyLoginLinks::spend(LoginLinkId id, Instant now)
{
    if (work_.is(Bug::link_spent_but_not_marked)) {
        auto const link = find(id);
        return link && !link->used && now < link->expires_at;
    }
    return ForwardingLoginLinks::spend(id, work_.is(Bug::expiry_ignored) ? Instant() : now);
}

int BuggyLoginLinks::forget(Instant before, int limit)
{
    return ForwardingLoginLinks::forget(work_.is(Bug::forgets_the_living) ? end_of_time : before, limit);
}

BuggySessions::BuggySessions(BuggyWork& work) : ForwardingSessions(work), work_(work) {}

std::optional<StoredSession> BuggySessions::find(SessionId id) const
{
    auto session = ForwardingSessions::find(id);
    if (session && work_.is(Bug::generation_ignored))
        if (auto const account = work_.beneath().accounts().find(session->account))
            session->generation = account->generation;
    return session;
}

void BuggySessions::end(SessionId id)
{
    if (!work_.is(Bug::end_of_session_forgotten))
        ForwardingSessions::end(id);
}

BuggyCodes::BuggyCodes(BuggyWork& work) : ForwardingCodes(work), work_(work) {}

std::optional<Instant>
BuggyCodes::count_send(Purpose purpose, std::string_view subject, Instant now, SendLimits const& limits)
{
    auto allowed = limits;
    if (work_.is(Bug::limit_of_hour_ignored))
        allowed.per_hour = allowed.per_day;
    if (work_.is(Bug::limit_of_day_ignored))
        allowed.per_day = 10'000;
    auto const again_at = ForwardingCodes::count_send(purpose, subject, now, allowed);
    if (work_.is(Bug::budget_reset_on_resend) && !again_at)
        for (int guess = 0; guess < 100; ++guess)
            ForwardingCodes::give_back_try(purpose, subject);
    return again_at;
}

std::vector<Code> BuggyCodes::alive(Purpose purpose, std::string_view subject, Instant now) const
{
    auto codes = ForwardingCodes::alive(purpose, subject, now);
    if (work_.is(Bug::used_codes_alive)) {
        work_.storage().last_alive_ = codes;
        for (auto const& code : work_.storage().used_codes_)
            if (code.purpose == purpose && code.subject == subject && now < code.expires_at)
                codes.push_back(code);
    }
    return codes;
}

Tries BuggyCodes::count_in_process(
    Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) const
{
    auto& count = work_.storage().counts_[{work_.storage().stage_.its_process(), {purpose, std::string(subject)}}];
    if (now >= count.window_ends)
        count = {.tries = 0, .window_ends = now + window};
    count.tries += guesses;
    return {.used = count.tries, .window_ends = count.window_ends};
}

Tries BuggyCodes::count_tries(
    Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses)
{
    if (work_.is(Bug::counts_in_the_process))
        return count_in_process(purpose, subject, now, window, guesses);
    auto const tries = ForwardingCodes::count_tries(purpose, subject, now, window, guesses);
    auto const is_code =
        purpose == Purpose::phone || purpose == Purpose::sign_up_email || purpose == Purpose::partner_confirmation;
    if (work_.is(Bug::counted_after_comparison) && is_code) {
        ForwardingCodes::give_back_try(purpose, subject);
        auto& storage = work_.storage();
        storage.owed_[storage.stage_.running()].push_back(
            {.purpose = purpose, .subject = std::string(subject), .now = now, .window = window, .guesses = guesses});
    }
    return tries;
}

void BuggyCodes::give_back_try(Purpose purpose, std::string_view subject)
{
    auto& storage = work_.storage();
    if (work_.is(Bug::counts_in_the_process)) {
        auto& count = storage.counts_[{storage.stage_.its_process(), {purpose, std::string(subject)}}];
        count.tries = std::max(0, count.tries - 1);
        return;
    }
    if (storage.owed_.erase(storage.stage_.running()) > 0)
        return;
    ForwardingCodes::give_back_try(purpose, subject);
    if (work_.is(Bug::give_back_twice))
        ForwardingCodes::give_back_try(purpose, subject);
}

bool BuggyCodes::spend(CodeId id, Instant now)
{
    if (work_.is(Bug::code_spent_but_not_marked))
        return true;
    auto const spent = ForwardingCodes::spend(id, now);
    if (spent && work_.is(Bug::used_codes_alive))
        for (auto const& code : work_.storage().last_alive_)
            if (code.id == id)
                work_.storage().used_codes_.push_back(code);
    return spent;
}

BuggyAuthCodes::BuggyAuthCodes(BuggyWork& work) : ForwardingAuthCodes(work), work_(work) {}

void BuggyAuthCodes::put(StoredAuthCode const& code)
{
    if (!work_.is(Bug::old_auth_code_kept) || !find(code.account))
        ForwardingAuthCodes::put(code);
}

BuggyEmailChanges::BuggyEmailChanges(BuggyWork& work) : ForwardingEmailChanges(work), work_(work) {}

void BuggyEmailChanges::put(EmailChange const& change)
{
    auto stored = change;
    if (auto const before = find(change.account); before && work_.is(Bug::old_opt_in_for_new_address))
        stored.digest = before->digest;
    ForwardingEmailChanges::put(stored);
}

BuggyConsents::BuggyConsents(BuggyWork& work) : ForwardingConsents(work), work_(work) {}

void BuggyConsents::add(Consent const& consent)
{
    auto const before = of(consent.account);
    auto const again = std::ranges::any_of(before, [&](Consent const& given) { return given.to == consent.to; });
    if (!work_.is(Bug::consent_overwritten) || !again)
        ForwardingConsents::add(consent);
}

BuggyUsedTokens::BuggyUsedTokens(BuggyWork& work) : ForwardingUsedTokens(work), work_(work) {}

bool BuggyUsedTokens::note(Digest const& token, Instant until)
{
    auto const is_new = ForwardingUsedTokens::note(token, until);
    return is_new || work_.is(Bug::used_token_always_new);
}

int BuggyUsedTokens::forget(Instant before, int limit)
{
    return ForwardingUsedTokens::forget(work_.is(Bug::forgets_used_tokens) ? end_of_time : before, limit);
}

BuggyRepeatedRequests::BuggyRepeatedRequests(BuggyWork& work) : ForwardingRepeatedRequests(work), work_(work) {}

std::optional<RepeatedRequest> BuggyRepeatedRequests::claim(
    PartnerId partner, std::string_view key, Digest const& request, Instant now, Instant since)
{
    auto before = ForwardingRepeatedRequests::claim(partner, key, request, now, since);
    return work_.is(Bug::repetition_forgotten) ? std::nullopt : before;
}

BuggyOutbox::BuggyOutbox(BuggyWork& work) : ForwardingOutbox(work), work_(work) {}

void BuggyOutbox::add(PendingLetter const& letter, Instant due)
{
    if (work_.is(Bug::letter_outside_transaction))
        work_.post_anyway(letter, due);
    else
        ForwardingOutbox::add(letter, due);
}

std::vector<ClaimedLetter> BuggyOutbox::claim(Channel channel, Instant now, Instant until, int limit)
{
    return ForwardingOutbox::claim(channel, now, work_.is(Bug::claim_without_lease) ? now : until, limit);
}

bool BuggyOutbox::postpone(LetterClaim const& claim, Instant due, std::string_view reason)
{
    return work_.is(Bug::postponed_is_lost) ? remove(claim) : ForwardingOutbox::postpone(claim, due, reason);
}

void BuggyOutbox::cancel(Recipient const& recipient)
{
    if (!work_.is(Bug::cancel_forgotten))
        ForwardingOutbox::cancel(recipient);
}

namespace {

// Uses up the links that it shows.
class ConsumingWork : public ForwardingWork {
public:
    ConsumingWork(Storage& storage, std::unique_ptr<UnitOfWork const> beneath)
        : storage_(storage), beneath_(std::move(beneath))
    {
    }
    ~ConsumingWork() override
    {
        beneath_.reset();
        auto const work = storage_.begin();
        for (auto const id : shown_)
            work->login_links().spend(id, Instant());
        work->commit();
    }
    ConsumingWork(ConsumingWork const&) = delete;
    ConsumingWork& operator=(ConsumingWork const&) = delete;

    UnitOfWork& reach(char const*) override { return const_cast<UnitOfWork&>(*beneath_); }
    LoginLinks& login_links() override { return links_; }
    void commit() override {}

private:
    class NotingLinks : public ForwardingLoginLinks {
    public:
        explicit NotingLinks(ConsumingWork& work) : ForwardingLoginLinks(work), work_(work) {}
        std::optional<LoginLink> find(LoginLinkId id) const override
        {
            work_.shown_.push_back(id);
            return ForwardingLoginLinks::find(id);
        }

    private:
        ConsumingWork& work_;
    };

    Storage& storage_;
    std::unique_ptr<UnitOfWork const> beneath_;
    std::vector<LoginLinkId> shown_;
    NotingLinks links_{*this};
};

}

BuggyStorage::BuggyStorage(Storage& beneath, Bug bug, Stage stage)
    : beneath_(beneath), bug_(bug), stage_(std::move(stage))
{
}

BuggyStorage::~BuggyStorage() = default;

std::unique_ptr<UnitOfWork> BuggyStorage::begin()
{
    lose_what_is_not_durable();
    constexpr int most_not_durable = 12;
    if (bug_ == Bug::answered_before_sync) {
        if (not_durable_ == most_not_durable)
            settle();
        if (!unsynced_)
            unsynced_ = beneath_.begin_group();
        ++not_durable_;
    }
    return std::make_unique<BuggyWork>(*this, beneath_.begin());
}

std::unique_ptr<UnitOfWork const> BuggyStorage::begin_reading()
{
    lose_what_is_not_durable();
    if (bug_ == Bug::link_consumed_on_get)
        return std::make_unique<ConsumingWork const>(beneath_, beneath_.begin_reading());
    return std::make_unique<BuggyWork const>(*this, beneath_.begin());
}

std::unique_ptr<Group> BuggyStorage::begin_group()
{
    lose_what_is_not_durable();
    settle();
    return beneath_.begin_group();
}

void BuggyStorage::crashed(int process)
{
    power_was_cut_ = true;
    std::erase_if(counts_, [process](auto const& count) { return count.first.first == process; });
}

void BuggyStorage::settle()
{
    if (unsynced_)
        unsynced_->commit();
    unsynced_.reset();
    not_durable_ = 0;
}

// Only where no unit of work is open: what they wrote lies above.
void BuggyStorage::lose_what_is_not_durable()
{
    if (!power_was_cut_)
        return;
    power_was_cut_ = false;
    unsynced_.reset();
    not_durable_ = 0;
}

void BuggyStorage::pay(int task)
{
    auto const owed = owed_.extract(task);
    if (owed.empty())
        return;
    auto const work = beneath_.begin();
    for (auto const& guess : owed.mapped())
        work->codes().count_tries(guess.purpose, guess.subject, guess.now, guess.window, guess.guesses);
    work->commit();
}

namespace {

class CarelessWork : public ForwardingWork {
public:
    explicit CarelessWork(std::unique_ptr<UnitOfWork> beneath) : beneath_(std::move(beneath)) {}

    UnitOfWork& reach(char const*) override { return *beneath_; }
    void commit() override
    {
        try {
            beneath_->commit();
        } catch (OutcomeUnknown const&) {
        }
    }

private:
    std::unique_ptr<UnitOfWork> beneath_;
};

class CarelessStorage : public Storage {
public:
    explicit CarelessStorage(Storage& beneath) : beneath_(beneath) {}

    std::unique_ptr<UnitOfWork> begin() override { return std::make_unique<CarelessWork>(beneath_.begin()); }
    std::unique_ptr<UnitOfWork const> begin_reading() override { return beneath_.begin_reading(); }
    std::unique_ptr<Group> begin_group() override { return beneath_.begin_group(); }

private:
    Storage& beneath_;
};

}

std::unique_ptr<Storage> ignoring_doubt(Storage& beneath)
{
    return std::make_unique<CarelessStorage>(beneath);
}

}
