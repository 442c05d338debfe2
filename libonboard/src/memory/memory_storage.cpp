#include <onboard/memory_storage.hpp>

#include <mutex>

#include "audit_trail.hpp"
#include "organisation_stores.hpp"
#include "outbox.hpp"
#include "people_stores.hpp"
#include "request_stores.hpp"
#include "secret_stores.hpp"

namespace onboard {

namespace memory {

namespace {

// One lock for everything, which the thread that holds it may take again: a unit of work inside a group does.
struct Shared {
    std::recursive_mutex mutex;
    State state;
    Journal* group = nullptr;
};

class MemoryWork : public UnitOfWork {
public:
    explicit MemoryWork(Shared& shared) : shared_(shared), lock_(shared.mutex) {}
    ~MemoryWork() override { journal_.roll_back(); }
    MemoryWork(MemoryWork const&) = delete;
    MemoryWork& operator=(MemoryWork const&) = delete;

    Partners& partners() override { return partners_; }
    Accounts& accounts() override { return accounts_; }
    LoginLinks& login_links() override { return login_links_; }
    Sessions& sessions() override { return sessions_; }
    Codes& codes() override { return codes_; }
    RepeatedRequests& repeated_requests() override { return repeated_requests_; }
    PasswordLinks& password_links() override { return password_links_; }
    Passwords& passwords() override { return passwords_; }
    AuthCodes& auth_codes() override { return auth_codes_; }
    EmailChanges& email_changes() override { return email_changes_; }
    Consents& consents() override { return consents_; }
    Causes& causes() override { return causes_; }
    Organisations& organisations() override { return organisations_; }
    TokenIssuers& token_issuers() override { return token_issuers_; }
    Identities& identities() override { return identities_; }
    UsedTokens& used_tokens() override { return used_tokens_; }
    Outbox& outbox() override { return outbox_; }
    AuditTrail& audit() override { return audit_; }

    void commit() override
    {
        if (shared_.group)
            journal_.hand_over(*shared_.group);
        journal_.forget();
    }

private:
    Shared& shared_;
    std::unique_lock<std::recursive_mutex> lock_;
    Journal journal_;
    MemoryPartners partners_{shared_.state, journal_};
    MemoryAccounts accounts_{shared_.state, journal_};
    MemoryLoginLinks login_links_{shared_.state, journal_};
    MemorySessions sessions_{shared_.state, journal_};
    MemoryCodes codes_{shared_.state, journal_};
    MemoryRepeatedRequests repeated_requests_{shared_.state, journal_};
    MemoryPasswordLinks password_links_{shared_.state, journal_};
    MemoryPasswords passwords_{shared_.state, journal_};
    MemoryAuthCodes auth_codes_{shared_.state, journal_};
    MemoryEmailChanges email_changes_{shared_.state, journal_};
    MemoryConsents consents_{shared_.state, journal_};
    MemoryCauses causes_{shared_.state, journal_};
    MemoryOrganisations organisations_{shared_.state, journal_};
    MemoryTokenIssuers token_issuers_{shared_.state, journal_};
    MemoryIdentities identities_{shared_.state, journal_};
    MemoryUsedTokens used_tokens_{shared_.state, journal_};
    MemoryOutbox outbox_{shared_.state, journal_};
    MemoryAuditTrail audit_{shared_.state, journal_};
};

class MemoryGroup : public Group {
public:
    explicit MemoryGroup(Shared& shared) : shared_(shared), lock_(shared.mutex) { shared_.group = &journal_; }
    ~MemoryGroup() override
    {
        shared_.group = nullptr;
        journal_.roll_back();
    }
    MemoryGroup(MemoryGroup const&) = delete;
    MemoryGroup& operator=(MemoryGroup const&) = delete;

    void commit() override { journal_.forget(); }

private:
    Shared& shared_;
    std::unique_lock<std::recursive_mutex> lock_;
    Journal journal_;
};

class MemoryStorage : public Storage {
public:
    std::unique_ptr<UnitOfWork> begin() override { return std::make_unique<MemoryWork>(shared_); }
    std::unique_ptr<UnitOfWork const> begin_reading() override { return std::make_unique<MemoryWork const>(shared_); }
    std::unique_ptr<Group> begin_group() override { return std::make_unique<MemoryGroup>(shared_); }

private:
    Shared shared_;
};

}

}

std::unique_ptr<Storage> open_memory()
{
    return std::make_unique<memory::MemoryStorage>();
}

}
