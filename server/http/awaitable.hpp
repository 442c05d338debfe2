#pragma once

#include <chrono>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/wait_traits.hpp>

// Asio's names with the one executor we have in their types; the default, which could be any, costs a virtual call and
// an allocation a step.
namespace onboard::server {

using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
using UseAwaitable = boost::asio::use_awaitable_t<Executor>;

template <class Value>
using Awaitable = boost::asio::awaitable<Value, Executor>;

// For a co_await whose error goes into a variable.
inline auto into(boost::system::error_code& error)
{
    return boost::asio::redirect_error(UseAwaitable(), error);
}

}
