#include "server/http/json_reader.hpp"

#include <array>
#include <cmath>
#include <memory_resource>
#include <set>
#include <stdexcept>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <boost/throw_exception.hpp>

namespace onboard::server {

namespace json = boost::json;

namespace {

// Takes the events of Boost.JSON's parser, counts, compares keys, and builds the value.
class StrictHandler {
public:
    static constexpr std::size_t max_object_size = JsonLimits::members;
    static constexpr std::size_t max_array_size = JsonLimits::members;
    static constexpr std::size_t max_key_size = JsonLimits::text;
    static constexpr std::size_t max_string_size = JsonLimits::text;

    explicit StrictHandler(json::storage_ptr memory) { stack_.reset(std::move(memory)); }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&)
    {
        keys_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t size, json::error_code&)
    {
        keys_.pop_back();
        stack_.push_object(size);
        return true;
    }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t size, json::error_code&)
    {
        stack_.push_array(size);
        return true;
    }

    bool on_key_part(json::string_view part, std::size_t, json::error_code&)
    {
        key_ += part;
        stack_.push_chars(part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, json::error_code& error)
    {
        key_ += part;
        if (!keys_.back().insert(key_).second)
            return stop(error, {"key_duplicate", std::string(key_)});
        key_.clear();
        stack_.push_key(part);
        return count(error);
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&)
    {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, json::error_code& error)
    {
        stack_.push_string(part);
        return count(error);
    }

    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, json::error_code& error)
    {
        stack_.push_int64(number);
        return count(error);
    }
    bool on_uint64(std::uint64_t number, json::string_view, json::error_code& error)
    {
        stack_.push_uint64(number);
        return count(error);
    }
    bool on_double(double number, json::string_view, json::error_code& error)
    {
        if (!std::isfinite(number))
            return stop(error, {"number_out_of_range"});
        stack_.push_double(number);
        return count(error);
    }
    bool on_bool(bool truth, json::error_code& error)
    {
        stack_.push_bool(truth);
        return count(error);
    }
    bool on_null(json::error_code& error)
    {
        stack_.push_null();
        return count(error);
    }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

    json::value release() { return stack_.release(); }
    JsonRefusal const& refusal() const { return refusal_; }

private:
    bool count(json::error_code& error)
    {
        if (++values_ > JsonLimits::values)
            return stop(error, {"json_too_large"});
        return true;
    }

    bool stop(json::error_code& error, JsonRefusal refusal)
    {
        refusal_ = std::move(refusal);
        error = json::error::syntax;
        return false;
    }

    using Keys = std::pmr::set<std::pmr::string>;

    // Enough for a usual request; the heap takes over where it is not.
    std::array<unsigned char, 2048> values_memory_;
    std::array<std::byte, 2048> keys_memory_;
    std::pmr::monotonic_buffer_resource keys_resource_{keys_memory_.data(), keys_memory_.size()};

    json::value_stack stack_{{}, values_memory_.data(), values_memory_.size()};
    std::pmr::vector<Keys> keys_{&keys_resource_};  // of the objects that are open
    std::pmr::string key_{&keys_resource_};
    std::size_t values_ = 0;
    JsonRefusal refusal_;
};

JsonRefusal refusal_of(json::error_code const& error, JsonRefusal const& ours)
{
    if (!ours.code.empty())
        return ours;
    if (error == json::error::too_deep)
        return {"json_too_deep"};
    if (error == json::error::object_too_large || error == json::error::array_too_large ||
        error == json::error::key_too_large || error == json::error::string_too_large)
        return {"json_too_large"};
    return {"json_malformed"};
}

// Walks over text that is known to be JSON.
class Cursor {
public:
    explicit Cursor(std::string_view text) : text_(text) {}

    char peek()
    {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
            ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    // Passes one punctuation mark.
    void pass()
    {
        peek();
        ++at_;
    }

    // Passes one value and gives its text.
    std::string_view value()
    {
        peek();
        auto const start = at_;
        int depth = 0;
        do {
            auto const letter = peek();
            if (letter == '"')
                pass_string();
            else if (letter == '{' || letter == '[')
                ++depth, ++at_;
            else if (letter == '}' || letter == ']')
                --depth, ++at_;
            else if (letter == ',' || letter == ':')
                ++at_;
            else
                pass_word();
        } while (depth > 0 && at_ < text_.size());
        return text_.substr(start, at_ - start);
    }

private:
    void pass_string()
    {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
            if (text_[at_] == '\\')
                ++at_;
        ++at_;
    }

    void pass_word()
    {
        while (at_ < text_.size() && std::string_view(" \t\r\n,:{}[]\"").find(text_[at_]) == std::string_view::npos)
            ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

// Whether a key, as it was written, is this name.
bool is_key(std::string_view written, std::string_view name)
{
    if (written.find('\\') == std::string_view::npos)
        return written.substr(1, written.size() - 2) == name;
    return json::parse(written).as_string() == name;
}

}

std::string_view raw_member(std::string_view object, std::string_view member)
{
    Cursor cursor(object);
    if (cursor.peek() != '{')
        return {};
    cursor.pass();
    while (cursor.peek() == '"') {
        auto const key = cursor.value();
        cursor.pass();  // the colon
        auto const value = cursor.value();
        if (is_key(key, member))
            return value;
        if (cursor.peek() != ',')
            return {};
        cursor.pass();
    }
    return {};
}

boost::system::result<json::value, JsonRefusal> read_json(std::string_view text, json::storage_ptr memory)
{
    json::parse_options options;
    options.max_depth = JsonLimits::depth;
    json::basic_parser<StrictHandler> parser(options, std::move(memory));
    json::error_code error;
    auto const read = parser.write_some(false, text.data(), text.size(), error);
    if (!error && read < text.size())
        error = json::error::extra_data;
    if (error)
        return refusal_of(error, parser.handler().refusal());
    return parser.handler().release();
}

void throw_exception_from_error(JsonRefusal const& refusal, boost::source_location const& where)
{
    boost::throw_exception(std::logic_error("the JSON is refused: " + refusal.code), where);
}

std::vector<std::string_view> raw_elements(std::string_view array)
{
    std::vector<std::string_view> elements;
    Cursor cursor(array);
    if (cursor.peek() != '[')
        return elements;
    cursor.pass();
    while (cursor.peek() != ']') {
        elements.push_back(cursor.value());
        if (cursor.peek() == ',')
            cursor.pass();
    }
    return elements;
}

std::string with_raw_member(std::string object, std::string_view member, std::string_view value)
{
    object.pop_back();  // the closing brace
    if (object.size() > 1)
        object += ',';
    object += json::serialize(json::value(member));
    object += ':';
    object += value;
    object += '}';
    return object;
}

}
