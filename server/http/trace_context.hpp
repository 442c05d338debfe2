#pragma once

#include <string_view>

#include "server/http/request_head.hpp"

namespace onboard::server {

// The trace that a request is part of, as its `traceparent` says (W3C Trace Context, 3.2): 32 hexadecimal digits in lower
// case, a part of the head; empty if there is no such field, more than one, or one that is not as it should be.
std::string_view trace_id_of(RequestHead const&);

}
