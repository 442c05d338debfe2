// The bare limit of SQLite: the statements of an operation, in groups of so many a commit, from one thread, and nothing
// else. No library code, no HTTP; digests and handles are made up. Statements come in two sets: `same-` are those that
// the library runs, on its tables (libonboard/src/sqlite/*_stores.cpp); `lean-` are the fewest that could do, on tables
// made for them (people.py).
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <sqlite3.h>

#include "benchmark/tool.hpp"

namespace onboard::benchmark {

namespace {

constexpr std::string_view usage = R"(raw_sqlite --database FILE --operation NAME [options]

  --operation NAME    same-login-new, same-login-known, same-redeem, same-open-session, same-session, same-sms,
                      same-auth, same-status;
                      lean-login-new, lean-login-known, lean-redeem, lean-insert
  --group N           operations a commit (1)
  --seconds S         (1.5); what half a second before them brought is not counted
  --people N          how many people the database has (10000)
  --first N           the number of the first new person (people + 1)
  --links N           how many links or codes are made first to be used (200000)
  --cache N           page cache in MiB (256)
  --checkpoint HOW    beside: a second connection every 200 ms; inline: SQLite's own, at 1000 pages (beside))";

constexpr int digest_size = 32;

[[noreturn]] void fail(sqlite3* handle)
{
    throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(handle));
}

class Database {
public:
    explicit Database(std::string const& path)
    {
        if (sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) !=
            SQLITE_OK)
            fail(handle_);
        sqlite3_busy_timeout(handle_, 5000);
    }
    ~Database() { sqlite3_close(handle_); }
    Database(Database const&) = delete;
    Database& operator=(Database const&) = delete;

    void execute(std::string const& sql)
    {
        if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            fail(handle_);
    }
    sqlite3* handle() const { return handle_; }
    std::int64_t last_id() const { return sqlite3_last_insert_rowid(handle_); }

private:
    sqlite3* handle_ = nullptr;
};

struct Blob {
    void const* bytes;
};
struct Null {};

