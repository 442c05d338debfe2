#pragma once

#include <optional>
#include <string>
#include <vector>

#include <onboard/identifier.hpp>

#pragma GCC visibility push(default)

// Who people belong to: root organisations, each known by its channel, and the organisations below them.
namespace onboard {

// By what a root organisation is known. 1 to 64 of letters, digits, '.', '_' and '-' of ASCII, since it is a part of
// login ids. Refused with text_malformed.
using ChannelName = Identifier<struct ChannelNameTag>;

// By what an organisation is known, in any channel. Refused with text_malformed.
using OrganisationId = Identifier<struct OrganisationIdTag>;

template <>
Result<ChannelName> ChannelName::parse(std::string_view);
template <>
Result<OrganisationId> OrganisationId::parse(std::string_view);

// A root organisation, with those below it.
struct RootOrganisation {
    ChannelName channel;
    std::vector<OrganisationId> organisations = {};  // below it, by id

    friend bool operator==(RootOrganisation const&, RootOrganisation const&) = default;
};

// That somebody belongs to a root organisation, and perhaps to one below it; with the role of the public, and no other.
struct Membership {
    ChannelName channel;
    std::optional<OrganisationId> organisation = {};

    friend bool operator==(Membership const&, Membership const&) = default;
};

}

#pragma GCC visibility pop
