#include "stopwatch_storage.hpp"

namespace {

using namespace onboard;

// Runs a commit and says how long it took, if it succeeds.
void timed(StopwatchStorage::Report const& report, auto const& commit)
{
    auto const began = std::chrono::steady_clock::now();
    commit();
    report(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began));
}

// A storage of one's own has stores of its own behind these; this one lends those below.
class TimedWork : public UnitOfWork {
public:
    TimedWork(std::unique_ptr<UnitOfWork> below, StopwatchStorage::Report const& report)
        : below_(std::move(below)), report_(report)
    {
    }

    Partners& partners() override { return below_->partners(); }
    Accounts& accounts() override { return below_->accounts(); }
    LoginLinks& login_links() override { return below_->login_links(); }
    Sessions& sessions() override { return below_->sessions(); }
    Codes& codes() override { return below_->codes(); }
    RepeatedRequests& repeated_requests() override { return below_->repeated_requests(); }
    PasswordLinks& password_links() override { return below_->password_links(); }
    Passwords& passwords() override { return below_->passwords(); }
    AuthCodes& auth_codes() override { return below_->auth_codes(); }
    EmailChanges& email_changes() override { return below_->email_changes(); }
    Consents& consents() override { return below_->consents(); }
    Causes& causes() override { return below_->causes(); }
    Organisations& organisations() override { return below_->organisations(); }
    TokenIssuers& token_issuers() override { return below_->token_issuers(); }
    Identities& identities() override { return below_->identities(); }
    UsedTokens& used_tokens() override { return below_->used_tokens(); }
    Outbox& outbox() override { return below_->outbox(); }
    AuditTrail& audit() override { return below_->audit(); }

    std::optional<PartnerOfToken> partner_of(PartnerTokenId token) const override
    {
        return below_->partner_of(token);
    }
    std::optional<PersonOfSession> person_of(SessionId session) const override { return below_->person_of(session); }

    void commit() override
    {
        timed(report_, [&] { below_->commit(); });
    }

private:
    std::unique_ptr<UnitOfWork> below_;
    StopwatchStorage::Report const& report_;
};

class TimedGroup : public Group {
public:
    TimedGroup(std::unique_ptr<Group> below, StopwatchStorage::Report const& report)
        : below_(std::move(below)), report_(report)
    {
    }

    void commit() override
    {
        timed(report_, [&] { below_->commit(); });
    }

private:
    std::unique_ptr<Group> below_;
    StopwatchStorage::Report const& report_;
};

}

StopwatchStorage::StopwatchStorage(std::unique_ptr<Storage> below, Report report)
    : below_(std::move(below)), report_(std::move(report))
{
}

std::unique_ptr<UnitOfWork> StopwatchStorage::begin()
{
    return std::make_unique<TimedWork>(below_->begin(), report_);
}

// Nothing is committed there, so there is nothing to time.
std::unique_ptr<UnitOfWork const> StopwatchStorage::begin_reading()
{
    return below_->begin_reading();
}

std::unique_ptr<Group> StopwatchStorage::begin_group()
{
    return std::make_unique<TimedGroup>(below_->begin_group(), report_);
}

int StopwatchStorage::concurrent_writers() const
{
    return below_->concurrent_writers();
}