// A statement that is prepared once.
class Statement {
public:
    Statement(Database& database, std::string const& sql) : handle_(database.handle())
    {
        if (sqlite3_prepare_v3(handle_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) !=
            SQLITE_OK)
            fail(handle_);
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(Statement const&) = delete;
    Statement& operator=(Statement const&) = delete;

    // Runs it to its end. The first column of its first row, or -1 without rows.
    template <class... Values>
    std::int64_t operator()(Values const&... values)
    {
        int index = 0;
        (bind(++index, values), ...);
        std::int64_t first = -1;
        int state = sqlite3_step(statement_);
        if (state == SQLITE_ROW)
            first = sqlite3_column_int64(statement_, 0);
        while (state == SQLITE_ROW)
            state = sqlite3_step(statement_);
        if (state != SQLITE_DONE)
            fail(handle_);
        sqlite3_reset(statement_);
        return first;
    }

private:
    void bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
    void bind(int index, int value) { sqlite3_bind_int64(statement_, index, value); }
    void bind(int index, std::string_view value)
    {
        sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    void bind(int index, Blob value)
    {
        sqlite3_bind_blob(statement_, index, value.bytes, digest_size, SQLITE_STATIC);
    }
    void bind(int index, Null) { sqlite3_bind_null(statement_, index); }

    sqlite3* handle_;
    sqlite3_stmt* statement_ = nullptr;
};

// Thirty-two bytes that look random and belong to a number.
class MadeUpDigest {
public:
    explicit MadeUpDigest(std::int64_t number)
    {
        for (auto& word : words_)
            word = mixed(
                static_cast<std::uint64_t>(number) * std::size(words_) + static_cast<std::size_t>(&word - words_));
    }
    operator Blob() const { return {words_}; }

private:
    static std::uint64_t mixed(std::uint64_t value)
    {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    std::uint64_t words_[4];
};

constexpr std::string_view handle = "e79c851c-7349-4ae3-8f32-45510c99c219";
constexpr std::string_view additional = R"({"site": "Brussels", "costCentre": 4711, "tags": ["a", "b"]})";
constexpr std::int64_t now = 1'800'000'000'000;
constexpr std::int64_t later = 4'000'000'000'000;

// What is counted, as the library has it: Purpose.
constexpr int phone_purpose = 15;
constexpr int client_purpose = 19;
constexpr int range_purpose = 20;
constexpr int range_day_purpose = 21;
constexpr int day_purpose = 22;
constexpr int look_up_purpose = 23;

// Numbers that differ in their last four digits only.
std::string range_of(std::string const& phone)
{
    return phone.substr(0, phone.size() - 4);
}

// What one login tells.
struct Person {
    explicit Person(std::int64_t number, std::int64_t turn)
        : email(address_of(number)),
          person_id("ABC" + std::to_string(number)),
          personnel_number("A" + std::to_string(turn))
    {
    }

    std::string email;
    std::string person_id;
    std::string personnel_number;
};

// The library's statements on the library's tables.
class Same {
public:
    explicit Same(Database& database)
        : database_(database),
          partner_id_(Statement(database, "SELECT id FROM partners WHERE name = 'bench'")()),
          find_plan_(database, "SELECT code, partner, closed_at FROM plans WHERE code = ?"),
          insert_account_(
              database,
              "INSERT INTO accounts (handle, email, email_key, first_name, last_name, language, status, generation,"
              " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
          find_account_by_email_(database, std::string(select_account) + " WHERE email_key = ?"),
          find_account_(database, std::string(select_account) + " WHERE id = ?"),
          find_enrolment_(
              database, "SELECT plan, contract_type, person_id, personnel_number, additional_data FROM enrolments"
                        " WHERE account = ? AND partner = ?"),
          update_enrolment_(
              database,
              "UPDATE enrolments SET plan = ?, contract_type = ?, personnel_number = ?, additional_data = ?,"
              " updated_at = ? WHERE account = ? AND partner = ?"),
          insert_enrolment_(
              database,
              "INSERT OR IGNORE INTO enrolments (plan, contract_type, person_id, personnel_number, additional_data,"
              " updated_at, account, partner) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
          insert_link_(
              database,
              "INSERT INTO login_links (account, partner, generation, digest, expires_at) VALUES (?, ?, ?, ?, ?)"),
          find_link_(
              database,
              "SELECT account, login_links.partner, generation, digest, expires_at, used_at, first_name, last_name,"
              " language, plan, contract_type, person_id, personnel_number, additional_data"
              " FROM login_links LEFT JOIN login_link_proposals ON link = id WHERE id = ?"),
          spend_link_(
              database, "UPDATE login_links SET used_at = ?1 WHERE id = ?2 AND used_at IS NULL AND expires_at > ?1"),
          find_partner_(database, "SELECT id, name, rights, link_existing, created_at FROM partners WHERE id = ?"),
          insert_session_(
              database, "INSERT INTO sessions (account, partner, generation, digest, opened_at, seen_at)"
                        " VALUES (?, ?, ?, ?, ?, ?)"),
          find_session_(
              database,
              "SELECT account, partner, generation, digest, opened_at, seen_at, ended FROM sessions WHERE id = ?"),
          find_sends_(
              database, "SELECT sent_at FROM code_sends WHERE subject = ? AND purpose = ? AND sent_at > ?"
                        " ORDER BY sent_at DESC"),
          insert_send_(database, "INSERT INTO code_sends (subject, purpose, sent_at) VALUES (?, ?, ?)"),
          find_tries_(
              database,
              "SELECT used, window_ends FROM code_tries WHERE subject = ? AND purpose = ? AND window_ends > ?"),
          add_tries_(database, "UPDATE code_tries SET used = used + ?3 WHERE subject = ?1 AND purpose = ?2"),
          begin_tries_(
              database, "INSERT INTO code_tries (subject, purpose, used, window_ends) VALUES (?1, ?2, ?3, ?4)"
                        " ON CONFLICT DO UPDATE SET used = ?3, window_ends = ?4"),
          give_back_try_(
              database, "UPDATE code_tries SET used = used - 1 WHERE subject = ? AND purpose = ? AND used > 0"),
          insert_code_(
              database, "INSERT INTO codes (purpose, subject, binding, digest, expires_at) VALUES (?, ?, ?, ?, ?)"),
          drop_codes_(
              database,
              "DELETE FROM codes WHERE subject = ?1 AND purpose = ?2 AND id <="
              " (SELECT id FROM codes WHERE subject = ?1 AND purpose = ?2 ORDER BY id DESC LIMIT 1 OFFSET 2)"),
          find_codes_(
              database, "SELECT id, binding, digest, expires_at FROM codes WHERE subject = ? AND purpose = ?"
                        " AND expires_at > ? AND used_at IS NULL ORDER BY id DESC"),
          spend_code_(
              database, "UPDATE codes SET used_at = ?2 WHERE id = ?1 AND expires_at > ?2 AND used_at IS NULL"),
          insert_letter_(
              database,
              "INSERT INTO outbox (letter_id, channel, kind, recipient, recipient_key, language, first_name, partner,"
              " expires_at, sealed_secret, added_at, due_at)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)"),
          find_account_by_phone_(database, std::string(select_account) + " WHERE phone_key = ?"),
          insert_account_by_phone_(
              database,
              "INSERT INTO accounts (handle, phone, phone_key, language, status, number, generation, created_at,"
              " updated_at) VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT DO NOTHING"),
          insert_consent_(
              database,
              "INSERT INTO consents (account, agreement, version, partner, given_at) VALUES (?, ?, ?, ?, ?)"),
          put_auth_code_(
              database, "INSERT INTO auth_codes (account, partner, digest, expires_at) VALUES (?1, ?2, ?3, ?4)"
                        " ON CONFLICT DO UPDATE SET partner = ?2, digest = ?3, expires_at = ?4"),
          are_registered_(
              database, "SELECT key FROM json_each(?) WHERE EXISTS (SELECT 1 FROM accounts WHERE phone_key = value)"
                        " AND NOT EXISTS (SELECT 1 FROM accounts INDEXED BY accounts_inactive"
                        " WHERE phone_key = value AND status <> 1)")
    {
    }

    void log_in(std::int64_t number, std::int64_t turn)
    {
        Person const person(number, turn);
        find_plan_("PLAN-A");
        auto const before = sqlite3_total_changes(database_.handle());
        insert_account_(handle, person.email, person.email, "Jane", "Johansson", 2, 1, 1, now, now);
        auto const created = sqlite3_total_changes(database_.handle()) != before;
        auto const account = created ? database_.last_id() : find_account_by_email_(person.email);
        if (find_enrolment_(account, partner_id_) < 0)
            insert_enrolment_(
                "PLAN-A", 1, person.person_id, person.personnel_number, additional, now, account, partner_id_);
        else
            update_enrolment_("PLAN-A", 1, person.personnel_number, additional, now, account, partner_id_);
        issue_link(account, turn);
    }

    std::int64_t issue_link(std::int64_t account, std::int64_t turn)
    {
        insert_link_(account, partner_id_, 1, Blob(MadeUpDigest(turn)), later);
        return database_.last_id();
    }

    void redeem(std::int64_t link)
    {
        auto const account = find_link_(link);
        find_account_(account);
        spend_link_(now, link);
        find_partner_(partner_id_);
        find_enrolment_(account, partner_id_);
    }

    std::int64_t open_session(std::int64_t link)
    {
        auto const account = find_link_(link);
        find_account_(account);
        spend_link_(now, link);
        insert_session_(account, partner_id_, 1, Blob(MadeUpDigest(link)), now, now);
        auto const session = database_.last_id();
        find_partner_(partner_id_);
        find_enrolment_(account, partner_id_);
        return session;
    }

    void look_at(std::int64_t session)
    {
        auto const account = find_session_(session);
        find_account_(account);
        find_partner_(partner_id_);
        find_enrolment_(account, partner_id_);
    }

    std::int64_t text_code(std::int64_t number, std::int64_t turn)
    {
        auto const phone = phone_of(number);
        auto const range = range_of(phone);
        find_sends_(phone, phone_purpose, now - 86'400'000);
        insert_send_(phone, phone_purpose, now);
        count(client_purpose, "192.0.2.1");
        count(range_day_purpose, range);
        count(range_purpose, range);
        count(day_purpose, "all");
        insert_code_(phone_purpose, phone, "counted, sign-in", Blob(MadeUpDigest(turn)), later);
        auto const code = database_.last_id();
        drop_codes_(phone, phone_purpose);
        insert_letter_(letter_id(number), 2, 9, phone, phone, 2, "", "", later, Blob(MadeUpDigest(turn)), now);
        return code;
    }

    void sign_in(std::int64_t code, std::int64_t number, std::int64_t turn)
    {
        auto const phone = phone_of(number);
        auto const range = range_of(phone);
        count(phone_purpose, phone);
        find_codes_(phone, phone_purpose, now);
        spend_code_(code, now);
        auto account = find_account_by_phone_(phone);
        if (account < 0) {
            insert_account_by_phone_(handle, phone, 2, 1, scattered(number) << 20, 1, now);
            account = database_.last_id();
        }
        give_back_try_(phone, phone_purpose);
        give_back_try_(range, range_day_purpose);
        give_back_try_(range, range_purpose);
        insert_consent_(account, 1, "1", partner_id_, now);
        insert_consent_(account, 2, "1", partner_id_, now);
        put_auth_code_(account, partner_id_, Blob(MadeUpDigest(turn)), later);
    }

    // A hundred numbers, of which half are somebody's.
    void look_up(std::int64_t people, std::int64_t turn)
    {
        constexpr std::int64_t hundred = 100;
        std::string phones = "[";
        for (auto mention = turn * hundred; mention < (turn + 1) * hundred; ++mention)
            phones += (phones.size() == 1 ? "\"" : ",\"") + phone_of(somebody_of(2 * people, mention)) + '"';
        phones += ']';
        count(look_up_purpose, std::to_string(partner_id_), hundred);
        are_registered_(phones);
    }

private:
    void count(int purpose, std::string_view subject, std::int64_t times = 1)
    {
        if (find_tries_(subject, purpose, now) < 0)
            begin_tries_(subject, purpose, times, later);
        else
            add_tries_(subject, purpose, times);
    }

    // Scattered all over the index, as random ones are.
    static std::string letter_id(std::int64_t number)
    {
        char text[40];
        std::snprintf(
            text, sizeof(text), "%08llx-7349-4ae3-8f32-45510c99c219",
            static_cast<unsigned long long>(scattered(number)));
        return text;
    }

    static constexpr std::string_view select_account =
        "SELECT id, handle, email, first_name, last_name, language, status, generation, created_at, updated_at"
        " FROM accounts";

    Database& database_;
    std::int64_t partner_id_;
    Statement find_plan_;
    Statement insert_account_;
    Statement find_account_by_email_;
    Statement find_account_;
    Statement find_enrolment_;
    Statement update_enrolment_;
    Statement insert_enrolment_;
    Statement insert_link_;
    Statement find_link_;
    Statement spend_link_;
    Statement find_partner_;
    Statement insert_session_;
    Statement find_session_;
    Statement find_sends_;
    Statement insert_send_;
    Statement find_tries_;
    Statement add_tries_;
    Statement begin_tries_;
    Statement give_back_try_;
    Statement insert_code_;
    Statement drop_codes_;
    Statement find_codes_;
    Statement spend_code_;
    Statement insert_letter_;
    Statement find_account_by_phone_;
    Statement insert_account_by_phone_;
    Statement insert_consent_;
    Statement put_auth_code_;
    Statement are_registered_;
};

// The fewest statements, on tables made for them.
class Lean {
public:
    explicit Lean(Database& database)
        : database_(database),
          upsert_(
              database, insert + " ON CONFLICT (email) DO UPDATE SET first_name = excluded.first_name,"
                                 " last_name = excluded.last_name, language = excluded.language,"
                                 " contract_type = excluded.contract_type, plan = excluded.plan,"
                                 " person_id = excluded.person_id, personnel_number = excluded.personnel_number,"
                                 " additional_data = excluded.additional_data, updated_at = excluded.updated_at,"
                                 " version = version + 1 RETURNING id"),
          insert_(database, insert),
          insert_link_(database, "INSERT INTO links (digest, person, expires_at) VALUES (?, ?, ?)"),
          spend_link_(
              database,
              "UPDATE links SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL AND expires_at > ?2 AND digest = ?3"
              " RETURNING person"),
          insert_session_(database, "INSERT INTO sessions (digest, person, opened_at, ends_at) VALUES (?, ?, ?, ?)")
    {
    }

    void log_in(std::int64_t number, std::int64_t turn)
    {
        Person const person(number, turn);
        auto const id = upsert_(
            person.email, "Jane", "Johansson", "FR", "clerk", "PLAN-A", person.person_id, person.personnel_number,
            additional, Null(), now);
        issue_link(id, turn);
    }

    void add(std::int64_t number, std::int64_t turn)
    {
        Person const person(number, turn);
        insert_(
            person.email, "Jane", "Johansson", "FR", "clerk", "PLAN-A", person.person_id, person.personnel_number,
            additional, Null(), now);
    }

    std::int64_t issue_link(std::int64_t person, std::int64_t turn)
    {
        insert_link_(Blob(MadeUpDigest(turn)), person, later);
        return database_.last_id();
    }

    void redeem(std::int64_t link, std::int64_t turn)
    {
        auto const person = spend_link_(link, now, Blob(MadeUpDigest(turn)));
        if (person < 0)
            throw std::runtime_error("a link was not there to be redeemed");
        insert_session_(Blob(MadeUpDigest(-link)), person, now, later);
    }

private:
    inline static std::string const insert =
        "INSERT INTO people (email, first_name, last_name, language, contract_type, plan, person_id,"
        " personnel_number, additional_data, phone, created_at, updated_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)";

    Database& database_;
    Statement upsert_;
    Statement insert_;
    Statement insert_link_;
    Statement spend_link_;
    Statement insert_session_;
};

// Carries the log over beside the writer. The packaged SQLite has a fault that this may meet and the library must not;
// here the file is thrown away.
class Checkpointer {
public:
    explicit Checkpointer(std::string const& path)
        : thread_([this, path](std::stop_token const& stop) { work(path, stop); })
    {
    }

private:
    void work(std::string const& path, std::stop_token const& stop)
    {
        constexpr std::chrono::milliseconds pause{200};
        Database database(path);
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested()) {
            sqlite3_wal_checkpoint_v2(database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
            changed_.wait_for(lock, stop, pause, [] { return false; });
        }
    }

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::jthread thread_;
};

// One operation, told its turn; false when there is nothing left to do.
using Operation = std::function<bool(std::int64_t turn)>;

void in_transactions(Database& database, std::int64_t count, std::function<void(std::int64_t)> const& action)
{
    constexpr std::int64_t most = 10'000;
    database.execute("BEGIN");
    for (std::int64_t turn = 0; turn < count; ++turn) {
        action(turn);
        if (turn % most == most - 1)
            database.execute("COMMIT; BEGIN");
    }
    database.execute("COMMIT");
}

// Links of people all over, made beforehand.
template <class Statements>
std::vector<std::int64_t>
make_links(Database& database, Statements& statements, std::int64_t people, std::int64_t count)
{
    std::vector<std::int64_t> links;
    in_transactions(database, count, [&](std::int64_t turn) {
        links.push_back(statements.issue_link(somebody_of(people, turn), turn));
    });
    return links;
}

template <class Action>
Operation endless(Action action)
{
    return [action](std::int64_t turn) {
        action(turn);
        return true;
    };
}

template <class Action>
Operation for_each(std::vector<std::int64_t> items, Action action)
{
    return [items = std::move(items), action](std::int64_t turn) {
        if (turn >= static_cast<std::int64_t>(items.size()))
            return false;
        action(items[static_cast<std::size_t>(turn)], turn);
        return true;
    };
}

Operation prepare(std::string const& name, Database& database, Options const& options)
{
    auto const people = options.number("people", 10'000);
    auto const first = options.number("first", people + 1);
    auto const link_count = options.number("links", 200'000);

    if (name.starts_with("same-")) {
        auto const same = std::make_shared<Same>(database);
        if (name == "same-login-new")
            return endless([=](std::int64_t turn) { same->log_in(first + turn, turn); });
        if (name == "same-login-known")
            return endless([=](std::int64_t turn) { same->log_in(somebody_of(people, turn), turn); });
        if (name == "same-sms")
            return endless([=](std::int64_t turn) { same->text_code(first + turn, turn); });
        if (name == "same-status")
            return endless([=](std::int64_t turn) { same->look_up(people, turn); });
        if (name == "same-auth") {
            std::vector<std::int64_t> codes;
            in_transactions(database, link_count, [&](std::int64_t turn) {
                codes.push_back(same->text_code(first + turn, turn));
            });
            return for_each(
                codes, [=](std::int64_t code, std::int64_t turn) { same->sign_in(code, first + turn, turn); });
        }
        auto const links = make_links(database, *same, people, link_count);
        if (name == "same-redeem")
            return for_each(links, [=](std::int64_t link, std::int64_t) { same->redeem(link); });
        if (name == "same-open-session")
            return for_each(links, [=](std::int64_t link, std::int64_t) { same->open_session(link); });
        if (name == "same-session") {
            auto sessions = links;
            in_transactions(database, link_count, [&](std::int64_t turn) {
                auto& item = sessions[static_cast<std::size_t>(turn)];
                item = same->open_session(item);
            });
            return endless([=](std::int64_t turn) {
                same->look_at(sessions[static_cast<std::size_t>(turn) % sessions.size()]);
            });
        }
    }
    if (name.starts_with("lean-")) {
        auto const lean = std::make_shared<Lean>(database);
        if (name == "lean-login-new")
            return endless([=](std::int64_t turn) { lean->log_in(first + turn, turn); });
        if (name == "lean-login-known")
            return endless([=](std::int64_t turn) { lean->log_in(somebody_of(people, turn), turn); });
        if (name == "lean-insert")
            return endless([=](std::int64_t turn) { lean->add(first + turn, turn); });
        if (name == "lean-redeem")
            return for_each(
                make_links(database, *lean, people, link_count),
                [=](std::int64_t link, std::int64_t turn) { lean->redeem(link, turn); });
    }
    throw std::invalid_argument("there is no operation " + name);
}

int measure(Options const& options)
{
    auto const path = options.text("database");
    auto const group = options.number("group", 1);
    auto const seconds = options.seconds("seconds", 1.5);
    auto const warm_up = std::min(seconds, 0.5);

    Database database(path);
    database.execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -" +
        std::to_string(options.number("cache", 256) * 1024));
    auto const beside = options.text("checkpoint", "beside") == "beside";
    if (beside)
        database.execute("PRAGMA wal_autocheckpoint = 0");
    auto const name = options.text("operation");
    auto const operation = prepare(name, database, options);
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)");

    std::optional<Checkpointer> checkpointer;
    if (beside)
        checkpointer.emplace(path);
    Statement begin(database, name == "same-session" ? "BEGIN" : "BEGIN IMMEDIATE");
    Statement commit(database, "COMMIT");

    std::vector<double> commits;
    std::int64_t turn = 0;
    std::int64_t counted_from = 0;
    auto processor_time = own_processor_time();
    auto began = Clock::now();
    bool warm = false;
    bool more = true;
    while (more && (!warm || seconds_since(began) < seconds)) {
        if (!warm && seconds_since(began) >= warm_up) {
            warm = true;
            counted_from = turn;
            commits.clear();
            processor_time = own_processor_time();
            began = Clock::now();
        }
        auto const group_began = Clock::now();
        begin();
        for (std::int64_t member = 0; more && member < group; ++member) {
            more = operation(turn);
            turn += more ? 1 : 0;
        }
        commit();
        commits.push_back(seconds_since(group_began));
    }
    auto const elapsed = seconds_since(began);
    auto const count = static_cast<double>(turn - counted_from);

    constexpr double milli = 1e3;
    constexpr double micro = 1e6;
    Report report;
    report.add("operations", turn - counted_from);
    report.add("rate", count / elapsed);
    report.add("commits", static_cast<std::int64_t>(commits.size()));
    report.add("p50_ms", quantile(commits, 0.5) * milli);
    report.add("p99_ms", quantile(commits, 0.99) * milli);
    report.add("cpu_us", (own_processor_time() - processor_time) * micro / count);
    report.print();
    return 0;
}

}

}

int main(int argc, char** argv)
{
    using namespace onboard::benchmark;
    if (argc < 2) {
        std::cerr << usage << '\n';
        return 2;
    }
    return run(argc, argv, measure);
}
