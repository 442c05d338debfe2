// The bare limit of PostgreSQL: the statements of an operation through libpq, over some connections, each in a thread of
// its own; what does not wait for something else goes out together. Statements come in two sets: `same-` are those that
// the library runs, on its tables (libonboard/src/postgres/*_stores.cpp); `lean-` are one statement an operation, on
// tables made for it (people.py), and may go in groups.
#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include <libpq-fe.h>

#include "benchmark/tool.hpp"

namespace onboard::benchmark {

namespace {

constexpr std::string_view usage = R"(raw_postgres --url URL --operation NAME [options]

  --operation NAME    same-login-new, same-login-known, same-redeem, same-open-session, same-session, same-sms,
                      same-auth, same-status;
                      lean-login-new, lean-login-known
  --connections N     (16)
  --group N           lean operations a commit (1)
  --seconds S         (1.5); what half a second before them brought is not counted
  --people N          how many people the database has (10000)
  --first N           the number of the first new person (people + 1)
  --links N           how many links or codes are made first to be used (100000))";

using Values = std::vector<std::string>;

// A connection in pipeline mode. Statements are prepared once, and sent until somebody waits.
class Connection {
public:
    explicit Connection(std::string const& url) : handle_(PQconnectdb(url.c_str()))
    {
        if (PQstatus(handle_) != CONNECTION_OK || PQenterPipelineMode(handle_) != 1)
            fail();
    }
    ~Connection() { PQfinish(handle_); }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    void send(std::string const& sql, Values const& values = {})
    {
        auto const [statement, fresh] = statements_.try_emplace(sql, "s" + std::to_string(statements_.size()));
        auto const& name = statement->second;
        if (fresh && PQsendPrepare(handle_, name.c_str(), sql.c_str(), 0, nullptr) != 1)
            fail();
        std::vector<char const*> texts;
        for (auto const& value : values)
            texts.push_back(value.c_str());
        auto const count = static_cast<int>(texts.size());
        if (PQsendQueryPrepared(handle_, name.c_str(), count, texts.data(), nullptr, nullptr, 0) != 1)
            fail();
    }

    // Waits for everything. The first column of the first row of the last statement that can have rows.
    std::string wait()
    {
        if (PQpipelineSync(handle_) != 1)
            fail();
        std::string found;
        for (;;) {
            std::unique_ptr<PGresult, decltype(&PQclear)> const result(PQgetResult(handle_), &PQclear);
            if (!result)
                continue;
            switch (PQresultStatus(result.get())) {
            case PGRES_PIPELINE_SYNC: return found;
            case PGRES_COMMAND_OK: break;
            case PGRES_TUPLES_OK: found = PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : ""; break;
            default: throw std::runtime_error(std::string("PostgreSQL: ") + PQresultErrorMessage(result.get()));
            }
        }
    }

    std::string ask(std::string const& sql, Values const& values = {})
    {
        send(sql, values);
        return wait();
    }

private:
    [[noreturn]] void fail() { throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(handle_)); }

    PGconn* handle_;
    std::map<std::string, std::string> statements_;
};

std::string const handle = "e79c851c-7349-4ae3-8f32-45510c99c219";
std::string const additional = R"({"site": "Brussels", "costCentre": 4711, "tags": ["a", "b"]})";
std::string const now = "1800000000000";
std::string const later = "4000000000000";

// What is counted, as the library has it: Purpose.
std::string const phone_purpose = "15";
std::string const client_purpose = "19";
std::string const range_purpose = "20";
std::string const range_day_purpose = "21";
std::string const day_purpose = "22";
std::string const look_up_purpose = "23";

// Numbers that differ in their last four digits only.
std::string range_of(std::string const& phone)
{
    return phone.substr(0, phone.size() - 4);
}

// A digest in the text form of bytes.
std::string made_up_digest(std::int64_t number)
{
    constexpr int words = 4;
    std::string text = "\\x";
    for (int word = 0; word < words; ++word) {
        char digits[17];
        auto const value = static_cast<unsigned long long>(scattered(number * words + word)) * 0x9e3779b97f4a7c15;
        std::snprintf(digits, sizeof(digits), "%016llx", value);
        text += digits;
    }
    return text;
}

