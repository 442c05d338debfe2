#pragma once

#include <boost/system/result.hpp>

#include "support/catch.hpp"

namespace Catch {

// Boost's result, in which the server reads what is not the domain's, always claims to have an operator<<, which fails
// to compile for a value without one.
template <class Value, class Refusal>
struct StringMaker<boost::system::result<Value, Refusal>> {
    static std::string convert(boost::system::result<Value, Refusal> const& result)
    {
        return result ? Detail::stringify(*result) : Detail::stringify(result.error());
    }
};

}
