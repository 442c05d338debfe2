#include "server/log.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <iterator>

#include <fmt/compile.h>
#include <fmt/format.h>
#include <unistd.h>

namespace onboard::server {
namespace {

constexpr std::size_t longest_text = 512;
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// How many bytes the character takes that the text begins with; 0 if it begins with none. RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF.
std::size_t character_size(std::string_view text)
{
    auto const at = [&](std::size_t index) {
        return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
    };
    auto const continues = [&](std::size_t index, unsigned low = 0x80, unsigned high = 0xBF) {
        return at(index) >= low && at(index) <= high;
    };

    auto const lead = at(0);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return continues(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF)
        return continues(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && continues(2) ? 3 : 0;
    if (lead >= 0xF0 && lead <= 0xF4)
        return continues(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && continues(2) && continues(3)
                   ? 4
                   : 0;
    return 0;
}

// U+0080 to U+009F, and the separators that some readers of lines break at.
bool breaks_terminals(std::string_view character)
{
    return (character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0) ||
           character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9";
}

void append_ascii(std::string& line, char character)
{
    if (character == '"' || character == '\\') {
        line += '\\';
        line += character;
    } else if (static_cast<unsigned char>(character) < 0x20 || character == 0x7F) {
        fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned>(character));
    } else {
        line += character;
    }
}

// How many characters at the beginning need no thought.
std::size_t plain_size(std::string_view text)
{
    auto const is_plain = [](char letter) {
        return letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\';
    };
    return static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
}

void append_text(std::string& line, std::string_view text)
{
    line += '"';
    auto const plain = text.substr(0, std::min(plain_size(text), longest_text));
    line += plain;
    for (auto at = plain.size(); at < text.size();) {
        auto const size = character_size(text.substr(at));
        if (at + size > longest_text) {
            line += "...";
            break;
        }
        auto const character = text.substr(at, size);
        if (size == 0)
            line += replacement;
        else if (size == 1)
            append_ascii(line, character[0]);
        else if (!breaks_terminals(character))
            line += character;
        else if (size == 2)
            fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned char>(character[1]));
        else
            fmt::format_to(std::back_inserter(line), "\\u20{:02x}", static_cast<unsigned char>(character[2]) - 0x80);
        at += size == 0 ? 1 : size;
    }
    line += '"';
}

void append_value(std::string& line, std::string_view text)
{
    append_text(line, text);
}
void append_value(std::string& line, bool truth)
{
    line += truth ? "true" : "false";
}

void append_value(std::string& line, std::int64_t number)
{
    fmt::format_to(std::back_inserter(line), FMT_COMPILE("{}"), number);
}

// JSON knows neither infinity nor what is not a number.
void append_value(std::string& line, double number)
{
    if (std::isfinite(number))
        fmt::format_to(std::back_inserter(line), FMT_COMPILE("{}"), number);
    else
        line += "null";
}

void append_instant(std::string& line, LogInstant instant)
{
    // All but the milliseconds, made once a second and thread.
    thread_local std::chrono::sys_seconds made_for{};
    thread_local std::string text;
    auto const second = std::chrono::floor<std::chrono::seconds>(instant);
    if (second != made_for || text.empty()) {
        auto const day = std::chrono::floor<std::chrono::days>(second);
        auto const date = std::chrono::year_month_day(day);
        auto const time = std::chrono::hh_mm_ss(second - day);
        text = fmt::format(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
            time.minutes().count(), time.seconds().count());
        made_for = second;
    }
    line += text;
    fmt::format_to(std::back_inserter(line), FMT_COMPILE("{:03}Z"), (instant - second).count());
}

// A log that cannot be written is no reason to stop serving.
void write_whole(int descriptor, std::string_view line)
{
    while (!line.empty()) {
        auto const written = ::write(descriptor, line.data(), line.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        line.remove_prefix(static_cast<std::size_t>(written));
    }
}

}

std::string_view name_of(LogLevel level) noexcept
{
    switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
    }
    return "";
}

void append_log_line(
    std::string& line, LogInstant instant, LogLevel level, std::string_view message, LogFields fields)
{
    line += R"({"ts":")";
    append_instant(line, instant);
    line += R"(","level":")";
    line += name_of(level);
    line += R"(","msg":)";
    append_text(line, message);
    for (auto const& field : fields) {
        line += ',';
        append_text(line, field.name);
        line += ':';
        std::visit([&](auto value) { append_value(line, value); }, field.value);
    }
    line += "}\n";
}

void Log::write(LogLevel level, std::string_view message, LogFields fields) const
{
    if (!writes(level))
        return;

    // Kept between calls, so that a line costs no allocation once a thread has written a few.
    thread_local std::string line;
    line.clear();
    append_log_line(
        line, std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()), level, message,
        fields);
    write_whole(descriptor_, line);
}

void LogLines::info(std::string_view message, LogFields fields)
{
    if (log_.writes(LogLevel::info))
        append_log_line(
            lines_, std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()), LogLevel::info,
            message, fields);
}

void LogLines::flush()
{
    write_whole(log_.descriptor_, lines_);
    lines_.clear();
}

}
