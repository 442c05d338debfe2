#include "server/commands/serve.hpp"

#include <atomic>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

#include <onboard/courier.hpp>
#include <onboard/onboard.hpp>
#include <onboard/sqlite_storage.hpp>

#include "server/commands/open.hpp"
#include "server/contracts/contracts.hpp"
#include "server/http/http_server.hpp"
#include "server/post/directory_mailer.hpp"

namespace onboard::server {

namespace {

constexpr std::chrono::seconds grace{10};
constexpr std::chrono::milliseconds pause{500};
constexpr std::chrono::seconds tidy_interval{60};

// Says in the log what the mailer could not deliver, so that somebody mends it while the letters wait.
class ReportingMailer : public Mailer {
public:
    ReportingMailer(Mailer& mailer, Log const& log) : mailer_(mailer), log_(log) {}

    void send(Letter const& letter, std::string_view secret) override
    {
        try {
            mailer_.send(letter, secret);
        } catch (DeliveryFailure const& failure) {
            log_.warn(
                "a letter was not delivered",
                {{"letter", letter.id}, {"kind", name_of(letter.kind)}, {"reason", failure.what()}});
            throw;
        }
    }

private:
    Mailer& mailer_;
    Log const& log_;
};

// What has to be done now and then, beside everything else: letters delivered, dead rows forgotten.
class Chores {
public:
    Chores(Onboarding& onboarding, Courier courier, Log const& log)
        : onboarding_(onboarding), courier_(std::move(courier)), log_(log), thread_([this] { work(); })
    {
    }
    ~Chores()
    {
        {
            std::scoped_lock const lock(mutex_);
            over_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    Chores(Chores const&) = delete;
    Chores& operator=(Chores const&) = delete;

private:
    // Letters go before rows, and no turn takes long, so that the end is never far.
    void work()
    {
        auto tidy_at = std::chrono::steady_clock::now();
        std::unique_lock lock(mutex_);
        while (!over_) {
            lock.unlock();
            bool more = false;
            try {
                more = courier_.deliver_due() > 0;
                if (std::chrono::steady_clock::now() >= tidy_at) {
                    if (onboarding_.tidy() > 0)
                        more = true;
                    else
                        tidy_at = std::chrono::steady_clock::now() + tidy_interval;
                }
            } catch (std::exception const& breakdown) {
                log_.error("letters or dead rows have to wait", {{"reason", breakdown.what()}});
            }
            lock.lock();
            if (!more)
                changed_.wait_for(lock, pause, [this] { return over_; });
        }
    }

    Onboarding& onboarding_;
    Courier courier_;
    Log const& log_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

bool can_read(Storage& storage) noexcept
{
    try {
        storage.begin_reading()->partners().find(PartnerId{});
        return true;
    } catch (std::exception const&) {
        return false;
    }
}

}

int serve(Settings const& settings)
{
    Log const log(settings.log);
    leave_sqlite_memory_uncounted();
    auto opened = open(settings, OpenFor::serving);
    Ports const ports{.storage = *opened.storage, .key = opened.key};
    Onboarding onboarding(ports, policy_of(settings));

    Worker worker(*opened.storage, log);
    auto const later = [&](std::function<void()> small_write) {
        auto const quietly = [&log, small_write = std::move(small_write)] {
            try {
                small_write();
            } catch (std::exception const& breakdown) {
                log.warn("a small write failed", {{"reason", breakdown.what()}});
            }
        };
        worker.submit({.run = quietly, .settle = [](Worker::Outcome) {}});
    };

    HttpServer http(
        {.listen = settings.listen,
         .tls_certificate = settings.tls_certificate,
         .tls_key = settings.tls_key,
         .trusted_proxies = settings.trusted_proxies},
        worker, log);
    Links const links{
        .public_url = effective_public_url(settings, http.port()),
        .login_url = effective_login_url(settings, http.port()),
        .home_url = effective_home_url(settings, http.port())};

    std::atomic<bool> draining = false;
    std::vector<std::unique_ptr<Contract>> contracts;
    contracts.push_back(browser_contract(onboarding, opened.key, links, later));
    contracts.push_back(partner_contract(onboarding, links));
    contracts.push_back(application_contract(onboarding));
    contracts.push_back(operations_contract([&] { return !draining && can_read(*opened.storage); }));
    Application application(onboarding, std::move(contracts), settings.sign_in_per_address_per_minute, log);

    post::DirectoryMailer directory(settings.mail_directory, settings.mail_from, ports.clock);
    ReportingMailer mailer(directory, log);
    std::optional<Chores> chores;
    chores.emplace(onboarding, Courier(ports, mailer), log);

    auto const url =
        url_of({settings.listen.address, http.port(), settings.listen.loopback}, settings.tls() ? "https" : "http");
    http.run(
        application,
        [&] {
            std::cout << "listening on " << url << std::endl;
            log.info("listening", {{"url", url}, {"public_url", links.public_url}});
        },
        [&] {
            draining = true;
            log.info("stopping");
        },
        grace);
    chores.reset();
    log.info("stopped");
    return 0;
}

}
