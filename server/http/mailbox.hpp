#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace onboard::server {

// What other threads want done on the thread of a context. However much comes at once, the thread is woken once.
class Mailbox {
public:
    explicit Mailbox(boost::asio::io_context& context) : context_(context) {}

    void put(std::function<void()> task)
    {
        {
            std::scoped_lock const lock(mutex_);
            tasks_.push_back(std::move(task));
            if (tasks_.size() > 1)
                return;
        }
        boost::asio::post(context_, [this] { open(); });
    }

private:
    void open()
    {
        std::vector<std::function<void()>> tasks;
        {
            std::scoped_lock const lock(mutex_);
            tasks.swap(tasks_);
        }
        for (auto const& task : tasks)
            task();
    }

    boost::asio::io_context& context_;
    std::mutex mutex_;
    std::vector<std::function<void()>> tasks_;
};

}
