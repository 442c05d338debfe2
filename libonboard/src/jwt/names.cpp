#include <onboard/jwt.hpp>

namespace onboard::jwt {

std::string_view name_of(Algorithm algorithm) noexcept
{
    switch (algorithm) {
    case Algorithm::rs256: return "RS256";
    case Algorithm::es256: return "ES256";
    }
    return "unknown";
}

std::string_view name_of(KeyFault fault) noexcept
{
    switch (fault) {
    case KeyFault::malformed: return "malformed";
    case KeyFault::secret: return "secret";
    case KeyFault::kind_unknown: return "kind_unknown";
    case KeyFault::too_small: return "too_small";
    case KeyFault::too_large: return "too_large";
    case KeyFault::exponent_unsafe: return "exponent_unsafe";
    case KeyFault::invalid: return "invalid";
    case KeyFault::not_for_signatures: return "not_for_signatures";
    case KeyFault::algorithm_differs: return "algorithm_differs";
    case KeyFault::set_malformed: return "set_malformed";
    case KeyFault::set_too_large: return "set_too_large";
    case KeyFault::id_repeated: return "id_repeated";
    case KeyFault::set_empty: return "set_empty";
    }
    return "unknown";
}

std::string_view name_of(Reason reason) noexcept
{
    switch (reason) {
    case Reason::token_too_long: return "token_too_long";
    case Reason::segments_wrong: return "segments_wrong";
    case Reason::encoding_wrong: return "encoding_wrong";
    case Reason::json_wrong: return "json_wrong";
    case Reason::member_repeated: return "member_repeated";
    case Reason::algorithm_refused: return "algorithm_refused";
    case Reason::header_refused: return "header_refused";
    case Reason::type_wrong: return "type_wrong";
    case Reason::key_id_malformed: return "key_id_malformed";
    case Reason::key_unnamed: return "key_unnamed";
    case Reason::key_unknown: return "key_unknown";
    case Reason::algorithm_differs: return "algorithm_differs";
    case Reason::signature_malformed: return "signature_malformed";
    case Reason::signature_wrong: return "signature_wrong";
    case Reason::claim_malformed: return "claim_malformed";
    case Reason::claim_missing: return "claim_missing";
    case Reason::claim_refused: return "claim_refused";
    case Reason::issuer_wrong: return "issuer_wrong";
    case Reason::audience_wrong: return "audience_wrong";
    case Reason::party_wrong: return "party_wrong";
    case Reason::expired: return "expired";
    case Reason::not_yet_valid: return "not_yet_valid";
    case Reason::issued_in_future: return "issued_in_future";
    case Reason::times_contradictory: return "times_contradictory";
    case Reason::life_too_long: return "life_too_long";
    case Reason::too_old: return "too_old";
    case Reason::address_unverified: return "address_unverified";
    case Reason::hosted_domain_wrong: return "hosted_domain_wrong";
    case Reason::keys_unavailable: return "keys_unavailable";
    }
    return "unknown";
}

}
