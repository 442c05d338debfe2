#include "server/commands/open.hpp"

#include <fmt/format.h>

#include <onboard/sqlite_storage.hpp>

#include "server/settings/urls.hpp"

#ifdef ONBOARD_POSTGRES
#include <onboard/postgres_storage.hpp>
#endif

namespace onboard::server {
namespace {

bool is_missing(std::filesystem::path const& path)
{
    std::error_code trouble;
    return std::filesystem::status(path, trouble).type() == std::filesystem::file_type::not_found;
}

bool is_new(std::filesystem::path const& database)
{
    std::error_code trouble;
    return is_missing(database) || (std::filesystem::file_size(database, trouble) == 0 && !trouble);
}

SecretKey open_secret(Settings const& settings, bool database_is_new)
{
    auto const& path = settings.secret_file;
    if (is_missing(path) && !database_is_new)
        throw std::runtime_error(fmt::format(
            "secret file {} is missing, and nothing in {} can be used without it: put it back, or name it with "
            "ONBOARD_SECRET_FILE",
            path.string(), name_of_database(settings)));
    return SecretKey::from_file_or_new(path);
}

Opened open_file(Settings const& settings, OpenFor purpose)
{
    // Looked at before anything else: a process beside this one may be making both, the key before the database.
    auto const database_is_new = is_new(settings.database);
    if (purpose == OpenFor::working && database_is_new)
        throw std::runtime_error(fmt::format("there is no database {} yet", settings.database.string()));

    auto const migrates = purpose == OpenFor::serving || purpose == OpenFor::migrating;
    auto key = open_secret(settings, database_is_new);
    auto storage = open_sqlite(
        settings.database, {.create = purpose != OpenFor::working,
                            .migrate = migrates || (purpose == OpenFor::beginning && database_is_new),
                            .sole_server = purpose == OpenFor::serving});
    return {.storage = std::move(storage), .key = std::move(key)};
}

#ifdef ONBOARD_POSTGRES

// A secret that one of several servers made for itself would be no use to the others, so nobody makes one here.
SecretKey open_shared_secret(std::filesystem::path const& path)
{
    if (is_missing(path))
        throw std::runtime_error(fmt::format(
            "secret file {0} is missing: put it back, or name it with ONBOARD_SECRET_FILE; for a new database make "
            "one, the same for all its servers: head -c 32 /dev/urandom > {0}; chmod 600 {0}",
            path.string()));
    return SecretKey::from_file(path);
}

Opened open_server(Settings const& settings, OpenFor purpose)
{
    auto key = open_shared_secret(settings.secret_file);
    auto storage = open_postgres(
        settings.database_url, {.create = purpose != OpenFor::working,
                                .migrate = purpose == OpenFor::serving || purpose == OpenFor::migrating});
    return {.storage = std::move(storage), .key = std::move(key)};
}

#endif

}

Opened open(Settings const& settings, OpenFor purpose)
{
#ifdef ONBOARD_POSTGRES
    if (!settings.database_url.empty())
        return open_server(settings, purpose);
#endif
    return open_file(settings, purpose);
}

int schema_of(Settings const& settings) noexcept
{
#ifdef ONBOARD_POSTGRES
    if (!settings.database_url.empty())
        return postgres_schema_version();
#else
    static_cast<void>(settings);
#endif
    return sqlite_schema_version();
}

std::string name_of_database(Settings const& settings)
{
    return settings.database_url.empty() ? settings.database.string() : without_secrets(settings.database_url);
}

}
