#include "server/curl_handle.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace onboard::server {

namespace {

using std::chrono::steady_clock;

// Most servers close a connection that has been idle for some minutes.
constexpr long idle_seconds = 60;

// Once for the process, and never undone: others in it may use libcurl, too.
void start_curl()
{
    static auto const outcome = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (outcome != CURLE_OK)
        throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(outcome));
}

char const* variable(char const* name)
{
    auto const* const value = std::getenv(name);
    return value && *value ? value : nullptr;
}

}

CurlHandle::CurlHandle(std::stop_token stop) : stop_(std::move(stop))
{
    start_curl();
    handle_.reset(curl_easy_init());
    if (!handle_)
        throw std::runtime_error("libcurl: cannot make a handle");

    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_MAXCONNECTS, 1L);
    set(CURLOPT_MAXAGE_CONN, idle_seconds);

    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (auto const* const file = variable("SSL_CERT_FILE"))
        set(CURLOPT_CAINFO, file);
    if (auto const* const directory = variable("SSL_CERT_DIR"))
        set(CURLOPT_CAPATH, directory);

    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_XFERINFOFUNCTION, &CurlHandle::on_progress);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
}

CURLcode CurlHandle::perform(std::chrono::milliseconds limit)
{
    error_.front() = '\0';
    deadline_ = steady_clock::now() + limit;
    return curl_easy_perform(handle_.get());
}

void CurlHandle::end_within(std::chrono::milliseconds time) noexcept
{
    deadline_ = std::min(deadline_, steady_clock::now() + time);
}

std::string CurlHandle::trouble(CURLcode outcome) const
{
    return error_.front() == '\0' ? curl_easy_strerror(outcome) : error_.data();
}

// Asked once a second at least. libcurl's own limits do not hold everywhere, as while it waits for the answer to
// QUIT.
int CurlHandle::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    auto const& handle = *static_cast<CurlHandle*>(self);
    return handle.stop_requested() || steady_clock::now() >= handle.deadline_ ? 1 : 0;
}

}
