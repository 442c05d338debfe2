#include "server/commands/open.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

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

std::filesystem::path directory_of(std::filesystem::path const& file)
{
    return file.has_parent_path() ? file.parent_path() : ".";
}

// A database that survives a power cut is worth nothing if the name of its key does not.
void make_durable(std::filesystem::path const& directory)
{
    auto const descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto const synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0)
        ::close(descriptor);
    if (!synced)
        throw std::runtime_error(fmt::format("{}: cannot be made durable", directory.string()));
}

// Written aside and then named, so that of two processes that begin together neither reads half a key, and both go on
// with the same one.
void make_secret_file(std::filesystem::path const& path)
{
    auto aside = path;
    aside += fmt::format(".{}", ::getpid());
    SecretKey::make_file(aside, system_random());

    std::error_code trouble;
    std::filesystem::create_hard_link(aside, path, trouble);
    std::filesystem::remove(aside);
    if (trouble && is_missing(path))
        throw std::runtime_error(fmt::format("secret file {}: {}", path.string(), trouble.message()));
    make_durable(directory_of(path));
}

SecretKey open_secret(Settings const& settings, bool database_is_new)
{
    auto const& path = settings.secret_file;
    if (!is_missing(path))
        return SecretKey::from_file(path);

    if (!database_is_new)
        throw std::runtime_error(fmt::format(
            "secret file {} is missing, and nothing in {} can be used without it: put it back, or name it with "
            "ONBOARD_SECRET_FILE",
            path.string(), settings.database.string()));
    make_secret_file(path);
    return SecretKey::from_file(path);
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
