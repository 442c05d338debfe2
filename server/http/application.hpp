#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <onboard/onboard.hpp>

#include "server/http/contract.hpp"
#include "server/http/throttle.hpp"
#include "server/http/traffic.hpp"
#include "server/log.hpp"

namespace onboard::server {

// A request that may be read to its end: where it goes, and who asks.
struct Admitted {
    Contract const* contract = nullptr;
    Route const* route = nullptr;
    std::size_t route_number = 0;
    std::optional<Partner> caller = {};
    std::string_view parameter = {};  // refers to the request's head
};

// All contracts, and the one way through them: find the route, settle method, credentials, right and media type on the
// head alone, and only then look at the body. Safe to use from many threads.
class Application {
public:
    // Of the contracts that own a path, the first one does. `failures` counts wrong credentials, and must outlive this.
    Application(Onboarding&, std::vector<std::unique_ptr<Contract>>, RouteNumbers&, Throttle& failures, Log const&);

    // Notes in `admitted` which contract a request is for, and which of its routes; or a refusal, which is final.
    std::optional<Response> find_route(RequestHead const&, Admitted& admitted) const;

    // Settles what else can be settled before the body is read, and notes it, too. May read the storage.
    std::optional<Response> admit(RequestHead const&, std::string_view client, Admitted& admitted);

    // What to answer to a whole request, or the work to find it out. Never throws.
    Answer answer(Admitted const&, Request const&);

    // Runs work, once more if the storage was busy. Never throws.
    std::optional<Response> run(Admitted const&, Request const&, LongWork::Part const&) const;

    // The contract's word for trouble that was met on the way.
    Response fault(Admitted const&, RequestHead const&, FaultDetails const&) const;

    // For a head that could not be read, so that no contract is known.
    static Response refusal(RequestHead::Refusal);

private:
    // Who calls, or what to say if nobody may. Counts wrong credentials.
    std::optional<Response> find_caller(RequestHead const&, std::string_view client, Admitted&);

    // What is wrong with the types of the answer and of the body.
    static std::optional<Fault> judge_media(Route const&, RequestHead const&);

    Contract const& contract_for(std::string_view path) const;
    Response breakdown(Admitted const&, Request const&) const;

    Onboarding& onboarding_;
    std::vector<std::unique_ptr<Contract>> contracts_;
    std::vector<std::size_t> numbers_;  // of the contracts' routes, one after the other
    Throttle& failures_;
    Log const& log_;
};

}
