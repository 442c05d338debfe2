#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "server/tally.hpp"

namespace onboard::server {

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

// Numbers as Prometheus reads them: its text format, version 0.0.4. A family's samples follow its heading.
class Exposition {
public:
    enum class Type : std::uint8_t { counter = 1, gauge, histogram };

    // The heading of what comes next. `help` is one line.
    void family(std::string_view name, Type, std::string_view help);

    void sample(std::uint64_t value, Labels labels = {}) { line({}, labels, {}, std::to_string(value)); }
    void sample(double value, Labels labels = {});

    // A histogram of nanoseconds, told in seconds; and one of plain numbers.
    void histogram(DurationSpread const&, Labels labels = {});
    void histogram(SizeSpread const&, Labels labels = {});

    std::string&& take() && { return std::move(text_); }

private:
    template <std::size_t Bounds, class Bound>
    void histogram(Spread<Bounds> const&, Labels, Bound const& bound_text, std::string const& sum);
    void line(std::string_view suffix, Labels, std::string_view bound, std::string_view value);
    void add_label(bool& first, std::string_view name, std::string_view value);

    std::string text_;
    std::string name_;
};

}
