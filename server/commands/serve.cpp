#include "server/commands/serve.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <onboard/onboard.hpp>
#include <onboard/sqlite_storage.hpp>

#include "server/commands/open.hpp"
#include "server/contracts/contracts.hpp"
#include "server/http/http_server.hpp"
#include "server/identity/google.hpp"
#include "server/metrics/scrape.hpp"
#include "server/post/directory_mailer.hpp"
#include "server/post/post_office.hpp"
#include "server/post/smtp_mailer.hpp"
#include "server/post/text_directory.hpp"
#include "server/post/text_gateway.hpp"
#include "server/service_manager.hpp"
#include "server/settings/urls.hpp"

#ifndef ONBOARD_VERSION
#define ONBOARD_VERSION "unknown"
#endif

namespace onboard::server {

namespace {

constexpr std::chrono::seconds grace{10};
constexpr std::chrono::milliseconds pause{5};  // for others to write
constexpr std::chrono::milliseconds tidy_interval{60000};

// A password takes a core for nearly a tenth of a second, and 64 MiB: more than this cannot be done within two seconds,
// and not within a gigabyte. One core is left to everybody else.
constexpr unsigned most_hashing = 16;
constexpr std::size_t passwords_waiting_per_thread = 16;
constexpr std::chrono::seconds password_patience{2};

// Where an identity provider is asked for its keys, all who need them wait together.
constexpr int asking = 4;
constexpr std::size_t most_asking = 64;
constexpr std::chrono::seconds asking_patience{10};

// A database that is elsewhere keeps those who ask it waiting, and not the sockets.
constexpr std::size_t most_reading = 4096;
constexpr std::chrono::seconds reading_patience{10};

// A mail server or a gateway that is far away spends most of the time on the way.
constexpr int carriers_to_server = 4;

// What has to be done once or now and then, beside everything else: tables are loaded, dead rows are forgotten.
class Chores {
public:
    Chores(Onboarding& onboarding, Log const& log) : onboarding_(onboarding), log_(log), thread_([this] { work(); })
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
    // No turn takes long, so that the end is never far.
    void work()
    {
        onboarding_.warm_up();
        std::unique_lock lock(mutex_);
        while (!over_) {
            lock.unlock();
            bool more = false;
            try {
                more = onboarding_.tidy() > 0;
            } catch (std::exception const& breakdown) {
                log_.error("dead rows have to wait", {{"reason", breakdown.what()}});
            }
            lock.lock();
            changed_.wait_for(lock, more ? pause : tidy_interval, [this] { return over_; });
        }
    }