std::string const begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
std::string const begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
std::string const find_plan = "SELECT code, partner, closed_at FROM plans WHERE code = $1";
std::string const insert_account =
    "INSERT INTO accounts (handle, email, email_key, first_name, last_name, language, status, generation, created_at,"
    " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id";
std::string const select_account =
    "SELECT id, handle, email, first_name, last_name, language, status, generation, created_at, updated_at"
    " FROM accounts";
std::string const hold_account_by_email = select_account + " WHERE email_key = $1 FOR NO KEY UPDATE";
std::string const hold_account = select_account + " WHERE id = $1 FOR NO KEY UPDATE";
std::string const find_account = select_account + " WHERE id = $1";
std::string const find_enrolment =
    "SELECT plan, contract_type, person_id, personnel_number, additional_data FROM enrolments"
    " WHERE account = $1 AND partner = $2";
std::string const enrol =
    "WITH updated AS (UPDATE enrolments SET plan = $1, contract_type = $2, person_id = $3, personnel_number = $4,"
    " additional_data = $5, updated_at = $6 WHERE account = $7 AND partner = $8 AND NOT EXISTS (SELECT FROM "
    "enrolments"
    " AS other WHERE other.partner = $8 AND other.person_id = $3 AND other.account <> $7) RETURNING 1),"
    " inserted AS (INSERT INTO enrolments (plan, contract_type, person_id, personnel_number, additional_data,"
    " updated_at, account, partner) SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (SELECT FROM enrolments"
    " WHERE account = $7 AND partner = $8) ON CONFLICT DO NOTHING RETURNING 1)"
    " SELECT 1 FROM updated UNION ALL SELECT 1 FROM inserted";
std::string const insert_link =
    "INSERT INTO login_links (id, account, partner, generation, digest, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
std::string const find_link =
    "SELECT account, login_links.partner, generation, digest, expires_at, used_at, first_name, last_name, language,"
    " plan, contract_type, person_id, personnel_number, additional_data"
    " FROM login_links LEFT JOIN login_link_proposals ON link = id WHERE id = $1";
std::string const spend_link =
    "UPDATE login_links SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at > $1";
std::string const find_partner = "SELECT id, name, rights, link_existing, created_at FROM partners WHERE id = $1";
std::string const insert_session =
    "INSERT INTO sessions (id, account, partner, generation, digest, opened_at, seen_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)";
std::string const find_session =
    "SELECT account, partner, generation, digest, opened_at, seen_at, ended FROM sessions WHERE id = $1";
std::string const hold_codes = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || $1, $2))";
std::string const find_sends =
    "SELECT sent_at FROM code_sends WHERE subject = $1 AND purpose = $2 AND sent_at > $3 ORDER BY sent_at DESC";
std::string const insert_send = "INSERT INTO code_sends (subject, purpose, sent_at) VALUES ($1, $2, $3)";
std::string const count_tries =
    "INSERT INTO code_tries AS tries (subject, purpose, used, window_ends) VALUES ($1, $2, $5, $4)"
    " ON CONFLICT (subject, purpose) DO UPDATE SET used = CASE WHEN tries.window_ends > $3 THEN tries.used ELSE 0 END"
    " + $5, window_ends = CASE WHEN tries.window_ends > $3 THEN tries.window_ends ELSE $4 END"
    " RETURNING used, window_ends";
std::string const give_back_try =
    "UPDATE code_tries SET used = used - 1 WHERE subject = $1 AND purpose = $2 AND used > 0";
std::string const insert_code =
    "INSERT INTO codes (purpose, subject, binding, digest, expires_at) VALUES ($1, $2, $3, $4, $5)";
std::string const drop_codes = "DELETE FROM codes WHERE subject = $1 AND purpose = $2 AND id NOT IN"
                               " (SELECT id FROM codes WHERE subject = $1 AND purpose = $2 ORDER BY id DESC LIMIT 2)";
std::string const find_codes =
    "SELECT id, binding, digest, expires_at FROM codes WHERE subject = $1 AND purpose = $2 AND expires_at > $3"
    " AND used_at IS NULL ORDER BY id DESC";
std::string const spend_code = "UPDATE codes SET used_at = $2 WHERE id = $1 AND expires_at > $2 AND used_at IS NULL";
std::string const insert_letter =
    "INSERT INTO outbox (letter_id, channel, kind, recipient, recipient_key, language, first_name, partner,"
    " expires_at, sealed_secret, added_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
