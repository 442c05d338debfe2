#include <onboard/postgres_storage.hpp>

#include <algorithm>
#include <mutex>
#include <thread>

#include "../work_counts.hpp"
#include "pool.hpp"
#include "schema.hpp"
#include "stores.hpp"

namespace onboard {

namespace postgres {

namespace {

// The level is said outright, whatever the defaults of the server and its roles are. That a server takes writes is not:
// one that was told to take none means it.
constexpr std::string_view begin_writing = "BEGIN ISOLATION LEVEL READ COMMITTED";
constexpr std::string_view begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

class Stores : public UnitOfWork {
public:
    explicit Stores(Session const& session) : session_(session) {}

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
    std::optional<PartnerOfToken> partner_of(PartnerTokenId id) const override
    {
        return find_partner_of(session_, id);
    }
    std::optional<PersonOfSession> person_of(SessionId id) const override { return find_person_of(session_, id); }

protected:
    void write_down_audit() const { audit_.write_down(); }

private:
    Session session_;
    PostgresPartners partners_{session_};
    PostgresAccounts accounts_{session_};
    PostgresLoginLinks login_links_{session_};
    PostgresSessions sessions_{session_};
    PostgresCodes codes_{session_};
    PostgresRepeatedRequests repeated_requests_{session_};
    PostgresPasswordLinks password_links_{session_};
    PostgresPasswords passwords_{session_};
    PostgresAuthCodes auth_codes_{session_};
    PostgresEmailChanges email_changes_{session_};
    PostgresConsents consents_{session_};
    PostgresCauses causes_{session_};
    PostgresOrganisations organisations_{session_};
    PostgresTokenIssuers token_issuers_{session_};
    PostgresIdentities identities_{session_};
    PostgresUsedTokens used_tokens_{session_};
    PostgresOutbox outbox_{session_};
    PostgresAuditTrail audit_{session_};
};

// The numbers that a storage has at hand for new rows.
struct AllNumbers {
    Numbers login_links{"SELECT nextval('login_links_id_seq')"};
    Numbers sessions{"SELECT nextval('sessions_id_seq')"};
    Numbers password_links{"SELECT nextval('password_links_id_seq')"};

    Session session(Connection& connection, bool writing)
    {
        return {
            .connection = connection,
            .login_link_numbers = login_links,
            .session_numbers = sessions,
            .password_link_numbers = password_links,
            .writing = writing};
    }
};

// A transaction on a connection of its own, begun with its first statement. Undone unless committed.
class Transaction {
public:
    Transaction(Pool& pool, Pool::Use use) : lease_(pool, use)
    {
        connection().ahead(use == Pool::Use::writing ? begin_writing : begin_reading);
    }
    ~Transaction()
    {
        if (!over_ && !connection().take_back())
            connection().undo({"ROLLBACK"});
    }
    Transaction(Transaction const&) = delete;
    Transaction& operator=(Transaction const&) = delete;

    Connection& connection() { return lease_.connection(); }

    void commit()
    {
        if (!connection().take_back())
            connection().commit();
        over_ = true;
    }

private:
    Pool::Lease lease_;
    bool over_ = false;
};

// The base comes first, so that the stores find their connection.
class WritingWork : private Transaction, public Stores {
public:
    WritingWork(Pool& pool, AllNumbers& numbers, WorkCounts& counts)
        : Transaction(pool, Pool::Use::writing), Stores(numbers.session(connection(), true)), counts_(counts)
    {
    }

    void commit() override
    {
        write_down_audit();
        Transaction::commit();
        counts_.note_unit();
        counts_.note_commit();
    }

private:
    WorkCounts& counts_;
};

class ReadingWork : private Transaction, public Stores {
public:
    ReadingWork(Pool& pool, AllNumbers& numbers)
        : Transaction(pool, Pool::Use::reading), Stores(numbers.session(connection(), false))
    {
    }