    Onboarding& onboarding_;
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

std::unique_ptr<Mailer>
mailer_of(Settings const& settings, std::string const& public_url, Clock const& clock, std::stop_token stop)
{
    if (settings.smtp)
        return std::make_unique<post::SmtpMailer>(
            *settings.smtp, settings.mail_from, public_url, clock, std::move(stop));
    return std::make_unique<post::DirectoryMailer>(settings.mail_directory, settings.mail_from, public_url, clock);
}

std::unique_ptr<Mailer> texter_of(Settings const& settings, std::string const& public_url, std::stop_token stop)
{
    auto host = WebUrl::parse(public_url).value().host;
    if (settings.sms_url.empty())
        return std::make_unique<post::DirectoryTexter>(settings.sms_directory, std::move(host));
    return std::make_unique<post::TextGateway>(
        post::TextGatewayAddress{.url = settings.sms_url, .token = settings.sms_token}, std::move(host),
        std::move(stop));
}

// What of the settings can change while the server runs.
void reload(Log& log, ReadAgain const& read_again)
{
    try {
        auto const settings = read_again();
        if (settings) {
            log.set_least(settings->log);
            log.info("settings read again", {{"log", name_of(settings->log)}});
            return;
        }
        for (auto const& problem : settings.error())
            log.error(
                "the settings are bad; the old ones stay", {{"setting", problem.setting}, {"rule", problem.rule}});
    } catch (std::exception const& trouble) {
        log.error("the settings were not read; the old ones stay", {{"reason", trouble.what()}});
    }
}

// Without a listener of the operators' own, metrics are for this machine alone.
bool shows_metrics_to_all(Settings const& settings, Links const& links)
{
    return !settings.admin_listen && settings.listen.loopback &&
           is_loopback(WebUrl::parse(links.public_url).value().host);
}

std::string url_of_admin(Settings const& settings, std::uint16_t port)
{
    if (!settings.admin_listen)
        return {};
    auto endpoint = *settings.admin_listen;
    endpoint.port = port;
    return url_of(endpoint, settings.tls() && !endpoint.loopback ? "https" : "http");
}

}

int serve(Settings const& settings, ReadAgain const& read_again)
{
    Log log(settings.log);
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

    auto const hashing = std::clamp(std::thread::hardware_concurrency(), 2U, most_hashing + 1) - 1;
    Worker password_worker(
        Computing{
            .threads = static_cast<int>(hashing),
            .capacity = passwords_waiting_per_thread * hashing,
            .patience = password_patience},
        log);

    std::stop_source stopping;
    auto const google = google_of(settings, log, stopping.get_token());
    Worker asking_worker(
        Computing{
            .threads = google ? asking : 0, .gives_way = false, .capacity = most_asking, .patience = asking_patience},
        log);

    // Where there are several writers the database is elsewhere.
    std::optional<Worker> reading_worker;
    if (auto const readers = opened.storage->concurrent_writers(); readers > 1)
        reading_worker.emplace(
            Computing{.threads = readers, .gives_way = false, .capacity = most_reading, .patience = reading_patience},
            log);

    Workers const workers{
        .writes = worker,
        .computes = password_worker,
        .waits = asking_worker,
        .reads = reading_worker ? &*reading_worker : nullptr};
    HttpServer http(
        {.listen = settings.listen,
         .tls_certificate = settings.tls_certificate,
         .tls_key = settings.tls_key,
         .trusted_proxies = settings.trusted_proxies,
         .admin_listen = settings.admin_listen},
        workers, log);
    Links const links{
        .public_url = effective_public_url(settings, http.port()),
        .login_url = effective_login_url(settings, http.port()),
        .home_url = effective_home_url(settings, http.port())};

    Events events;
    RouteNumbers routes;
    Watched const watched{
        .ports = ports,
        .http = http,
        .routes = routes,
        .workers = workers,
        .events = events,
        .version = ONBOARD_VERSION,
        .schema = schema_of(settings)};
    Scrape const metrics = [&watched] { return scrape(watched); };
    std::atomic<bool> draining = false;
    Readiness const ready = [&] { return !draining && can_read(*opened.storage); };

    Throttle failures(settings.sign_in_per_address_per_minute);
    std::vector<std::unique_ptr<Contract>> contracts;
    contracts.push_back(password_pages(onboarding, opened.key, links, events.sign_ins));
    contracts.push_back(email_pages(onboarding, opened.key, links));
    contracts.push_back(partner_contract(onboarding, links));
    contracts.push_back(sso_contract(onboarding, settings.phone_region.value(), log, events));
    contracts.push_back(sunbird_contract(onboarding, settings.phone_region.value(), google.get(), log, events));
    contracts.push_back(
        portal_contract(onboarding, opened.key, links, settings.phone_region.value(), log, events.sign_ins));
    contracts.push_back(oauth_contract(onboarding, failures));
    contracts.push_back(application_contract(onboarding, events.sign_ins));
    contracts.push_back(documentation_contract(opened.key, links));
    contracts.push_back(operations_contract(ready, shows_metrics_to_all(settings, links) ? metrics : nullptr));
    contracts.push_back(browser_contract(onboarding, opened.key, links, later, events));
    Application application(onboarding, std::move(contracts), routes, failures, log);
    std::vector<std::unique_ptr<Contract>> for_operators;
    for_operators.push_back(operations_contract(ready, metrics));
    Application admin(onboarding, std::move(for_operators), routes, failures, log);

    std::optional<post::PostOffice> mail;
    auto const make_mailer = [&](std::stop_token stop) {
        return mailer_of(settings, links.public_url, ports.clock, std::move(stop));
    };
    mail.emplace(ports, Channel::mail, make_mailer, settings.smtp ? carriers_to_server : 1, log, events);
    std::optional<post::PostOffice> texts;
    auto const make_texter = [&](std::stop_token stop) {
        return texter_of(settings, links.public_url, std::move(stop));
    };
    texts.emplace(ports, Channel::text, make_texter, settings.sms_url.empty() ? 1 : carriers_to_server, log, events);
    std::optional<Chores> chores;
    chores.emplace(onboarding, log);

    auto const url =
        url_of({settings.listen.address, http.port(), settings.listen.loopback}, settings.tls() ? "https" : "http");
    auto const admin_url = url_of_admin(settings, http.admin_port());
    ServiceManager const service_manager;
    auto const tell = [&](std::string_view state) {
        if (!service_manager.tell(state))
            log.warn("the service manager was not told", {{"state", state}});
    };
    Milestones const milestones{
        .listening =
            [&] {
                std::cout << "listening on " << url << std::endl;
                log.info("listening", {{"url", url}, {"public_url", links.public_url}, {"admin_url", admin_url}});
                tell("READY=1");
            },
        .reload = [&] { reload(log, read_again); },
        .draining =
            [&] {
                draining = true;
                log.info("stopping");
                tell("STOPPING=1");
            }};
    http.run({.main = application, .admin = &admin}, routes, milestones, grace);
    stopping.request_stop();
    texts.reset();
    mail.reset();
    chores.reset();
    log.info("stopped");
    return 0;
}

}
