#include <onboard/sqlite_storage.hpp>

#include <sqlite3.h>

#include "stores.hpp"
#include "writer.hpp"

namespace onboard {

namespace sqlite {

namespace {

class Stores : public UnitOfWork {
public:
    // Some questions are better asked of readers, if there are any beside this connection.
    explicit Stores(Connection& connection, Readers* readers = nullptr)
        : connection_(connection), accounts_(connection, readers)
    {
    }

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
        return find_partner_of(connection_, id);
    }
    std::optional<PersonOfSession> person_of(SessionId id) const override { return find_person_of(connection_, id); }

protected:
    Connection& connection_;

private:
    SqlitePartners partners_{connection_};
    SqliteAccounts accounts_;
    SqliteLoginLinks login_links_{connection_};
    SqliteSessions sessions_{connection_};
    SqliteCodes codes_{connection_};
    SqliteRepeatedRequests repeated_requests_{connection_};
    SqlitePasswordLinks password_links_{connection_};
    SqlitePasswords passwords_{connection_};
    SqliteAuthCodes auth_codes_{connection_};
    SqliteEmailChanges email_changes_{connection_};
    SqliteConsents consents_{connection_};
    SqliteCauses causes_{connection_};
    SqliteOrganisations organisations_{connection_};
    SqliteTokenIssuers token_issuers_{connection_};
    SqliteIdentities identities_{connection_};
    SqliteUsedTokens used_tokens_{connection_};
    SqliteOutbox outbox_{connection_};
    SqliteAuditTrail audit_{connection_};
};

// A unit of work of its own, which shares its transaction with others that are there at the same time.
class WritingWork : public Stores {
public:
    explicit WritingWork(Writer& writer) : Stores(writer.connection(), &writer.readers()), writer_(writer)
    {
        writer_.begin();
    }
    ~WritingWork() override
    {
        if (!over_)
            writer_.abandon();
    }
    WritingWork(WritingWork const&) = delete;
    WritingWork& operator=(WritingWork const&) = delete;

    void commit() override
    {
        over_ = true;
        writer_.commit();
    }

private:
    Writer& writer_;
    bool over_ = false;
};

// A unit of work inside a group that its thread has opened.
class GroupedWork : public Stores {
public:
    explicit GroupedWork(Writer& writer) : Stores(writer.connection(), &writer.readers()), writer_(writer)
    {
        writer_.enter();
    }
    ~GroupedWork() override
    {
        if (!over_)
            writer_.take_back();
    }
    GroupedWork(GroupedWork const&) = delete;
    GroupedWork& operator=(GroupedWork const&) = delete;

    void commit() override
    {
        writer_.keep();
        over_ = true;
    }

private:
    Writer& writer_;
    bool over_ = false;
};

class SqliteGroup : public Group {
public:
    explicit SqliteGroup(Writer& writer) : writer_(writer) { writer_.begin_group(); }
    ~SqliteGroup() override
    {
        if (!over_)
            writer_.abandon_group();
    }
    SqliteGroup(SqliteGroup const&) = delete;
    SqliteGroup& operator=(SqliteGroup const&) = delete;

    void commit() override
    {
        over_ = true;
        writer_.commit_group();
    }

private:
    Writer& writer_;
    bool over_ = false;
};

// Reads from one state, which is opened when it is first asked for. The write-ahead log shows a commit to readers only
// after it was synced.
class ReadingWork : public UnitOfWork {
public:
    ReadingWork(Readers& readers, PartnerCache& partner_cache) : readers_(readers), partner_cache_(partner_cache) {}

    Partners& partners() override { return state().partners(); }
    Accounts& accounts() override { return state().accounts(); }
    LoginLinks& login_links() override { return state().login_links(); }
    Sessions& sessions() override { return state().sessions(); }
    Codes& codes() override { return state().codes(); }
    RepeatedRequests& repeated_requests() override { return state().repeated_requests(); }
    PasswordLinks& password_links() override { return state().password_links(); }
    Passwords& passwords() override { return state().passwords(); }
    AuthCodes& auth_codes() override { return state().auth_codes(); }
    EmailChanges& email_changes() override { return state().email_changes(); }
    Consents& consents() override { return state().consents(); }
    Causes& causes() override { return state().causes(); }
    Organisations& organisations() override { return state().organisations(); }
    TokenIssuers& token_issuers() override { return state().token_issuers(); }
    Identities& identities() override { return state().identities(); }
    UsedTokens& used_tokens() override { return state().used_tokens(); }
    Outbox& outbox() override { return state().outbox(); }
    AuditTrail& audit() override { return state().audit(); }
    std::optional<PartnerOfToken> partner_of(PartnerTokenId id) const override
    {
        return partner_cache_.find(id, [&] { return state().partner_of(id); });
    }
    std::optional<PersonOfSession> person_of(SessionId id) const override { return state().person_of(id); }
    void commit() override {}

private:
    class ReadingStores : public Stores {
    public:
        using Stores::Stores;
        void commit() override {}
    };

    Stores& state() const
    {
        if (!stores_) {
            reading_.emplace(readers_);
            stores_.emplace(reading_->connection());
        }
        return *stores_;
    }

    Readers& readers_;
    PartnerCache& partner_cache_;
    std::optional<Reading> mutable reading_;
    std::optional<ReadingStores> mutable stores_;
};

class SqliteStorage : public Storage {
public:
    SqliteStorage(std::filesystem::path const& path, SqliteOptions const& options) : writer_(path, options) {}

    std::unique_ptr<UnitOfWork> begin() override
    {
        if (writer_.in_group())
            return std::make_unique<GroupedWork>(writer_);
        return std::make_unique<WritingWork>(writer_);
    }

    std::unique_ptr<UnitOfWork const> begin_reading() override
    {
        return std::make_unique<ReadingWork const>(writer_.readers(), writer_.partner_cache());
    }

    std::unique_ptr<Group> begin_group() override { return std::make_unique<SqliteGroup>(writer_); }

    StorageStatistics statistics() const override { return writer_.statistics(); }

private:
    Writer writer_;
};

}

}

namespace {

// SQLite takes a file that is too short for a database for an empty one, and would write over it. Only the size is
// looked at: to open the file and close it would end the locks that SQLite holds on it in this process.
void refuse_other_content(std::filesystem::path const& path)
{
    constexpr std::uintmax_t smallest_database = 512;
    std::error_code none;
    auto const size = std::filesystem::file_size(path, none);
    if (!none && size > 0 && size < smallest_database)
        throw StorageFailure(path.string() + " is not a database");
}

}

void leave_sqlite_memory_uncounted() noexcept
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

std::unique_ptr<Storage> open_sqlite(std::filesystem::path const& path, SqliteOptions const& options)
{
    std::error_code ignored;
    if (!options.create && std::filesystem::file_size(path, ignored) == static_cast<std::uintmax_t>(-1))
        throw StorageFailure("there is no database " + path.string());
    if (auto const folder = path.parent_path(); !folder.empty() && !std::filesystem::is_directory(folder, ignored))
        throw StorageFailure("there is no folder " + folder.string() + " to keep the database in");
    refuse_other_content(path);
    return std::make_unique<sqlite::SqliteStorage>(path, options);
}

}
