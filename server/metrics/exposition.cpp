#include "server/metrics/exposition.hpp"

#include <cmath>

#include <fmt/format.h>

namespace onboard::server {

namespace {

std::string_view name_of(Exposition::Type type)
{
    switch (type) {
    case Exposition::Type::counter: return "counter";
    case Exposition::Type::gauge: return "gauge";
    case Exposition::Type::histogram: return "histogram";
    }
    return "";
}

std::string seconds(std::uint64_t nanoseconds)
{
    constexpr double in_a_second = 1e9;
    return fmt::format("{}", static_cast<double>(nanoseconds) / in_a_second);
}

}

void Exposition::family(std::string_view name, Type type, std::string_view help)
{
    name_ = name;
    text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, name_of(type));
}

void Exposition::sample(double value, Labels labels)
{
    line({}, labels, {}, std::isfinite(value) ? fmt::format("{}", value) : "NaN");
}

void Exposition::histogram(DurationSpread const& spread, Labels labels)
{
    histogram(
        spread, labels, [](std::size_t place) { return seconds(duration_bounds[place]); }, seconds(spread.sum));
}

void Exposition::histogram(SizeSpread const& spread, Labels labels)
{
    histogram(
        spread, labels, [](std::size_t place) { return std::to_string(size_bounds[place]); },
        std::to_string(spread.sum));
}

template <std::size_t Bounds, class Bound>
void Exposition::histogram(
    Spread<Bounds> const& spread, Labels labels, Bound const& bound_text, std::string const& sum)
{
    std::uint64_t so_far = 0;
    for (std::size_t place = 0; place < Bounds; ++place) {
        so_far += spread.counts[place];
        line("_bucket", labels, bound_text(place), std::to_string(so_far));
    }
    auto const total = std::to_string(so_far + spread.counts[Bounds]);
    line("_bucket", labels, "+Inf", total);
    line("_sum", labels, {}, sum);
    line("_count", labels, {}, total);
}

void Exposition::line(std::string_view suffix, Labels labels, std::string_view bound, std::string_view value)
{
    (text_ += name_) += suffix;
    auto first = true;
    for (auto const& [name, text] : labels)
        add_label(first, name, text);
    if (!bound.empty())
        add_label(first, "le", bound);
    if (!first)
        text_ += '}';
    ((text_ += ' ') += value) += '\n';
}

void Exposition::add_label(bool& first, std::string_view name, std::string_view value)
{
    text_ += first ? '{' : ',';
    first = false;
    (text_ += name) += "=\"";
    for (auto const letter : value) {
        if (letter == '\\' || letter == '"')
            text_ += '\\';
        if (letter == '\n')
            text_ += "\\n";
        else
            text_ += letter;
    }
    text_ += '"';
}

}