    void commit() override {}
};

class PostgresGroup;

// Which thread has which group open, so that its units of work join in.
class Groups {
public:
    void add(PostgresGroup& group)
    {
        std::scoped_lock const lock(mutex_);
        open_.emplace_back(std::this_thread::get_id(), &group);
    }

    void remove(PostgresGroup& group)
    {
        std::scoped_lock const lock(mutex_);
        std::erase_if(open_, [&](auto const& entry) { return entry.second == &group; });
    }

    // That of this thread, if it has one.
    PostgresGroup* mine()
    {
        std::scoped_lock const lock(mutex_);
        auto const found = std::ranges::find(open_, std::this_thread::get_id(), &Entry::first);
        return found == open_.end() ? nullptr : found->second;
    }

private:
    using Entry = std::pair<std::thread::id, PostgresGroup*>;

    std::mutex mutex_;
    std::vector<Entry> open_;
};

// A transaction whose parts are savepoints.
class PostgresGroup : public Group {
public:
    PostgresGroup(Pool& pool, Groups& groups, WorkCounts& counts)
        : transaction_(pool, Pool::Use::writing), groups_(groups), counts_(counts)
    {
        groups_.add(*this);
    }
    ~PostgresGroup() override { groups_.remove(*this); }
    PostgresGroup(PostgresGroup const&) = delete;
    PostgresGroup& operator=(PostgresGroup const&) = delete;

    Connection& connection() { return transaction_.connection(); }
    WorkCounts& counts() { return counts_; }

    void commit() override
    {
        transaction_.commit();
        counts_.note_commit();
    }

private:
    Transaction transaction_;
    Groups& groups_;
    WorkCounts& counts_;
};

// A unit of work inside a group: a savepoint in the group's transaction.
class GroupedWork : public Stores {
public:
    GroupedWork(PostgresGroup& group, AllNumbers& numbers)
        : Stores(numbers.session(group.connection(), true)), connection_(group.connection()), counts_(group.counts())
    {
        connection_.ahead("SAVEPOINT work");
    }
    ~GroupedWork() override
    {
        if (!over_ && !connection_.take_back())
            connection_.undo({"ROLLBACK TO work", "RELEASE work"});
    }
    GroupedWork(GroupedWork const&) = delete;
    GroupedWork& operator=(GroupedWork const&) = delete;

    // Waits for what was sent, so that a failure is this member's and nobody else's.
    void commit() override
    {
        if (!connection_.take_back()) {
            write_down_audit();
            connection_.send("RELEASE work");
            connection_.settle();
        }
        over_ = true;
        counts_.note_unit();
    }

private:
    Connection& connection_;
    WorkCounts& counts_;
    bool over_ = false;
};

class PostgresStorage : public Storage {
public:
    PostgresStorage(std::string const& url, PostgresOptions const& options) : pool_(url, options)
    {
        Pool::Lease lease(pool_, Pool::Use::writing);
        prepare_schema(lease.connection(), options);
    }

    std::unique_ptr<UnitOfWork> begin() override
    {
        if (auto* const group = groups_.mine())
            return std::make_unique<GroupedWork>(*group, numbers_);
        return std::make_unique<WritingWork>(pool_, numbers_, counts_);
    }

    std::unique_ptr<UnitOfWork const> begin_reading() override
    {
        return std::make_unique<ReadingWork const>(pool_, numbers_);
    }

    std::unique_ptr<Group> begin_group() override { return std::make_unique<PostgresGroup>(pool_, groups_, counts_); }

    int concurrent_writers() const override { return pool_.writers(); }

    StorageStatistics statistics() const override { return counts_.read(); }

private:
    Pool pool_;
    WorkCounts counts_;
    Groups groups_;
    AllNumbers numbers_;
};

}

}

std::unique_ptr<Storage> open_postgres(std::string const& url, PostgresOptions const& options)
{
    return std::make_unique<postgres::PostgresStorage>(url, options);
}

}
