#include "server/commands/open.hpp"

#include <fmt/format.h>

#include <onboard/sqlite_storage.hpp>

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
            path.string(), settings.database.string()));
    return SecretKey::from_file_or_new(path);
}

}

Opened open(Settings const& settings, OpenFor purpose)
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

}
