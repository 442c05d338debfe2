#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <utility>
#include <vector>

// What the programs here share: options, who the people are, and how a result is told. Each prints one JSON object.
namespace onboard::benchmark {

// The words of a command line: `--name value`, a name perhaps more than once.
class Options {
public:
    Options(int count, char** words)
    {
        for (int at = 1; at < count; at += 2) {
            std::string_view const name(words[at]);
            if (!name.starts_with("--") || at + 1 == count)
                throw std::invalid_argument("options are --name value, but there is " + std::string(name));
            values_[std::string(name.substr(2))].emplace_back(words[at + 1]);
        }
    }

    bool has(std::string const& name) const { return values_.contains(name); }

    std::vector<std::string> all(std::string const& name) const
    {
        auto const found = values_.find(name);
        return found == values_.end() ? std::vector<std::string>() : found->second;
    }

    std::string text(std::string const& name) const
    {
        auto const found = values_.find(name);
        if (found == values_.end())
            throw std::invalid_argument("--" + name + " is missing");
        return found->second.back();
    }
    std::string text(std::string const& name, std::string const& otherwise) const
    {
        return has(name) ? text(name) : otherwise;
    }
    std::int64_t number(std::string const& name, std::int64_t otherwise) const
    {
        return has(name) ? std::stoll(text(name)) : otherwise;
    }
    double seconds(std::string const& name, double otherwise) const
    {
        return has(name) ? std::stod(text(name)) : otherwise;
    }

private:
    std::map<std::string, std::vector<std::string>> values_;
};

// People have numbers from 1 up, and this scatters them over the alphabet, so that neighbours in number are far apart
// in an index of addresses. people.py does the same in SQL.
inline std::int64_t scattered(std::int64_t number)
{
    constexpr std::int64_t multiplier = 2654435761;  // a prime near the golden section of 2^32
    constexpr std::int64_t range = std::int64_t(1) << 32;
    return number * multiplier % range;
}

inline std::string address_of(std::int64_t number)
{
    char text[40];
    std::snprintf(text, sizeof(text), "jane.%08llx@example.com", static_cast<unsigned long long>(scattered(number)));
    return text;
}

// The Belgian mobile telephone of each of the first fifty million, scattered likewise.
inline std::string phone_of(std::int64_t number)
{
    constexpr std::int64_t multiplier = 2654435761;
    constexpr std::int64_t range = 50'000'000;
    char text[24];
    std::snprintf(text, sizeof(text), "+324%08lld", static_cast<long long>(range + number * multiplier % range));
    return text;
}

// One of the first `people`, each turn another until all had theirs.
inline std::int64_t somebody_of(std::int64_t people, std::int64_t turn)
{
    constexpr std::int64_t multiplier = 2654435761;
    return turn % people * multiplier % people + 1;
}

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point began)
{
    return std::chrono::duration<double>(Clock::now() - began).count();
}

// Processor time this process has used, in seconds.
inline double own_processor_time()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    auto const seconds = [](timeval const& time) {
        constexpr double million = 1e6;
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / million;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The value below which this share of all values lies. Sorts them.
inline double quantile(std::vector<double>& values, double share)
{
    if (values.empty())
        return 0;
    auto const at = std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
    return values[at];
}

// One flat JSON object on standard output.
class Report {
public:
    void add(std::string_view name, double value)
    {
        char text[40];
        std::snprintf(text, sizeof(text), "%.6g", value);
        raw(name, text);
    }
    void add(std::string_view name, std::int64_t value) { raw(name, std::to_string(value)); }
    void raw(std::string_view name, std::string_view json)
    {
        text_ += text_.empty() ? "{" : ", ";
        text_ += '"';
        text_ += name;
        text_ += "\": ";
        text_ += json;
    }
    void print() const { std::cout << text_ << "}" << std::endl; }

private:
    std::string text_;
};

// Runs a program's main part; a mistake in its use or a failure is one line on standard error.
template <class Main>
int run(int count, char** words, Main main)
try {
    return main(Options(count, words));
} catch (std::exception const& trouble) {
    std::cerr << trouble.what() << '\n';
    return 2;
}

}
