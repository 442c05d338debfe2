#include "connection.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <poll.h>

#include <onboard/error.hpp>

namespace onboard::postgres {

namespace {

using namespace std::string_view_literals;

constexpr int binary = 1;

// What libpq says takes several lines.
std::string one_line(std::string_view text)
{
    std::string line;
    for (auto const character : text) {
        auto const blank = character == '\n' || character == '\t' || character == ' ';
        if (!blank)
            line += character;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    if (line.ends_with(' '))
        line.pop_back();
    return line;
}

std::string_view field(PGresult const* result, int code)
{
    auto const* value = PQresultErrorField(result, code);
    return value == nullptr ? std::string_view() : value;
}

bool failed(PGresult const* result)
{
    auto const status = PQresultStatus(result);
    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_SYNC;
}

// A connection URI's parts, with what we want where it says nothing.
class Parameters {
public:
    explicit Parameters(std::string const& url) : parsed_(PQconninfoParse(url.c_str(), nullptr))
    {
        // What is wrong with it is not repeated: it may be the password.
        if (!parsed_)
            throw StorageFailure("database: the URL is not one that PostgreSQL understands");
        for (auto const* option = parsed_.get(); option->keyword != nullptr; ++option)
            if (option->val != nullptr)
                add(option->keyword, option->val);
    }

    void add(std::string keyword, std::string value)
    {
        keywords_.push_back(std::move(keyword));
        values_.push_back(std::move(value));
    }

    void add_unless_given(std::string const& keyword, std::string value)
    {
        if (std::ranges::find(keywords_, keyword) == keywords_.end())
            add(keyword, std::move(value));
    }

    PGconn* connect() const
    {
        auto const pointers = [](std::vector<std::string> const& texts) {
            std::vector<char const*> result;
            result.reserve(texts.size() + 1);
            for (auto const& text : texts)
                result.push_back(text.c_str());
            result.push_back(nullptr);
            return result;
        };
        return PQconnectdbParams(pointers(keywords_).data(), pointers(values_).data(), 0);
    }

private:
    struct Freed {
        void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
    };

    std::unique_ptr<PQconninfoOption, Freed> parsed_;
    std::vector<std::string> keywords_;
    std::vector<std::string> values_;
};

PGconn* connect(std::string const& url, PostgresOptions const& options)
{
    Parameters parameters(url);
    parameters.add_unless_given("application_name", "onboard");
    parameters.add_unless_given("connect_timeout", std::to_string(options.connect_limit.count()));
    parameters.add_unless_given("target_session_attrs", "read-write");
    // A peer that vanished is noticed within a minute.
    parameters.add_unless_given("keepalives_idle", "30");
    parameters.add_unless_given("keepalives_interval", "10");
    parameters.add_unless_given("keepalives_count", "3");
    parameters.add_unless_given("tcp_user_timeout", "30000");
    parameters.add("client_encoding", "UTF8");
    return parameters.connect();
}

// How long the server may say nothing: longer than it may take for anything.
std::chrono::milliseconds answer_limit(PostgresOptions const& options)
{
    constexpr std::chrono::milliseconds grace{5000};
    constexpr std::chrono::milliseconds forever{-1};
    return options.statement_limit.count() == 0 ? forever : options.statement_limit + grace;
}

}

bool Query::is_null(int column) const
{
    return PQgetisnull(answer_.get(), row_, column) != 0;
}

std::int64_t Query::integer(int column) const
{
    auto const big_endian = bytes(column);
    if (big_endian.empty() || big_endian.size() > sizeof(std::int64_t))
        throw StorageFailure("database: a number has the wrong size");
    // The first byte carries the sign.
    auto number = std::int64_t{static_cast<signed char>(big_endian.front())};
    for (auto const byte : big_endian.substr(1))
        number = number * 256 + static_cast<unsigned char>(byte);
    return number;
}

std::string_view Query::bytes(int column) const
{
    return {
        PQgetvalue(answer_.get(), row_, column), static_cast<std::size_t>(PQgetlength(answer_.get(), row_, column))};
}

Instant Query::instant(int column) const
{
    return Instant(std::chrono::milliseconds(integer(column)));
}

Digest Query::digest(int column) const
{
    auto const stored = bytes(column);
    if (stored.size() != Digest::size)
        throw StorageFailure("database: a digest has the wrong size");
    Digest::Bytes digest;
    std::memcpy(digest.data(), stored.data(), digest.size());
    return Digest(digest);
}

Connection::Connection(std::string const& url, PostgresOptions const& options)
    : handle_(connect(url, options)), answer_limit_(answer_limit(options))
{
    if (PQstatus(handle_.get()) != CONNECTION_OK)
        throw StorageFailure("database: " + one_line(PQerrorMessage(handle_.get())));
    PQsetNoticeReceiver(handle_.get(), take_notice, this);
    enter_pipeline();
    configure(options);
    ask_timeline();
}

void Connection::configure(PostgresOptions const& options)
{
    constexpr int oldest = 130'000;
    if (PQserverVersion(handle_.get()) < oldest)
        throw StorageFailure("database: this server is older than PostgreSQL 13");

    auto const milliseconds = [](std::chrono::milliseconds limit) { return std::to_string(limit.count()); };
    auto settings = query(
        "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('server_encoding'),"
        " set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
        " set_config('idle_in_transaction_session_timeout', $3, false),"
        " set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') = 'remote_apply'"
        " THEN 'remote_apply' ELSE 'on' END, false)",
        milliseconds(options.statement_limit), milliseconds(options.lock_limit), milliseconds(options.idle_limit));
    if (!settings.next() || settings.bytes(0) != "on" || settings.bytes(1) != "on")
        throw StorageFailure(
            "database: the server does not write durably: both fsync and full_page_writes must be on");
    if (settings.bytes(2) != "UTF8")
        throw StorageFailure("database: its encoding must be UTF8");
}

void Connection::ask_timeline()
{
    try {
        // The name of a file of the log begins with it.
        auto row = query("SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)");
        if (row.next())
            timeline_ = row.text(0);
    } catch (StorageFailure const&) {
        if (broken_)
            throw;
        // Some who offer PostgreSQL keep their log another way.
    }
}

bool Connection::take_back()
{
    if (ahead_.empty())
        return false;
    ahead_.pop_back();
    return true;
}

void Connection::commit()
{
    // What is known to be lost before the commit is sent did not happen.
    if (hung_up())
        throw_trouble(lost());
    warning_.clear();
    send("COMMIT");
    synchronize();
    auto const [last, trouble] = settle_all();
    auto const committed = last && PQcmdStatus(last.get()) == "COMMIT"sv;
    if (committed && warning_.empty())
        return;
    if (committed)
        throw OutcomeUnknown("database: committed, but perhaps not durably: " + warning_);
    if (!trouble)
        throw StorageFailure("database: the transaction was rolled back");
    if (trouble->fatal)
        throw OutcomeUnknown("database: no answer to a commit: " + trouble->what);
    throw_trouble(*trouble);
}

void Connection::undo(std::initializer_list<std::string_view> statements) noexcept
{
    ahead_.clear();
    audit_end_.forget();
    if (broken_)
        return;
    try {
        // A statement that fails takes along what follows it, up to the next point of synchronization.
        if (!outstanding_.empty() && outstanding_.back().kind != Outstanding::Kind::sync)
            synchronize();
        for (auto const sql : statements)
            enqueue(sql, {});
        synchronize();
        for (auto& outstanding : outstanding_)
            outstanding.quiet = true;
    } catch (std::exception const&) {
        broken_ = true;  // the server undoes what a lost connection had begun
    }
}

bool Connection::hung_up() noexcept
{
    // Once for a last word, and once for the end behind it.
    for (int look = 0; look < 2 && !broken_; ++look) {
        pollfd socket{.fd = PQsocket(handle_.get()), .events = POLLIN, .revents = 0};
        if (::poll(&socket, 1, 0) == 0)
            return false;
        if (PQconsumeInput(handle_.get()) == 0 || PQstatus(handle_.get()) != CONNECTION_OK)
            broken_ = true;
    }
    return broken_;
}

Answer Connection::execute(std::string const& sql)
{
    Answer answer;
    by_hand([&](PGconn* handle) { answer.reset(PQexec(handle, sql.c_str())); });
    check(answer.get());
    return answer;
}

void Connection::check(PGresult const* result)
{
    if (result == nullptr)
        throw_trouble(lost());
    if (failed(result))
        throw_trouble(trouble_of(result));
}

void Connection::enter_pipeline()
{
    if (PQenterPipelineMode(handle_.get()) == 0)
        broken_ = true;
}

void Connection::leave_pipeline()
{
    if (!outstanding_.empty())
        settle();
    if (PQexitPipelineMode(handle_.get()) == 0)
        throw_trouble(lost());
}

void Connection::send_ahead()
{
    for (auto const sql : ahead_)
        enqueue(sql, {});
    ahead_.clear();
}

void Connection::enqueue(std::string_view sql, std::span<Value const> values)
{
    if (broken_)
        throw_trouble(lost());

    std::array<Oid, most_values> types;
    std::array<char const*, most_values> data;
    std::array<int, most_values> sizes;
    std::array<int, most_values> formats;
    formats.fill(binary);
    for (std::size_t index = 0; index < values.size(); ++index) {
        types[index] = values[index].type();
        data[index] = values[index].data();
        sizes[index] = values[index].size();
    }

    auto const count = static_cast<int>(values.size());
    auto& statement = statements_[sql];
    if (statement.name.empty())
        statement.name = "onboard" + std::to_string(statements_.size());
    if (!statement.prepared) {
        if (PQsendPrepare(handle_.get(), statement.name.c_str(), std::string(sql).c_str(), count, types.data()) == 0)
            throw_trouble(lost());
        outstanding_.push_back({.kind = Outstanding::Kind::preparation, .statement = &statement});
        statement.prepared = true;
    }
    if (PQsendQueryPrepared(
            handle_.get(), statement.name.c_str(), count, data.data(), sizes.data(), formats.data(), binary) == 0)
        throw_trouble(lost());
    outstanding_.push_back({.kind = Outstanding::Kind::statement});
}

void Connection::synchronize()
{
    if (PQpipelineSync(handle_.get()) == 0)
        throw_trouble(lost());
    outstanding_.push_back({.kind = Outstanding::Kind::sync});
}

// Reads all that is still to come. `last` is what the last statement answered that did not fail.
Connection::Settlement Connection::settle_all()
{
    Settlement settlement;
    while (!outstanding_.empty()) {
        auto const awaited = outstanding_.front();
        outstanding_.pop_front();
        auto answer = next_answer();
        if (!answer) {
            if (!settlement.trouble)
                settlement.trouble = lost();
            outstanding_.clear();
            break;
        }
        auto const well = !failed(answer.get());
        if (!well && awaited.statement != nullptr)
            awaited.statement->prepared = false;
        if (!well && !awaited.quiet && !settlement.trouble)
            settlement.trouble = trouble_of(answer.get());
        if (well && awaited.kind == Outstanding::Kind::statement)
            settlement.last = std::move(answer);
    }
    return settlement;
}

Answer Connection::settled()
{
    if (outstanding_.empty() || outstanding_.back().kind != Outstanding::Kind::sync)
        synchronize();
    auto settlement = settle_all();
    if (settlement.trouble)
        throw_trouble(*settlement.trouble);
    return std::move(settlement.last);
}

// Nothing if the connection is lost.
Answer Connection::next_answer()
{
    // A null result ends what one statement answered.
    for (int ends = 0; ends < 3; ++ends) {
        if (!wait_for_answer())
            return nullptr;
        if (auto* const result = PQgetResult(handle_.get()))
            return Answer(result);
    }
    return nullptr;
}

bool Connection::wait_for_answer()
{
    while (PQisBusy(handle_.get()) != 0) {
        pollfd socket{.fd = PQsocket(handle_.get()), .events = POLLIN, .revents = 0};
        auto const ready = ::poll(&socket, 1, static_cast<int>(answer_limit_.count()));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        // Twice, since TLS may have read more than was asked for, and the socket says nothing of that.
        for (int part = 0; part < 2 && PQisBusy(handle_.get()) != 0; ++part)
            if (PQconsumeInput(handle_.get()) == 0)
                return false;
    }
    return true;
}

Connection::Trouble Connection::trouble_of(PGresult const* result)
{
    constexpr auto read_only = "25006"sv;
    auto const state = field(result, PG_DIAG_SQLSTATE);
    if (state.empty() && PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
        return lost();

    auto const fatal = field(result, PG_DIAG_SEVERITY_NONLOCALIZED) != "ERROR"sv && !state.empty();
    if (fatal || state == read_only)
        broken_ = true;
    return {
        .state = std::string(state),
        .what = "database: " + one_line(field(result, PG_DIAG_MESSAGE_PRIMARY)),
        .fatal = fatal};
}

Connection::Trouble Connection::lost()
{
    broken_ = true;
    auto const why = one_line(PQerrorMessage(handle_.get()));
    return {.what = "database: the connection is lost" + (why.empty() ? "" : ": " + why), .fatal = true};
}

void Connection::throw_trouble(Trouble const& trouble) const
{
    // A uniqueness that two broke at the same moment, a deadlock, a serialization that failed, and a lock not had.
    for (auto const busy : {"23505"sv, "40P01"sv, "40001"sv, "55P03"sv})
        if (trouble.state == busy)
            throw StorageConflict(trouble.what);
    throw StorageFailure(trouble.what);
}

int Connection::changed(Answer const& answer)
{
    auto const* rows = answer ? PQcmdTuples(answer.get()) : "";
    return *rows == '\0' ? 0 : std::stoi(rows);
}

void Connection::take_notice(void* connection, PGresult const* notice)
{
    if (field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING"sv)
        static_cast<Connection*>(connection)->warning_ = one_line(field(notice, PG_DIAG_MESSAGE_PRIMARY));
}

}
