#include "fuzz.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "server/http/json_reader.hpp"

using namespace onboard::server;
using onboard::testing::promise;

namespace {

// But for numbers with a fraction, whose last digit Boost.JSON may read in another way.
bool same(boost::json::value const& a, boost::json::value const& b)
{
    if (a.is_double() || b.is_double())
        return a.is_number() && b.is_number();
    if (auto const* array = a.if_array())
        return b.is_array() && std::ranges::equal(*array, b.get_array(), same);
    if (auto const* object = a.if_object())
        return b.is_object() && std::ranges::equal(*object, b.get_object(), [](auto const& left, auto const& right) {
                   return left.key() == right.key() && same(left.value(), right.value());
               });
    return a == b;
}

}

FUZZ(input)
{
    auto const document = read_json(input);
    if (!document)
        return;
    auto const text = boost::json::serialize(*document);
    auto const again = read_json(text);
    promise(again.has_value(), "what is read can be written and read again");
    promise(same(*document, *again), "and is the same");
    if (auto const* object = document->if_object())
        for (auto const& member : *object)
            promise(!raw_member(input, member.key()).empty(), "every member has its own text");
    if (auto const* array = document->if_array())
        promise(raw_elements(input).size() == array->size(), "every element has its own text");
}
