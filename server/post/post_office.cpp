#include "server/post/post_office.hpp"

#include <chrono>

namespace onboard::server::post {

namespace {

constexpr std::chrono::milliseconds pause{500};

// For letters under way when all is over, within what serving may take to stop.
constexpr std::chrono::seconds grace{5};

// Often enough for a claim to outlast two that fail.
constexpr auto renewal = std::chrono::milliseconds(Courier::lease) / 4;

// Says in the log what the mailer could not deliver, so that somebody mends it while the letters wait, and counts.
class ReportingMailer : public Mailer {
public:
    ReportingMailer(std::unique_ptr<Mailer> mailer, Log const& log, Events& events)
        : mailer_(std::move(mailer)), log_(log), events_(events)
    {
    }

    void send(Letter const& letter, std::string_view secret) override
    {
        try {
            mailer_->send(letter, secret);
        } catch (std::exception const& failure) {
            events_.letters.note(letter.kind, LettersOut::Outcome::failed);
            log_.warn(
                "a letter was not delivered",
                {{"letter", letter.id}, {"kind", name_of(letter.kind)}, {"reason", failure.what()}});
            throw;
        }
        events_.letters.note(letter.kind, LettersOut::Outcome::sent);
        auto const* phone = std::get_if<PhoneNumber>(&letter.to);
        if (phone && letter.kind == LetterKind::phone_code)
            events_.texted_codes.note_sent(*phone);
    }

    void gave_up(Letter const& letter, LetterState state, std::string_view reason) override
    {
        events_.letters.note(letter.kind, LettersOut::Outcome::given_up);
        log_.warn(
            "a letter was given up",
            {{"letter", letter.id}, {"kind", name_of(letter.kind)}, {"state", name_of(state)}, {"reason", reason}});
    }

private:
    std::unique_ptr<Mailer> mailer_;
    Log const& log_;
    Events& events_;
};

}

PostOffice::PostOffice(
    Ports const& ports, Channel channel, MakeMailer const& make_mailer, int carriers, Log const& log, Events& events)
    : log_(log)
{
    for (int count = 0; count < carriers; ++count)
        carriers_.emplace_back(
            ports, channel, std::make_unique<ReportingMailer>(make_mailer(stop_.get_token()), log, events),
            stop_.get_token());
    at_work_ = carriers_.size();
    for (auto& carrier : carriers_)
        carrier.thread = std::thread([this, &carrier] { carry(carrier); });
    renewer_ = std::thread([this] { renew_claims(); });
}

PostOffice::~PostOffice()
{
    {
        std::scoped_lock const lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    {
        std::unique_lock lock(mutex_);
        over_changed_.wait_for(lock, grace, [this] { return at_work_ == 0; });
    }
    stop_.request_stop();
    for (auto& carrier : carriers_)
        carrier.thread.join();
    renewer_.join();
}

void PostOffice::carry(Carrier& carrier)
{
    std::unique_lock lock(mutex_);
    while (!over_) {
        lock.unlock();
        bool delivered = false;
        try {
            delivered = carrier.courier.deliver_due() > 0;
        } catch (std::exception const& breakdown) {
            log_.error("letters have to wait", {{"reason", breakdown.what()}});
        }
        if (!delivered)
            wait_for_letters();
        lock.lock();
    }
    --at_work_;
    over_changed_.notify_all();
}

// Whoever has waited the pause out goes to look, and leaves the waiting to the next.
void PostOffice::wait_for_letters()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over_ || !somebody_looks_; });
    if (over_)
        return;
    somebody_looks_ = true;
    changed_.wait_for(lock, pause, [this] { return over_; });
    somebody_looks_ = false;
    lock.unlock();
    changed_.notify_one();
}

void PostOffice::renew_claims()
{
    std::unique_lock lock(mutex_);
    while (!over_changed_.wait_for(lock, renewal, [this] { return at_work_ == 0; })) {
        lock.unlock();
        try {
            for (auto& carrier : carriers_)
                carrier.courier.renew_claim();
        } catch (std::exception const& breakdown) {
            log_.warn("a claim was not renewed", {{"reason", breakdown.what()}});
        }
        lock.lock();
    }
}

}
