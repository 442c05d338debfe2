#include "strict_json.hpp"

#include <charconv>
#include <set>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

namespace onboard::jwt {

namespace json = boost::json;

namespace {

constexpr std::size_t most_levels = 8;
constexpr std::size_t most_members = 100;

// Reads a number whole, or not at all.
template <class Number>
std::optional<Number> number_in(json::string_view text)
{
    Number number{};
    auto const end = text.data() + text.size();
    auto const read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end)
        return std::nullopt;
    return number;
}

// Takes the events of Boost.JSON's parser, and builds the value. Numbers it reads itself.
class StrictHandler {
public:
    static constexpr std::size_t max_object_size = most_members;
    static constexpr std::size_t max_array_size = most_members;
    static constexpr std::size_t max_key_size = std::size_t{1} << 16;
    static constexpr std::size_t max_string_size = std::size_t{1} << 16;

    StrictHandler() { stack_.reset(); }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&)
    {
        names_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t size, json::error_code&)
    {
        names_.pop_back();
        stack_.push_object(size);
        return true;
    }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t size, json::error_code&)
    {
        stack_.push_array(size);
        return true;
    }

    bool on_key_part(json::string_view part, std::size_t, json::error_code& error)
    {
        name_ += part;
        stack_.push_chars(part);
        return check_characters(part, error);
    }
    bool on_key(json::string_view part, std::size_t, json::error_code& error)
    {
        name_ += part;
        if (!names_.back().insert(std::exchange(name_, {})).second)
            return stop(error, JsonFault::member_repeated);
        stack_.push_key(part);
        return check_characters(part, error);
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code& error)
    {
        stack_.push_chars(part);
        return check_characters(part, error);
    }
    bool on_string(json::string_view part, std::size_t, json::error_code& error)
    {
        stack_.push_string(part);
        return check_characters(part, error);
    }

    bool on_number_part(json::string_view, json::error_code& error) { return stop(error, JsonFault::malformed); }
    bool on_int64(std::int64_t, json::string_view text, json::error_code& error) { return push_integer(text, error); }
    bool on_uint64(std::uint64_t, json::string_view text, json::error_code& error)
    {
        return push_integer(text, error);
    }
    bool on_double(double, json::string_view text, json::error_code& error)
    {
        if (text.find_first_of(".eE") == json::string_view::npos)
            return push_integer(text, error);
        auto const number = number_in<double>(text);
        if (!number)
            return stop(error, JsonFault::malformed);
        stack_.push_double(*number);
        return true;
    }
    bool on_bool(bool truth, json::error_code&)
    {
        stack_.push_bool(truth);
        return true;
    }
    bool on_null(json::error_code&)
    {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

    json::value release() { return stack_.release(); }
    JsonFault fault() const { return fault_; }

private:
    bool push_integer(json::string_view text, json::error_code& error)
    {
        auto const number = number_in<std::int64_t>(text);
        if (!number)
            return stop(error, JsonFault::malformed);
        stack_.push_int64(*number);
        return true;
    }

    bool check_characters(json::string_view text, json::error_code& error)
    {
        return text.find('\0') == json::string_view::npos || stop(error, JsonFault::malformed);
    }

    bool stop(json::error_code& error, JsonFault fault)
    {
        fault_ = fault;
        error = json::error::syntax;
        return false;
    }

    json::value_stack stack_;
    std::vector<std::set<std::string>> names_;  // of the objects that are open
    std::string name_;
    JsonFault fault_ = JsonFault::malformed;
};

}

Outcome<json::object, JsonFault> read_object(std::string_view text)
{
    json::parse_options options;
    options.max_depth = most_levels;
    json::basic_parser<StrictHandler> parser(options);
    json::error_code error;
    auto const read = parser.write_some(false, text.data(), text.size(), error);
    if (error)
        return parser.handler().fault();
    if (read < text.size())
        return JsonFault::malformed;
    auto value = parser.handler().release();
    if (!value.is_object())
        return JsonFault::malformed;
    return std::move(value.as_object());
}

std::optional<std::string_view> text_of(json::object const& object, std::string_view member)
{
    auto const* const value = object.if_contains(member);
    auto const* const text = value ? value->if_string() : nullptr;
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}
