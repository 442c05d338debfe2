#include "faults/faulty_storage.hpp"

namespace onboard::faults {

namespace {

using namespace testing;

using WrongUsedTokens = Wrong<ForwardingUsedTokens>;
using WrongRepeatedRequests = Wrong<ForwardingRepeatedRequests>;
using WrongCauses = Wrong<ForwardingCauses>;

struct UsedTokenAlwaysNew : WrongUsedTokens {
    using Wrong::Wrong;
    bool note(Digest const& token, Instant until) override
    {
        right().note(token, until);
        return true;
    }
};

struct UsedTokenNotedForGood : WrongUsedTokens {
    using Wrong::Wrong;
    bool note(Digest const& token, Instant until) override
    {
        auto const is_new = right().note(token, until);
        work().commit_early();
        return is_new;
    }
};

struct UsedTokenForgottenEarly : WrongUsedTokens {
    using Wrong::Wrong;
    int forget(Instant, int limit) override { return right().forget(end_of_time, limit); }
};

// By their first octets.
struct UsedTokensToldApartInPart : WrongUsedTokens {
    using Wrong::Wrong;
    bool note(Digest const& token, Instant until) override
    {
        auto bytes = token.bytes();
        bytes.back() = std::byte{0};
        return right().note(Digest(bytes), until);
    }
};

struct RepetitionForgotten : WrongRepeatedRequests {
    using Wrong::Wrong;
    std::optional<RepeatedRequest>
    claim(PartnerId partner, std::string_view key, Digest const& request, Instant now, Instant since) override
    {
        right().claim(partner, key, request, now, since);
        return std::nullopt;
    }
};

struct KeyOfAllPartners : WrongRepeatedRequests {
    using Wrong::Wrong;
    std::optional<RepeatedRequest>
    claim(PartnerId, std::string_view key, Digest const& request, Instant now, Instant since) override
    {
        return right().claim(PartnerId(1), key, request, now, since);
    }
    void answer(PartnerId, std::string_view key, std::string_view answer) override
    {
        right().answer(PartnerId(1), key, answer);
    }
};

struct KeyForEver : WrongRepeatedRequests {
    using Wrong::Wrong;
    std::optional<RepeatedRequest>
    claim(PartnerId partner, std::string_view key, Digest const& request, Instant now, Instant) override
    {
        return right().claim(partner, key, request, now, Instant());
    }
};

struct ClaimMadeInVain : WrongRepeatedRequests {
    using Wrong::Wrong;
    std::optional<RepeatedRequest>
    claim(PartnerId partner, std::string_view key, Digest const& request, Instant now, Instant since) override
    {
        auto const before = right().claim(partner, key, request, now, since);
        work().commit_early();
        return before;
    }
};

struct CauseOfAllPartners : WrongCauses {
    using Wrong::Wrong;
    bool note(PartnerId, Digest const& cause, Instant now, Instant stale, Instant forgotten) override
    {
        return right().note(PartnerId(1), cause, now, stale, forgotten);
    }
};

struct CauseAlwaysNotedAnew : WrongCauses {
    using Wrong::Wrong;
    bool note(PartnerId partner, Digest const& cause, Instant now, Instant, Instant forgotten) override
    {
        return right().note(partner, cause, now, now, forgotten);
    }
};

struct CauseNeverNotedAnew : WrongCauses {
    using Wrong::Wrong;
    bool note(PartnerId partner, Digest const& cause, Instant now, Instant, Instant forgotten) override
    {
        return right().note(partner, cause, now, forgotten, forgotten);
    }
};

struct CauseReadAndThenNoted : WrongCauses {
    using Wrong::Wrong;
    bool note(PartnerId partner, Digest const& cause, Instant now, Instant stale, Instant forgotten) override
    {
        auto const is_new = right().note(partner, cause, now, stale, forgotten);
        work().let_others_in();
        right().note(partner, cause, now, stale, forgotten);
        return is_new;
    }
};

struct CauseNotedForGood : WrongCauses {
    using Wrong::Wrong;
    bool note(PartnerId partner, Digest const& cause, Instant now, Instant stale, Instant forgotten) override
    {
        auto const is_new = right().note(partner, cause, now, stale, forgotten);
        work().commit_early();
        return is_new;
    }
};

}

std::vector<Fault> faults_of_requests()
{
    return {
        {"a used token is new", {"a token that is good once is new once"}, storage_with<UsedTokenAlwaysNew>},
        {"a token is used up that was noted in vain",
         {"a token that was noted in vain is new, and one that was forgotten in vain is not"},
         storage_with<UsedTokenNotedForGood>},
        {"used tokens are forgotten while they are good",
         {"tokens are forgotten once their time is over, a bounded number at a time"},
         storage_with<UsedTokenForgottenEarly>},
        {"tokens are told apart by a part of their digests",
         {"tokens are told apart by every octet of their digests"},
         storage_with<UsedTokensToldApartInPart>},
        {"a repetition is forgotten",
         {"a key that came before brings back what was answered",
          "of many simultaneous requests with one key, one is new"},
         storage_with<RepetitionForgotten>},
        {"the keys of all partners are one set",
         {"a key belongs to its partner and is compared exactly"},
         storage_with<KeyOfAllPartners>},
        {"a key is never new again", {"a key is new again when its window has passed"}, storage_with<KeyForEver>},
        {"a claim to a key stays that was made in vain",
         {"a claim that is abandoned was never made"},
         storage_with<ClaimMadeInVain>},
        {"what all partners ask for is one set",
         {"what another partner asks for is its own"},
         storage_with<CauseOfAllPartners>},
        {"what is asked for is noted anew each time",
         {"a cause that is repeated soon is remembered from its first time on"},
         storage_with<CauseAlwaysNotedAnew>},
        {"what is asked for is never noted anew",
         {"a cause that is repeated after a while is remembered from then on"},
         storage_with<CauseNeverNotedAnew>},
        {"what is asked for is looked up, and then noted",
         {"of many simultaneous requests for one thing, one is new"},
         storage_with<CauseReadAndThenNoted>},
        {"what was asked for in vain is known",
         {"a cause that was noted in vain is new"},
         storage_with<CauseNotedForGood>},
    };
}

}
