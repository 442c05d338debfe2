#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include <onboard/courier.hpp>

#include "server/events.hpp"
#include "server/log.hpp"

namespace onboard::server::post {

// The threads that deliver what the outbox holds for one channel, for as long as this lives. Of those that have nothing
// to do one looks for letters twice a second, so that a mail server that lets one of them wait keeps none of the
// others. What could not be delivered is told in the log, and everything is counted.
class PostOffice {
public:
    using MakeMailer = std::function<std::unique_ptr<Mailer>(std::stop_token)>;  // one a thread

    PostOffice(Ports const&, Channel, MakeMailer const&, int carriers, Log const&, Events&);

    // Lets letters under way be handed over or fail, and after a few seconds asks the mailers to stop.
    ~PostOffice();
    PostOffice(PostOffice const&) = delete;
    PostOffice& operator=(PostOffice const&) = delete;

private:
    struct Carrier {
        Carrier(Ports const& ports, Channel channel, std::unique_ptr<Mailer> with, std::stop_token stop)
            : mailer(std::move(with)), courier(ports, channel, *mailer, std::move(stop))
        {
        }

        std::unique_ptr<Mailer> mailer;
        Courier courier;
        std::thread thread = {};
    };

    void carry(Carrier&);
    void wait_for_letters();
    void renew_claims();

    Log const& log_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable over_changed_;
    bool over_ = false;
    bool somebody_looks_ = false;
    std::size_t at_work_ = 0;
    std::stop_source stop_;
    std::list<Carrier> carriers_;
    std::thread renewer_;
};

}
