#include "support/postgres_schema.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <unistd.h>

#include <libpq-fe.h>

namespace onboard::testing {

namespace {

std::string ask(std::string const& url, std::string const& sql)
{
    std::unique_ptr<PGconn, decltype(&PQfinish)> const connection(PQconnectdb(url.c_str()), &PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK)
        throw std::runtime_error(PQerrorMessage(connection.get()));
    std::unique_ptr<PGresult, decltype(&PQclear)> const result(PQexec(connection.get(), sql.c_str()), &PQclear);
    auto const status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error(PQerrorMessage(connection.get()));
    return PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

}

void execute_in(std::string const& url, std::string const& sql)
{
    ask(url, sql);
}

std::string postgres_url()
{
    auto const* const url = std::getenv("ONBOARD_TEST_POSTGRES");
    if (url == nullptr)
        throw std::runtime_error("ONBOARD_TEST_POSTGRES names no server: run this through ctest");
    return url;
}

PostgresSchema::PostgresSchema()
{
    static std::atomic<int> number = 0;
    name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++number);
    url_ = postgres_url() + "&options=-csearch_path%3D" + name_;
    ask(postgres_url(), "CREATE SCHEMA " + name_);
}

PostgresSchema::~PostgresSchema()
{
    try {
        ask(postgres_url(), "SET client_min_messages = warning; DROP SCHEMA " + name_ + " CASCADE");
    } catch (std::runtime_error const&) {
        // The server is gone as a whole when the tests are over.
    }
}

void PostgresSchema::execute(std::string const& sql) const
{
    ask(url_, sql);
}

std::string PostgresSchema::value(std::string const& sql) const
{
    return ask(url_, sql);
}

}
