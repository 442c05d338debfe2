#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <libpq-fe.h>

#include <onboard/account.hpp>
#include <onboard/postgres_storage.hpp>
#include <onboard/secrets.hpp>

#include "audit_end.hpp"
#include "value.hpp"

namespace onboard::postgres {

struct Cleared {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Cleared>;

// The rows that a statement came to, read one after the other.
class Query {
public:
    explicit Query(Answer answer) : answer_(std::move(answer)) {}

    // Moves to the next row, if there is one.
    bool next() { return ++row_ < PQntuples(answer_.get()); }

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    std::string text(int column) const { return std::string(bytes(column)); }
    std::string_view bytes(int column) const;  // until the query goes
    Instant instant(int column) const;
    Digest digest(int column) const;

    template <class Id>
    Id id(int column) const
    {
        return Id(integer(column));
    }

private:
    Answer answer_;
    int row_ = -1;
};

// One connection, set up so that a committed transaction is durable. Statements are prepared once, when they are first
// needed, and go out together: those whose rows nobody reads wait for the next one that is read, or for the commit. For
// one thread at a time.
//
// What goes wrong is thrown by whatever waits next: StorageConflict for what may go well the next time, else
// StorageFailure. After either, the transaction can only be given up.
class Connection {
public:
    // Throws StorageFailure if there is no connection to be had or the server does not write durably.
    Connection(std::string const& url, PostgresOptions const&);
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    // The rows of statement `sql`, whose text must live as long as the connection.
    template <class... Values>
    Query query(std::string_view sql, Values const&... values)
    {
        send(sql, values...);
        return Query(settled());
    }

    // How many rows a statement changed.
    template <class... Values>
    int run(std::string_view sql, Values const&... values)
    {
        send(sql, values...);
        return changed(settled());
    }

    // A statement that nobody waits for.
    template <class... Values>
    void send(std::string_view sql, Values const&... values)
    {
        static_assert(sizeof...(Values) <= most_values);
        std::array<Value, sizeof...(Values)> const bound{Value(values)...};
        send_ahead();
        enqueue(sql, bound);
    }

    // A statement to go ahead of the next one: the beginning of something that may come to nothing.
    void ahead(std::string_view sql) { ahead_.push_back(sql); }

    // Whether the last of those has not gone out; then it never will.
    bool take_back();

    // Ends the transaction. Throws OutcomeUnknown if it was asked for and no answer came.
    void commit();

    // Sends what undoes work, and does not wait for it. What waited before and fails, fails in silence.
    void undo(std::initializer_list<std::string_view> statements) noexcept;

    // Waits until everything that was sent is done.
    void settle() { settled(); }

    AuditEnd& audit_end() noexcept { return audit_end_; }

    // Which history the server writes on: one that took over began a new one. Eight hexadecimal digits that count up; empty
    // if the server does not tell.
    std::string const& timeline() const noexcept { return timeline_; }

    // Whether there is an end to this connection: it broke, or leads to a server that may not be written to.
    bool broken() const noexcept { return broken_; }

    // Looks, without waiting, whether the server has hung up.
    bool hung_up() noexcept;

    // Runs text of several statements, without values and as long as it takes; nothing must be on its way.
    Answer execute(std::string const& sql);

    // For what libpq alone can do, such as COPY: the connection as it is outside of a pipeline.
    template <class Action>
    void by_hand(Action action)
    {
        leave_pipeline();
        action(handle_.get());
        enter_pipeline();
    }

    // Throws what a result got by hand stands for, if it failed; nothing stands for a lost connection.
    void check(PGresult const*);

private:
    // How many values a statement may have.
    static constexpr std::size_t most_values = 20;

    struct Closed {
        void operator()(PGconn* handle) const noexcept { PQfinish(handle); }
    };
    struct Statement {
        std::string name;
        bool prepared = false;
    };
    // What an answer is still to come for.
    struct Outstanding {
        enum class Kind : std::uint8_t { preparation, statement, sync } kind;
        Statement* statement = nullptr;
        bool quiet = false;  // nobody is told of a failure
    };
    struct Trouble {
        std::string state = {};  // SQLSTATE; empty if the server said nothing
        std::string what;
        bool fatal = false;  // the connection is lost with it
    };
    struct Settlement {
        Answer last;
        std::optional<Trouble> trouble;
    };

    void configure(PostgresOptions const&);
    void ask_timeline();
    void enter_pipeline();
    void leave_pipeline();
    void send_ahead();
    void enqueue(std::string_view sql, std::span<Value const> values);
    void synchronize();
    Settlement settle_all();
    Answer settled();
    Answer next_answer();
    bool wait_for_answer();
    Trouble trouble_of(PGresult const*);
    Trouble lost();
    [[noreturn]] void throw_trouble(Trouble const&) const;
    static int changed(Answer const&);
    static void take_notice(void* connection, PGresult const*);

    std::unique_ptr<PGconn, Closed> handle_;
    std::chrono::milliseconds answer_limit_;
    std::unordered_map<std::string_view, Statement> statements_;
    std::vector<std::string_view> ahead_;
    std::deque<Outstanding> outstanding_;
    std::string warning_;
    std::string timeline_;
    AuditEnd audit_end_;
    bool broken_ = false;
};

}