std::string const hold_account_by_phone = select_account + " WHERE phone_key = $1 FOR NO KEY UPDATE";
std::string const insert_account_by_phone =
    "INSERT INTO accounts (handle, phone, phone_key, language, status, number, generation, created_at, updated_at)"
    " VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT DO NOTHING RETURNING id";
std::string const insert_consent =
    "INSERT INTO consents (account, agreement, version, partner, given_at) VALUES ($1, $2, $3, $4, $5)";
std::string const put_auth_code =
    "INSERT INTO auth_codes (account, partner, digest, expires_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (account) DO UPDATE SET partner = $2, digest = $3, expires_at = $4";
std::string const are_registered =
    "SELECT phone_key FROM accounts WHERE phone_key = ANY ($1::text[]) AND status = $2";
std::string const lean_login =
    "WITH person AS (INSERT INTO lean.people (email, first_name, last_name, language, contract_type, plan, person_id,"
    " personnel_number, additional_data, created_at, updated_at) VALUES ($1, 'Jane', 'Johansson', 'FR', 'clerk',"
    " 'PLAN-A', $2, $3, '{\"site\": \"Brussels\", \"costCentre\": 4711, \"tags\": [\"a\", \"b\"]}', now(), now())"
    " ON CONFLICT (email) DO UPDATE SET first_name = excluded.first_name, personnel_number = "
    "excluded.personnel_number,"
    " updated_at = excluded.updated_at, version = people.version + 1 RETURNING id)"
    " INSERT INTO lean.links (digest, person, expires_at) SELECT $4, id, now() + interval '5 min' FROM person"
    " RETURNING id";

// What all threads share.
struct World {
    std::string partner;
    std::int64_t people;
    std::int64_t first;
    std::int64_t first_link;  // of those made beforehand, which are in a row
    std::int64_t link_count;
    std::int64_t first_session;
    std::int64_t fresh;  // row numbers from here on are nobody's
};

void log_in(Connection& connection, World const& world, std::int64_t number, std::int64_t turn)
{
    auto const email = address_of(number);
    connection.send(begin);
    connection.send(find_plan, {"PLAN-A"});
    connection.send(insert_account, {handle, email, email, "Jane", "Johansson", "2", "1", "1", now, now});
    auto account = connection.wait();
    if (account.empty()) {
        account = connection.ask(hold_account_by_email, {email});
        connection.send(find_enrolment, {account, world.partner});
    }
    connection.send(
        enrol, {"PLAN-A", "1", "ABC" + std::to_string(number), "A" + std::to_string(turn), additional, now, account,
                world.partner});
    connection.send(
        insert_link, {std::to_string(world.fresh + turn), account, world.partner, "1", made_up_digest(turn), later});
    connection.send("COMMIT");
    connection.wait();
}

void redeem(Connection& connection, World const& world, std::int64_t turn, bool opens_session)
{
    auto const link = std::to_string(world.first_link + turn);
    connection.send(begin);
    auto const account = connection.ask(find_link, {link});
    connection.send(hold_account, {account});
    connection.send(spend_link, {now, link});
    if (opens_session)
        connection.send(
            insert_session,
            {std::to_string(world.fresh + turn), account, world.partner, "1", made_up_digest(turn), now, now});
    connection.send(find_partner, {world.partner});
    connection.send(find_enrolment, {account, world.partner});
    connection.send("COMMIT");
    connection.wait();
}

void count(Connection& connection, std::string const& purpose, std::string const& subject, int times = 1)
{
    connection.ask(count_tries, {subject, purpose, now, later, std::to_string(times)});
}

void text_code(Connection& connection, World const& world, std::int64_t turn)
{
    auto const phone = phone_of(world.first + turn);
    auto const range = range_of(phone);
    connection.send(begin);
    connection.send(hold_codes, {phone, phone_purpose});
    connection.ask(find_sends, {phone, phone_purpose, std::to_string(std::stoll(now) - 86'400'000)});
    connection.send(insert_send, {phone, phone_purpose, now});
    count(connection, client_purpose, "192.0.2.1");
    count(connection, range_day_purpose, range);
    count(connection, range_purpose, range);
    count(connection, day_purpose, "all");
    connection.send(hold_codes, {phone, phone_purpose});
    connection.send(insert_code, {phone_purpose, phone, "counted, sign-in", made_up_digest(turn), later});
    connection.send(drop_codes, {phone, phone_purpose});
    connection.send(
        insert_letter, {made_up_digest(world.first + turn).substr(2), "2", "9", phone, phone, "2", "", "", later,
                        made_up_digest(turn), now});
    connection.send("COMMIT");
    connection.wait();
}

