#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "server/log.hpp"

namespace onboard::server {

// One line a request, for the thread of a context. What is logged while the thread answers one request after the other is
// written when it comes to rest, which is never far.
class RequestLog {
public:
    RequestLog(boost::asio::io_context& context, Log const& log) : context_(context), lines_(log) {}

    void note(LogFields fields)
    {
        auto const first = lines_.empty();
        lines_.info("request", fields);
        if (first && !lines_.empty())
            boost::asio::post(context_, [this] { lines_.flush(); });
    }

private:
    boost::asio::io_context& context_;
    LogLines lines_;
};

}
