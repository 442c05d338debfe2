#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// How a database came to be what it is, for both kinds of database from one list.
namespace onboard {

// Brings a database from the version before it. A step that was ever released is never changed.
struct Migration {
    int number;
    std::string_view name;
    char const* sqlite;
    char const* postgres;
};

// By what a step is told from one that was changed: FNV-1a over 64 bits of its text, since changes are mistakes and no
// attacks.
constexpr std::uint64_t checksum_of(std::string_view step) noexcept
{
    std::uint64_t sum = 0xcbf29ce484222325;
    for (auto const letter : step)
        sum = (sum ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    return sum;
}

// Rows that come and go with every request are keyed by a number that counts up, so that a group of commits touches the
// last page of the table and not a page each; such numbers are reserved in blocks. Times are milliseconds since 1970 in
// UTC. Columns that every login writes refer to partners without a foreign key: partners are never deleted, and the key
// would cost a look-up a row in SQLite, and in PostgreSQL have all logins of a partner lock its one row.
//
// In PostgreSQL, text that nobody but a partner, an identity provider or the host understands is bytes, since text there
// cannot hold everything, and somebody may look for anything. Bytes are compared exactly, as is text with collation C.
//
// A letter that waits, in state 1, is in one index of the outbox, and one that is buried in the other. An account that is
// not active, with status 1, is in an index of its own: whether a number is registered is told by two indexes, of which
// one is nearly empty, without a look at the account.
inline constexpr std::array migrations{
    Migration{
        .number = 1,
        .name = "people, partners, links, sessions, codes and letters",
        .sqlite =
            R"sql(
CREATE TABLE partners (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    rights INTEGER NOT NULL,
    link_existing INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE partner_tokens (
    id INTEGER PRIMARY KEY,
    partner INTEGER NOT NULL REFERENCES partners,
    digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX partner_tokens_live ON partner_tokens (partner) WHERE revoked_at IS NULL;

CREATE TABLE plans (
    code TEXT PRIMARY KEY,
    partner INTEGER NOT NULL REFERENCES partners,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    handle TEXT NOT NULL,
    email TEXT,
    email_key TEXT UNIQUE,  -- none once the address was released
    email_verified INTEGER NOT NULL DEFAULT 0,
    phone TEXT,
    phone_key TEXT,  -- none once the number was released
    first_name TEXT,
    last_name TEXT,  -- empty for a name in one part, none where there is no name
    language INTEGER NOT NULL,
    status INTEGER NOT NULL,
    number INTEGER,
    push_token TEXT,  -- none in place of an empty one
    user_name TEXT,  -- never released
    channel TEXT,  -- none without a membership; one of them is known without being in channels
    organisation TEXT,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX accounts_phone ON accounts (phone_key) WHERE phone_key IS NOT NULL;
CREATE UNIQUE INDEX accounts_number ON accounts (number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX accounts_user_name ON accounts (user_name) WHERE user_name IS NOT NULL;

CREATE TABLE enrolments (
    account INTEGER NOT NULL REFERENCES accounts,
    partner INTEGER NOT NULL,
    plan TEXT,
    contract_type INTEGER,
    person_id TEXT,
    personnel_number TEXT,
    additional_data TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account, partner)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX enrolments_person_id ON enrolments (partner, person_id) WHERE person_id IS NOT NULL;

CREATE TABLE numbers (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO numbers VALUES ('login_links', 0), ('sessions', 0), ('codes', 0), ('password_links', 0);

CREATE TABLE login_links (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    partner INTEGER,
    generation INTEGER NOT NULL,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE TABLE login_link_proposals (
    link INTEGER PRIMARY KEY REFERENCES login_links ON DELETE CASCADE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    language INTEGER NOT NULL,
    plan TEXT,
    contract_type INTEGER,
    person_id TEXT,
    personnel_number TEXT,
    additional_data TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    partner INTEGER,
    generation INTEGER NOT NULL,
    digest BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE codes (
    id INTEGER PRIMARY KEY,
    purpose INTEGER NOT NULL,
    subject TEXT NOT NULL,
    binding TEXT NOT NULL,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX codes_subject ON codes (subject, purpose);

CREATE TABLE code_tries (
    subject TEXT NOT NULL,
    purpose INTEGER NOT NULL,
    used INTEGER NOT NULL,
    window_ends INTEGER NOT NULL,
    PRIMARY KEY (subject, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX code_tries_window ON code_tries (window_ends);

CREATE TABLE code_sends (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    purpose INTEGER NOT NULL,
    sent_at INTEGER NOT NULL
) STRICT;
CREATE INDEX code_sends_subject ON code_sends (subject, purpose, sent_at);

CREATE TABLE repeated_requests (
    partner INTEGER NOT NULL REFERENCES partners,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    answer TEXT NOT NULL,
    claimed_at INTEGER NOT NULL,
    PRIMARY KEY (partner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX repeated_requests_claimed ON repeated_requests (claimed_at);

CREATE TABLE password_links (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,  -- or one that never was, where somebody asked for a stranger
    partner INTEGER,
    generation INTEGER NOT NULL,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE TABLE passwords (
    account INTEGER PRIMARY KEY REFERENCES accounts,
    sealed BLOB NOT NULL,
    set_at INTEGER NOT NULL
) STRICT;

CREATE TABLE auth_codes (
    account INTEGER PRIMARY KEY REFERENCES accounts,
    partner INTEGER NOT NULL,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX auth_codes_expiry ON auth_codes (expires_at);

CREATE TABLE email_changes (
    account INTEGER PRIMARY KEY REFERENCES accounts,
    email TEXT NOT NULL,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX email_changes_expiry ON email_changes (expires_at);

CREATE TABLE consents (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    agreement INTEGER NOT NULL,
    version TEXT NOT NULL,
    partner INTEGER,
    given_at INTEGER NOT NULL
) STRICT;
CREATE INDEX consents_account ON consents (account);

CREATE TABLE causes (
    partner INTEGER NOT NULL,
    digest BLOB NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (partner, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX causes_noted ON causes (noted_at);

CREATE TABLE channels (
    name TEXT PRIMARY KEY,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organisations (
    name TEXT PRIMARY KEY,
    channel TEXT NOT NULL REFERENCES channels,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token_issuers (
    name TEXT PRIMARY KEY,
    public_key TEXT NOT NULL,
    channel TEXT NOT NULL,
    audience TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account INTEGER NOT NULL REFERENCES accounts,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_account ON identities (account);

CREATE TABLE used_tokens (
    digest BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_tokens_expiry ON used_tokens (expires_at);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    letter_id TEXT NOT NULL UNIQUE,
    channel INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    language INTEGER NOT NULL,
    first_name TEXT NOT NULL,
    partner TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    sealed_secret BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 1,
    attempts INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0,  -- goes up when a claim begins and when it ends
    reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_due ON outbox (channel, due_at) WHERE state = 1;
CREATE INDEX outbox_buried ON outbox (due_at) WHERE state <> 1;

CREATE TABLE audit_strands (
    strand INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;

CREATE TABLE audit_entries (
    strand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event INTEGER NOT NULL,
    account INTEGER,
    partner INTEGER,
    detail TEXT NOT NULL,
    tag BLOB NOT NULL,
    PRIMARY KEY (strand, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_entries_stay_as_they_are BEFORE UPDATE ON audit_entries
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
)sql",
        .postgres =
            R"sql(
CREATE TABLE partners (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    rights smallint NOT NULL,
    link_existing smallint NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE partner_tokens (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    partner bigint NOT NULL REFERENCES partners,
    digest bytea NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint
);
CREATE INDEX partner_tokens_live ON partner_tokens (partner) WHERE revoked_at IS NULL;

CREATE TABLE plans (
    code text COLLATE "C" PRIMARY KEY,
    partner bigint NOT NULL REFERENCES partners,
    created_at bigint NOT NULL,
    closed_at bigint
);

CREATE TABLE accounts (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    handle text NOT NULL,
    email text,
    email_key text COLLATE "C" UNIQUE,  -- none once the address was released
    email_verified smallint NOT NULL DEFAULT 0,
    phone text,
    phone_key text COLLATE "C",  -- none once the number was released
    first_name text,
    last_name text,  -- empty for a name in one part, none where there is no name
    language smallint NOT NULL,
    status smallint NOT NULL,
    number bigint,
    push_token bytea,  -- none in place of an empty one
    user_name text COLLATE "C",  -- never released
    channel text COLLATE "C",  -- none without a membership; one of them is known without being in channels
    organisation text COLLATE "C",
    generation integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX accounts_phone ON accounts (phone_key) WHERE phone_key IS NOT NULL;
CREATE UNIQUE INDEX accounts_number ON accounts (number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX accounts_user_name ON accounts (user_name) WHERE user_name IS NOT NULL;

CREATE TABLE enrolments (
    account bigint NOT NULL REFERENCES accounts,
    partner bigint NOT NULL,
    plan text,
    contract_type smallint,
    person_id text COLLATE "C",
    personnel_number text,
    additional_data bytea NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (account, partner)
);
CREATE UNIQUE INDEX enrolments_person_id ON enrolments (partner, person_id) WHERE person_id IS NOT NULL;

CREATE TABLE login_links (
    id bigint GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 64) PRIMARY KEY,
    account bigint NOT NULL REFERENCES accounts,
    partner bigint,
    generation integer NOT NULL,
    digest bytea NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);

CREATE TABLE login_link_proposals (
    link bigint PRIMARY KEY REFERENCES login_links ON DELETE CASCADE,
    first_name text NOT NULL,
    last_name text NOT NULL,
    language smallint NOT NULL,
    plan text,
    contract_type smallint,
    person_id text,
    personnel_number text,
    additional_data bytea NOT NULL
);

CREATE TABLE sessions (
    id bigint GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 64) PRIMARY KEY,
    account bigint NOT NULL REFERENCES accounts,
    partner bigint,
    generation integer NOT NULL,
    digest bytea NOT NULL,
    opened_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    ended smallint NOT NULL DEFAULT 0
);

CREATE TABLE codes (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    purpose smallint NOT NULL,
    subject text COLLATE "C" NOT NULL,
    binding text NOT NULL,
    digest bytea NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);
CREATE INDEX codes_subject ON codes (subject, purpose);

CREATE TABLE code_tries (
    subject text COLLATE "C" NOT NULL,
    purpose smallint NOT NULL,
    used integer NOT NULL,
    window_ends bigint NOT NULL,
    PRIMARY KEY (subject, purpose)
);
CREATE INDEX code_tries_window ON code_tries (window_ends);

CREATE TABLE code_sends (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    subject text COLLATE "C" NOT NULL,
    purpose smallint NOT NULL,
    sent_at bigint NOT NULL
);
CREATE INDEX code_sends_subject ON code_sends (subject, purpose, sent_at);

CREATE TABLE repeated_requests (
    partner bigint NOT NULL,
    key bytea NOT NULL,
    request bytea NOT NULL,
    answer bytea NOT NULL,
    claimed_at bigint NOT NULL,
    PRIMARY KEY (partner, key)
);
CREATE INDEX repeated_requests_claimed ON repeated_requests (claimed_at);

CREATE TABLE password_links (
    id bigint GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 64) PRIMARY KEY,
    account bigint NOT NULL,  -- or one that never was, where somebody asked for a stranger
    partner bigint,
    generation integer NOT NULL,
    digest bytea NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);

CREATE TABLE passwords (
    account bigint PRIMARY KEY REFERENCES accounts,
    sealed bytea NOT NULL,
    set_at bigint NOT NULL
);

CREATE TABLE auth_codes (
    account bigint PRIMARY KEY REFERENCES accounts,
    partner bigint NOT NULL,
    digest bytea NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX auth_codes_expiry ON auth_codes (expires_at);

CREATE TABLE email_changes (
    account bigint PRIMARY KEY REFERENCES accounts,
    email text NOT NULL,
    digest bytea NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX email_changes_expiry ON email_changes (expires_at);

CREATE TABLE consents (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    account bigint NOT NULL REFERENCES accounts,
    agreement smallint NOT NULL,
    version text NOT NULL,
    partner bigint,
    given_at bigint NOT NULL
);
CREATE INDEX consents_account ON consents (account);

CREATE TABLE causes (
    partner bigint NOT NULL,
    digest bytea NOT NULL,
    noted_at bigint NOT NULL,
    PRIMARY KEY (partner, digest)
);
CREATE INDEX causes_noted ON causes (noted_at);

CREATE TABLE channels (
    name text COLLATE "C" PRIMARY KEY,
    added_at bigint NOT NULL
);

CREATE TABLE organisations (
    name text COLLATE "C" PRIMARY KEY,
    channel text COLLATE "C" NOT NULL REFERENCES channels,
    added_at bigint NOT NULL
);

CREATE TABLE token_issuers (
    name bytea PRIMARY KEY,
    public_key bytea NOT NULL,
    channel text COLLATE "C" NOT NULL,
    audience bytea NOT NULL,
    added_at bigint NOT NULL
);

CREATE TABLE identities (
    issuer bytea NOT NULL,
    subject bytea NOT NULL,
    account bigint NOT NULL REFERENCES accounts,
    linked_at bigint NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_account ON identities (account);

CREATE TABLE used_tokens (
    digest bytea PRIMARY KEY,
    expires_at bigint NOT NULL
);
CREATE INDEX used_tokens_expiry ON used_tokens (expires_at);

CREATE TABLE outbox (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    letter_id text COLLATE "C" NOT NULL UNIQUE,
    channel smallint NOT NULL,
    kind smallint NOT NULL,
    recipient text NOT NULL,
    recipient_key text COLLATE "C" NOT NULL,
    language smallint NOT NULL,
    first_name text NOT NULL,
    partner text NOT NULL,
    expires_at bigint NOT NULL,
    sealed_secret bytea NOT NULL,
    added_at bigint NOT NULL,
    due_at bigint NOT NULL,
    state smallint NOT NULL DEFAULT 1,
    attempts integer NOT NULL DEFAULT 0,
    fence integer NOT NULL DEFAULT 0,  -- goes up when a claim begins and when it ends
    reason bytea NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (channel, due_at) WHERE state = 1;
CREATE INDEX outbox_buried ON outbox (due_at) WHERE state <> 1;

CREATE TABLE audit_strands (
    strand integer PRIMARY KEY,
    last bigint NOT NULL,
    seal bytea NOT NULL
);

CREATE TABLE audit_entries (
    strand integer NOT NULL,
    number bigint NOT NULL,
    at bigint NOT NULL,
    event smallint NOT NULL,
    account bigint,
    partner bigint,
    detail text NOT NULL,
    tag bytea NOT NULL,
    PRIMARY KEY (strand, number)
);
CREATE FUNCTION keep_audit_entries() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN RAISE EXCEPTION ''the audit trail is append-only''; END';
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_entries();
)sql"},
    Migration{
        .number = 2,
        .name = "letters by recipient",
        .sqlite = "CREATE INDEX outbox_recipient ON outbox (recipient_key);",
        .postgres = "CREATE INDEX outbox_recipient ON outbox (recipient_key);"},
    Migration{
        .number = 3,
        .name = "accounts that are not active, by telephone number",
        .sqlite = "CREATE INDEX accounts_inactive ON accounts (phone_key) WHERE status <> 1;",
        .postgres = ""},  // where this is not what takes the time
};

}
