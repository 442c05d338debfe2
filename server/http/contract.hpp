#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <onboard/account.hpp>

#include "server/http/message.hpp"

namespace onboard::server {

// Trouble that belongs to HTTP and not to the domain. Each contract dresses it in its own way.
enum class Fault : std::uint8_t {
    no_such_resource = 1,    // 404
    method_not_allowed,      // 405
    unauthenticated,         // 401, no credentials or wrong ones
    forbidden,               // 403, right credentials, missing right
    too_many_failures,       // 429, wrong credentials once too often
    not_acceptable,          // 406
    unsupported_media_type,  // 415
    too_large,               // 413
    unreadable,              // 400
    overloaded,              // 503, come again
    breakdown,               // 500, or 503 where the storage is at fault
};

struct FaultDetails {
    Fault fault;
    std::string code = {};   // a word for programs, if there is one
    std::string field = {};  // the member it is about
    std::string allow = {};  // the methods there are, for 405
    bool credentials_given = false;
    std::optional<std::chrono::seconds> retry_after = {};
};

int status_of(Fault) noexcept;

// The fields a fault brings along in every contract: Allow, Retry-After, WWW-Authenticate.
void dress_fault(Response&, FaultDetails const&);

// A response now; or the work whose result it is, which writes and therefore waits for its turn.
using Work = std::function<Response()>;

// Work that takes long in its middle, as hashing a password does, or asking another server: it writes before and after,
// and has nothing of ours in its hands in between. A part that answers is the last.
struct LongWork {
    using Part = std::function<std::optional<Response>()>;

    bool waits_for_others = false;  // in its middle, more than it computes
    Part before;                    // none where there is nothing to write
    Part compute;
    Work after;
};

using Answer = std::variant<Response, Work, LongWork>;

// A request that passed admission.
struct Exchange {
    Request const& request;
    std::optional<Partner> const& caller;  // who the credentials say is asking, where a route needs them
    std::string_view parameter;            // what stands for the braces in the route's path
};

// Runs beside the socket: it may read the storage, but leaves writing to the work it returns. Work may run twice.
using Handler = std::function<Answer(Exchange const&)>;

// What a body has to be. Where it is `json_or_nothing` or `sso` it may be missing, and the handler decides; `sso` is JSON
// in a version of its own, with an answer in a type that the caller accepts.
enum class Media : std::uint8_t { none = 1, json, json_or_nothing, form, sso };

struct Route {
    std::string_view method;
    std::string_view path;       // "/login/{token}": one parameter at most, and at the end
    std::optional<Right> right;  // of the partner that calls; none for routes that are open
    bool open_to_all = false;    // also to callers without credentials; those that are given must be right
    Media media = Media::none;
    std::size_t body_limit = 0;
    bool asks_storage = true;  // false: answered beside the socket, whatever becomes of the storage
    Handler handle;
};

// One wire format: its routes, and how it says that something is wrong.
class Contract {
public:
    virtual ~Contract() = default;

    virtual std::span<Route const> routes() const = 0;

    // Whether requests for this path are this contract's to refuse where they match no route.
    virtual bool owns(std::string_view path) const = 0;

    // Whether a partner may show its name and token by HTTP Basic (RFC 7617), too.
    virtual bool takes_basic() const { return false; }

    virtual Response fault(RequestHead const&, FaultDetails const&) const = 0;
};

}