void sign_in(Connection& connection, World const& world, std::int64_t turn)
{
    auto const number = world.first + turn;
    auto const phone = phone_of(number);
    auto const range = range_of(phone);
    connection.send(begin);
    count(connection, phone_purpose, phone);
    connection.ask("COMMIT");
    connection.send(begin);
    connection.send(hold_codes, {phone, phone_purpose});
    auto const code = connection.ask(find_codes, {phone, phone_purpose, now});
    connection.ask(spend_code, {code, now});
    auto account = connection.ask(hold_account_by_phone, {phone});
    if (account.empty())
        account = connection.ask(
            insert_account_by_phone, {handle, phone, "2", "1", std::to_string(scattered(number) << 20), "1", now});
    connection.send(give_back_try, {phone, phone_purpose});
    connection.send(give_back_try, {range, range_day_purpose});
    connection.send(give_back_try, {range, range_purpose});
    connection.send(insert_consent, {account, "1", "1", world.partner, now});
    connection.send(insert_consent, {account, "2", "1", world.partner, now});
    connection.send(put_auth_code, {account, world.partner, made_up_digest(turn), later});
    connection.send("COMMIT");
    connection.wait();
}

// A hundred numbers, of which half are somebody's.
void look_up(Connection& connection, World const& world, std::int64_t turn)
{
    constexpr std::int64_t hundred = 100;
    std::string phones = "{";
    for (auto mention = turn * hundred; mention < (turn + 1) * hundred; ++mention)
        phones += (phones.size() == 1 ? "" : ",") + phone_of(somebody_of(2 * world.people, mention));
    phones += '}';
    connection.send(begin);
    count(connection, look_up_purpose, world.partner, hundred);
    connection.send(are_registered, {phones, "1"});
    connection.send("COMMIT");
    connection.wait();
}

void look_at_session(Connection& connection, World const& world, std::int64_t turn)
{
    connection.send(begin_reading);
    auto const account =
        connection.ask(find_session, {std::to_string(world.first_session + turn % world.link_count)});
    connection.send(find_account, {account});
    connection.send(find_partner, {world.partner});
    connection.send(find_enrolment, {account, world.partner});
    connection.send("COMMIT");
    connection.wait();
}

void send_lean_login(Connection& connection, std::int64_t number, std::int64_t turn)
{
    connection.send(
        lean_login,
        {address_of(number), "ABC" + std::to_string(number), "A" + std::to_string(turn), made_up_digest(turn)});
}

// Runs the turns from one on, as many as a commit has; false when there is nothing left to do.
using Operation = std::function<bool(Connection&, std::int64_t turn)>;

Operation operation_of(std::string const& name, World const& world, std::int64_t group)
{
    auto const number_of = [world, known = name.ends_with("known")](std::int64_t turn) {
        return known ? somebody_of(world.people, turn) : world.first + turn;
    };
    if (name.starts_with("same-login"))
        return [world, number_of](Connection& connection, std::int64_t turn) {
            log_in(connection, world, number_of(turn), turn);
            return true;
        };
    if (name == "same-redeem" || name == "same-open-session")
        return [world, opens = name == "same-open-session"](Connection& connection, std::int64_t turn) {
            if (turn >= world.link_count)
                return false;
            redeem(connection, world, turn, opens);
            return true;
        };
    if (name == "same-auth")
        return [world](Connection& connection, std::int64_t turn) {
            if (turn >= world.link_count)
                return false;
            sign_in(connection, world, turn);
            return true;
        };
    static std::map<std::string, void (*)(Connection&, World const&, std::int64_t)> const endless{
        {"same-session", look_at_session}, {"same-sms", text_code}, {"same-status", look_up}};
    if (auto const found = endless.find(name); found != endless.end())
        return [world, act = found->second](Connection& connection, std::int64_t turn) {
            act(connection, world, turn);
            return true;
        };
    if (name.starts_with("lean-login"))
        return [number_of, group](Connection& connection, std::int64_t turn) {
            if (group > 1)
                connection.send("BEGIN");
            for (auto member = turn; member < turn + group; ++member)
                send_lean_login(connection, number_of(member), member);
            if (group > 1)
                connection.send("COMMIT");
            connection.wait();
            return true;
        };
    throw std::invalid_argument("there is no operation " + name);
}

