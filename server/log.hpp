#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace onboard::server {

enum class LogLevel : std::uint8_t { debug = 1, info, warn, error };

// "debug", "info", "warn" or "error".
std::string_view name_of(LogLevel) noexcept;

// One member of a log line. Refers to its texts, so it lives no longer than the call it is made for.
struct LogField {
    LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
    template <std::integral T>
    LogField(std::string_view field_name, T number) : name(field_name), value(as_stored(number))
    {
    }
    LogField(std::string_view field_name, double number) : name(field_name), value(number) {}

    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> value;

private:
    static bool as_stored(bool truth) { return truth; }
    template <std::integral T>
    static std::int64_t as_stored(T number)
    {
        return static_cast<std::int64_t>(number);
    }
};

using LogFields = std::initializer_list<LogField>;

// Lines of JSON for whoever operates the server: `ts` (RFC 3339, UTC, milliseconds), `level`, `msg`, then the fields.
// Safe to use from many threads: a line is one write. Whatever the texts hold, a line is valid JSON in UTF-8: control
// characters are escaped, broken UTF-8 is replaced, and a text of more than 512 bytes is cut.
//
// What must not be in a log, no log can know: secrets, addresses and numbers are kept out by those who call it.
class Log {
public:
    // Lines below `least` are dropped. The descriptor stays the caller's.
    explicit Log(LogLevel least = LogLevel::info, int descriptor = 2) noexcept
        : least_(least), descriptor_(descriptor)
    {
    }

    bool writes(LogLevel level) const noexcept { return level >= least_.load(std::memory_order_relaxed); }

    // From now on.
    void set_least(LogLevel least) noexcept { least_.store(least, std::memory_order_relaxed); }

    void debug(std::string_view message, LogFields fields = {}) const { write(LogLevel::debug, message, fields); }
    void info(std::string_view message, LogFields fields = {}) const { write(LogLevel::info, message, fields); }
    void warn(std::string_view message, LogFields fields = {}) const { write(LogLevel::warn, message, fields); }
    void error(std::string_view message, LogFields fields = {}) const { write(LogLevel::error, message, fields); }

    void write(LogLevel, std::string_view message, LogFields) const;

private:
    friend class LogLines;

    std::atomic<LogLevel> least_;
    int descriptor_;
};

// Lines that leave together, in one write. For one thread.
class LogLines {
public:
    explicit LogLines(Log const& log) noexcept : log_(log) {}
    ~LogLines() { flush(); }
    LogLines(LogLines const&) = delete;
    LogLines& operator=(LogLines const&) = delete;

    bool empty() const noexcept { return lines_.empty(); }
    void info(std::string_view message, LogFields fields);
    void flush();

private:
    Log const& log_;
    std::string lines_;
};

using LogInstant = std::chrono::sys_time<std::chrono::milliseconds>;

// Appends the line that a log would write at that moment, its line break included.
void append_log_line(std::string& line, LogInstant, LogLevel, std::string_view message, LogFields);

}
