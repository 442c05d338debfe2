#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>

#include <curl/curl.h>

namespace onboard::server {

struct CurlCleanup {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
    void operator()(char* text) const noexcept { curl_free(text); }
};

using CurlList = std::unique_ptr<curl_slist, CurlCleanup>;
using CurlText = std::unique_ptr<char, CurlCleanup>;

// How one of our transports reaches a server, by libcurl. What holds for all of them is set: TLS, where there is any,
// is 1.2 or newer, and the certificate has to be the host's and one that the system trusts, or what SSL_CERT_FILE and
// SSL_CERT_DIR in the environment name in its place. Nothing else in the environment matters, no proxy is asked and
// no redirect followed. One connection at most is kept, for a minute. For one thread.
class CurlHandle {
public:
    explicit CurlHandle(std::stop_token);
    CurlHandle(CurlHandle const&) = delete;
    CurlHandle& operator=(CurlHandle const&) = delete;

    CURL* get() const noexcept { return handle_.get(); }

    template <class Value>
    void set(CURLoption option, Value value)
    {
        if (auto const outcome = curl_easy_setopt(handle_.get(), option, value); outcome != CURLE_OK)
            throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(outcome));
    }

    // Does what was set. Left within a second or so, with CURLE_ABORTED_BY_CALLBACK, once a stop is requested or the
    // time is over.
    CURLcode perform(std::chrono::milliseconds limit);

    // From within perform(): the time is over after this, if not earlier.
    void end_within(std::chrono::milliseconds) noexcept;

    bool stop_requested() const noexcept { return stop_.stop_requested(); }

    // What came of the last perform(), in libcurl's words. They may have words of the server in them.
    std::string trouble(CURLcode) const;

private:
    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

    std::stop_token stop_;
    std::array<char, CURL_ERROR_SIZE> error_{};
    std::chrono::steady_clock::time_point deadline_;
    std::unique_ptr<CURL, CurlCleanup> handle_;
};

}
