#pragma once

#include <string>

namespace onboard::testing {

// A schema of the test's own in the server that the environment names, ONBOARD_TEST_POSTGRES; gone with it. Seen here as
// any other program sees it.
class PostgresSchema {
public:
    PostgresSchema();
    ~PostgresSchema();
    PostgresSchema(PostgresSchema const&) = delete;
    PostgresSchema& operator=(PostgresSchema const&) = delete;

    // What a storage opens.
    std::string const& url() const noexcept { return url_; }

    // Throws std::runtime_error for what the server refuses.
    void execute(std::string const& sql) const;

    // The first column of the first row; empty if there is none.
    std::string value(std::string const& sql) const;

private:
    std::string name_;
    std::string url_;
};

// Throws std::runtime_error for what the server refuses.
void execute_in(std::string const& url, std::string const& sql);

// The server that the environment names: a URL that ends in parameters, so that others can be added.
std::string postgres_url();

}
