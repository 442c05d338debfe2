#include "server/commands/terminal.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace onboard::server {
namespace {

std::string_view sentence(Errc code)
{
    switch (code) {
    case Errc::email_malformed: return "must be an email address";
    case Errc::phone_malformed: return "must be a telephone number";
    case Errc::region_unknown: return "must be a country code of ISO 3166-1, such as DE or IN";
    case Errc::text_malformed:
        return "must be 1 to 64 characters without control characters, a partner's name without a colon";
    case Errc::plan_unknown: return "there is no such plan, or its code is malformed";
    case Errc::plan_exists: return "there is a plan of that code already";
    case Errc::partner_unknown: return "there is no such partner";
    case Errc::partner_exists: return "there is a partner of that name already";
    case Errc::channel_unknown: return "there is no such channel: see channel add";
    case Errc::channel_exists: return "there is a channel of that name already";
    case Errc::organisation_exists: return "there is an organisation of that id already";
    case Errc::issuer_unknown: return "there is no such issuer";
    case Errc::issuer_exists: return "there is an issuer of that name already: remove it first to change its key";
    case Errc::person_unknown: return "there is no such person";
    case Errc::letter_unknown: return "there is no such letter that was given up";
    case Errc::account_deleted: return "the person is deleted";
    default: return name_of(code);
    }
}

// Code points, which is near enough to columns for names.
std::size_t width(std::string_view text)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](unsigned char byte) { return (byte & 0xC0) != 0x80; }));
}

}

int refuse_command(Terminal const& terminal, std::string_view why)
{
    terminal.err << "onboard-server: " << why << '\n';
    return 1;
}

int refuse_command(Terminal const& terminal, std::string_view argument, Errc code)
{
    return refuse_command(terminal, fmt::format("{}: {}", argument, sentence(code)));
}

void print_aligned(std::ostream& out, std::vector<std::vector<std::string>> const& rows)
{
    std::vector<std::size_t> widths;
    for (auto const& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], width(row[column]));
    }
    for (auto const& row : rows) {
        for (std::size_t column = 0; column + 1 < row.size(); ++column)
            out << row[column] << std::string(widths[column] - width(row[column]) + 2, ' ');
        if (!row.empty())
            out << row.back();
        out << '\n';
    }
}

std::string written(std::chrono::sys_time<std::chrono::milliseconds> instant)
{
    return fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(instant));
}

}
