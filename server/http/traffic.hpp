#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "server/tally.hpp"

// How many requests came, and what became of them.
namespace onboard::server {

// The routes of all applications, numbered. Routes of one path share a number; 0 is for requests that fit no route.
class RouteNumbers {
public:
    std::size_t number_of(std::string_view path)
    {
        auto const known = std::ranges::find(paths_, path);
        if (known != paths_.end())
            return static_cast<std::size_t>(known - paths_.begin());
        paths_.push_back(path);
        return paths_.size() - 1;
    }

    std::vector<std::string_view> const& paths() const noexcept { return paths_; }

private:
    std::vector<std::string_view> paths_{"none"};
};

// What a method is for. There are more methods than anybody can list, and three of these.
enum class MethodClass : std::uint8_t { reads, writes, other };
inline constexpr std::array all_method_classes{MethodClass::reads, MethodClass::writes, MethodClass::other};

constexpr MethodClass class_of(std::string_view method) noexcept
{
    if (method == "GET" || method == "HEAD")
        return MethodClass::reads;
    if (method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE")
        return MethodClass::writes;
    return MethodClass::other;
}

// The statuses that are told apart, in ascending order; all others share the last place, 0.
inline constexpr std::array<int, 26> told_statuses{200, 201, 204, 303, 400, 401, 403, 404, 405, 406, 408, 409, 410,
                                                   413, 414, 415, 417, 422, 429, 431, 500, 501, 502, 503, 505, 0};

constexpr std::size_t place_of_status(int status) noexcept
{
    auto const known = std::lower_bound(told_statuses.begin(), told_statuses.end() - 1, status);
    return *known == status ? static_cast<std::size_t>(known - told_statuses.begin()) : told_statuses.size() - 1;
}

// The requests of one thread, which alone counts here; anybody may read.
class Traffic {
public:
    using Answered = std::array<std::array<std::uint64_t, told_statuses.size()>, all_method_classes.size()>;

    // What is added up of all threads, for one route.
    struct Sum {
        Answered answered{};
        DurationSpread durations;
    };

    explicit Traffic(std::size_t routes) : counts_(routes) {}

    void begin() noexcept { begun_.add(); }
    void end() noexcept { ended_.add(); }
    void note(std::size_t route, std::string_view method, int status, std::chrono::nanoseconds duration) noexcept
    {
        auto& counts = counts_[route < routes() ? route : 0];
        counts.answered[static_cast<std::size_t>(class_of(method))][place_of_status(status)].add();
        counts.durations.note(duration);
    }

    // Requests that have begun and not ended; read in this order so that it is never less than none.
    std::uint64_t under_way() const noexcept
    {
        auto const ended = ended_.value();
        return begun_.value() - ended;
    }

    void add_to(std::vector<Sum>& sums) const
    {
        for (std::size_t route = 0; route < routes(); ++route) {
            auto& sum = sums[route];
            for (std::size_t method = 0; method < all_method_classes.size(); ++method)
                for (std::size_t status = 0; status < told_statuses.size(); ++status)
                    sum.answered[method][status] += counts_[route].answered[method][status].value();
            counts_[route].durations.add_to(sum.durations);
        }
    }

    std::size_t routes() const noexcept { return counts_.size(); }

private:
    struct Counts {
        std::array<std::array<Count, told_statuses.size()>, all_method_classes.size()> answered;
        Durations durations;
    };

    std::vector<Counts> counts_;
    Count begun_;
    Count ended_;
};

// A request under way, for as long as this lives.
class UnderWay {
public:
    explicit UnderWay(Traffic& traffic) noexcept : traffic_(traffic) { traffic_.begin(); }
    ~UnderWay() { traffic_.end(); }
    UnderWay(UnderWay const&) = delete;
    UnderWay& operator=(UnderWay const&) = delete;

private:
    Traffic& traffic_;
};

}