World prepare(Connection& connection, std::string const& name, Options const& options)
{
    World world{};
    world.people = options.number("people", 10'000);
    world.first = options.number("first", world.people + 1);
    world.link_count = options.number("links", 100'000);
    if (name.starts_with("lean-"))
        return world;
    world.partner = connection.ask("SELECT id FROM partners WHERE name = 'bench'");
    auto const largest =
        connection.ask("SELECT greatest((SELECT max(id) FROM login_links), (SELECT max(id) FROM sessions), 0)");
    world.first_link = world.first_session = std::stoll(largest) + 1;
    world.fresh = world.first_link + world.link_count;
    auto const source = " FROM generate_series(0, " + std::to_string(world.link_count - 1) + ") AS i";
    auto const person = "1 + i::bigint * 2654435761 % " + std::to_string(world.people);
    auto const digest = "decode(repeat(lpad(to_hex(i), 8, '0'), 8), 'hex')";
    if (name == "same-redeem" || name == "same-open-session")
        connection.ask(
            "INSERT INTO login_links (id, account, partner, generation, digest, expires_at) SELECT " +
            std::to_string(world.first_link) + " + i, " + person + ", " + world.partner + ", 1, " + digest + ", " +
            later + source);
    if (name == "same-auth")
        for (std::int64_t turn = 0; turn < world.link_count; ++turn) {
            auto const phone = phone_of(world.first + turn);
            connection.send(insert_code, {phone_purpose, phone, "counted, sign-in", made_up_digest(turn), later});
            if (turn % 1000 == 999)
                connection.wait();
        }
    if (name == "same-session")
        connection.ask(
            "INSERT INTO sessions (id, account, partner, generation, digest, opened_at, seen_at) SELECT " +
            std::to_string(world.first_session) + " + i, " + person + ", " + world.partner + ", 1, " + digest + ", " +
            now + ", " + now + source);
    return world;
}

int measure(Options const& options)
{
    auto const url = options.text("url");
    auto const name = options.text("operation");
    auto const group = options.number("group", 1);
    auto const count = static_cast<std::size_t>(options.number("connections", 16));
    auto const seconds = options.seconds("seconds", 1.5);
    auto const warm_up = std::min(seconds, 0.5);

    Connection first_connection(url);
    auto const world = prepare(first_connection, name, options);
    auto const operation = operation_of(name, world, group);

    std::atomic<std::int64_t> turns = 0;
    std::atomic<std::int64_t> counted = 0;
    std::vector<std::vector<double>> times(count);
    std::atomic<bool> failed = false;
    std::string trouble;
    auto const began = Clock::now();
    double ended = 0;
    {
        std::vector<std::jthread> threads;
        for (std::size_t number = 0; number < count; ++number)
            threads.emplace_back([&, number] {
                try {
                    Connection connection(url);
                    for (bool more = true; more && !failed && seconds_since(began) < warm_up + seconds;) {
                        auto const warm = seconds_since(began) >= warm_up;
                        auto const turn_began = Clock::now();
                        more = operation(connection, turns.fetch_add(group));
                        if (!more || !warm)
                            continue;
                        times[number].push_back(seconds_since(turn_began));
                        counted += group;
                    }
                } catch (std::exception const& breakdown) {
                    if (!failed.exchange(true))
                        trouble = breakdown.what();
                }
            });
    }
    ended = seconds_since(began) - warm_up;
    if (failed)
        throw std::runtime_error(trouble);

    std::vector<double> all;
    for (auto const& own : times)
        all.insert(all.end(), own.begin(), own.end());
    constexpr double milli = 1e3;
    Report report;
    report.add("operations", turns.load());
    report.add("rate", static_cast<double>(counted) / ended);
    report.add("p50_ms", quantile(all, 0.5) * milli);
    report.add("p99_ms", quantile(all, 0.99) * milli);
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
