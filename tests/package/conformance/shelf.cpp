#include <onboard/memory_storage.hpp>
#include <onboard/storage.hpp>

#include "conformance/storage_under_test.hpp"

namespace {

using namespace onboard;

// A storage of one's own, as far as anybody can see: it keeps what it has in another.
class ShelfWork : public UnitOfWork {
public:
    explicit ShelfWork(Storage& below) : below_(below.begin()) {}

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

#ifdef FORGETFUL
    void commit() override {}
#else
    void commit() override
    {
        below_->commit();
    }
#endif

private:
    std::unique_ptr<UnitOfWork> below_;
};

class Shelf : public Storage {
public:
    std::unique_ptr<UnitOfWork> begin() override { return std::make_unique<ShelfWork>(*below_); }
    std::unique_ptr<UnitOfWork const> begin_reading() override { return std::make_unique<ShelfWork const>(*below_); }
    std::unique_ptr<Group> begin_group() override { return below_->begin_group(); }

private:
    std::unique_ptr<Storage> below_ = open_memory();
};

}

std::unique_ptr<Storage> open_empty_storage()
{
    return std::make_unique<Shelf>();
}
