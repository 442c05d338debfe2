#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <onboard/jwt.hpp>

#include "server/contracts/browser_answers.hpp"
#include "server/contracts/contracts.hpp"
#include "server/http/forms.hpp"
#include "server/http/throttle.hpp"
#include "server/pages/languages.hpp"
#include "server/pages/pages.hpp"

// The door for people whom the portal of a state sends here: GET /v2/user/session/create?token=...
namespace onboard::server {

namespace {

// A portal's token is made for one visit that begins at once.
constexpr std::chrono::seconds longest_life{600};

// Fits into a cookie with all else there is to know of a visit.
constexpr std::size_t longest_target = 512;

// Whether a URL is below another: the same place, or a path, query or fragment of it.
bool is_below(std::string_view url, std::string_view base)
{
    if (base.ends_with('/'))
        base.remove_suffix(1);
    if (!url.starts_with(base))
        return false;
    auto const rest = url.substr(base.size());
    return rest.empty() || rest.front() == '/' || rest.front() == '?' || rest.front() == '#';
}

// Whether a browser reads a URL as we do: it has no characters that need escapes, and no way up, however spelled.
bool is_plain(std::string_view url)
{
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%";
    return url.size() <= longest_target && url.find_first_not_of(plain) == std::string_view::npos &&
           url.find("..") == std::string_view::npos && url.find("%2e") == std::string_view::npos &&
           url.find("%2E") == std::string_view::npos;
}

// A text that is not empty.
std::optional<std::string> text_in(jwt::Claims const& claims, std::string_view name)
{
    auto text = claims.text(name);
    return text && !text->empty() ? text : std::nullopt;
}

// The keys of issuers. To read one takes long, and anybody may name an issuer, so each is read once.
class IssuerKeys {
public:
    struct Key {
        jwt::Algorithm algorithm;
        jwt::KeySet set;  // of this key alone
    };

    // Nothing if the key is of no use.
    std::optional<Key> of(TokenIssuer const& issuer)
    {
        std::scoped_lock const lock(mutex_);
        auto& kept = kept_[issuer.name];
        if (kept.pem != issuer.public_key)
            kept = {.pem = issuer.public_key, .key = read(issuer)};
        return kept.key;
    }

private:
    struct Kept {
        std::string pem = {};
        std::optional<Key> key = {};
    };

    // Where a token has a `kid`, it is the issuer's name.
    static std::optional<Key> read(TokenIssuer const& issuer)
    {
        auto const key = jwt::VerificationKey::from_pem(issuer.public_key);
        if (!key)
            return std::nullopt;
        auto set = jwt::KeySet::of({{.key = *key, .id = issuer.name}});
        return set ? std::optional(Key{.algorithm = key->algorithm(), .set = *std::move(set)}) : std::nullopt;
    }

    std::mutex mutex_;
    std::map<std::string, Kept> kept_;
};

struct PortalRefusal {
    int status;
    pages::PortalTrouble trouble;
};

PortalRefusal refusal_of(Errc code)
{
    using pages::PortalTrouble;
    switch (code) {
    case Errc::issuer_unknown:
    case Errc::text_malformed:
    case Errc::token_spent: return {401, PortalTrouble::credentials};
    case Errc::organisation_unknown:
    case Errc::organisation_elsewhere:
    case Errc::channel_unknown: return {404, PortalTrouble::organisation};
    case Errc::account_blocked:
    case Errc::account_deleted: return {403, PortalTrouble::blocked};
    case Errc::contact_missing:
    case Errc::phone_not_served: return {422, PortalTrouble::contact};
    case Errc::attempts_spent: return {429, PortalTrouble::other};
    default: return {500, PortalTrouble::other};
    }
}

class PortalContract : public Contract {
public:
    PortalContract(
        Onboarding& onboarding, SecretKey const& key, Links const& links, Region region, Log const& log,
        SignIns& sign_ins)
        : onboarding_(onboarding),
          links_(links),
          region_(region),
          log_(log),
          sign_ins_(sign_ins),
          answers_(links, key)
    {
    }

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view) const override { return false; }
    Response fault(RequestHead const& head, FaultDetails const& details) const override
    {
        return answers_.fault(language_of(head), details);
    }

private:
    // What a token says, with the issuer it is of.
    struct Checked {
        TokenIssuer issuer;
        jwt::Claims claims;
    };

    Answer arrive(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        if (head.method() == "HEAD" || is_prefetch(head))
            return answers_.no_content();
        auto const language = language_of(head);
        auto const checked = check(form_field(head.query(), "token").value_or(std::string()));
        if (!checked)
            return refused(language, refuse(Errc::token_spent));
        auto const& [issuer, claims] = *checked;
        // What decides where somebody belongs is not guessed at.
        for (auto const name : {"state_id", "school_id"})
            if (claims.has(name) && !claims.text(name))
                return refused(language, refuse(Errc::token_spent));
        auto const state = text_in(claims, "state_id");
        if (state && *state != issuer.channel.str())
            return refused(language, refuse(Errc::organisation_elsewhere));
        auto visitor = read_visitor(claims);
        visitor.client = throttle_key(exchange.request.client);
        visitor.previous = answers_.session_token(head);
        return [this, language, visitor = std::move(visitor)] { return let_in(language, visitor); };
    }

    // Told apart in the log alone.
    std::optional<Checked> check(std::string_view token)
    {
        auto const name = jwt::unverified_issuer(token);
        auto const issuer =
            name ? onboarding_.token_issuer(*name) : Result<TokenIssuer>(refuse(Errc::issuer_unknown));
        if (!issuer) {
            log_.info("a portal's token was refused", {{"reason", "issuer_unknown"}});
            return std::nullopt;
        }
        auto const key = keys_.of(*issuer);
        if (!key) {
            log_.error("the key of an issuer cannot be used", {{"issuer", issuer->name}});
            return std::nullopt;
        }
        jwt::Verifier const verifier(expectation_of(*issuer, key->algorithm));
        auto claims = verifier.verify(token, key->set, system_clock().now());
        if (!claims) {
            log_.info(
                "a portal's token was refused", {{"issuer", issuer->name},
                                                 {"reason", name_of(claims.error().reason)},
                                                 {"about", claims.error().about}});
            return std::nullopt;
        }
        return Checked{.issuer = *issuer, .claims = *std::move(claims)};
    }

    jwt::Expectation expectation_of(TokenIssuer const& issuer, jwt::Algorithm algorithm) const
    {
        auto const audience = issuer.audience.empty() ? links_.public_url : issuer.audience;
        return {
            .issuers = {issuer.name},
            .audiences = {audience, audience + '/'},
            .algorithms = {algorithm},
            .required = {"iat", "jti"},
            .longest_life = longest_life};
    }

    // What is known of somebody who comes, with texts of its own.
    struct Visitor {
        std::string issuer;
        std::string subject;
        std::string token_id;
        Instant token_refused_from{};
        std::string target = {};
        std::optional<PersonName> name = {};
        std::optional<PhoneNumber> phone = {};
        bool phone_verified = false;
        std::string organisation = {};
        std::string client = {};
        std::string previous = {};
    };

    // What cannot be read is not there: of somebody who is known nothing of it is needed.
    Visitor read_visitor(jwt::Claims const& claims) const
    {
        Visitor visitor{
            .issuer = claims.issuer(),
            .subject = claims.subject(),
            .token_id = claims.id().value_or(std::string()),
            .token_refused_from = claims.refused_from(),
            .target = target_of(claims),
            .phone_verified = claims.truth("phone_number_verified").value_or(false),
            .organisation = text_in(claims, "school_id").value_or(std::string())};
        if (auto const name = text_in(claims, "name"))
            if (auto read = PersonName::parse(*name))
                visitor.name = *std::move(read);
        if (auto const number = text_in(claims, "phone_number"))
            if (auto read = PhoneNumber::parse(*number, region_))
                visitor.phone = *std::move(read);
        return visitor;
    }

    // Where the person wants to go, if that is one of our places.
    std::string target_of(jwt::Claims const& claims) const
    {
        auto target = text_in(claims, "redirect_uri");
        if (!target)
            target = text_in(claims, "redirect_url");
        if (target && target->starts_with('/') && !target->starts_with("//"))
            target = links_.public_url + *target;
        auto const ours = target && is_plain(*target) &&
                          (is_below(*target, links_.public_url) || is_below(*target, links_.home_url));
        return ours ? *target : links_.home_url;
    }

    Response let_in(Language language, Visitor const& visitor)
    {
        auto const arrival = onboarding_.arrive(
            {.issuer = visitor.issuer,
             .subject = visitor.subject,
             .token_id = visitor.token_id,
             .token_refused_from = visitor.token_refused_from,
             .name = visitor.name,
             .phone = visitor.phone,
             .phone_verified = visitor.phone_verified,
             .organisation = visitor.organisation,
             .language = language,
             .target = visitor.target,
             .client = visitor.client,
             .previous = visitor.previous});
        if (!arrival || arrival->session)
            sign_ins_.note(Entrance::portal, arrival);
        if (!arrival)
            return refused(language, arrival.error());
        auto const& policy = onboarding_.policy();
        if (arrival->session)
            return answers_.redirect(visitor.target)
                .with("Set-Cookie", answers_.session_cookie(arrival->session->token.reveal(), policy.session_life));
        return answers_.redirect("/otp").with(
            "Set-Cookie", answers_.pending_cookie(arrival->visit->reveal(), policy.code_life));
    }

    Response refused(Language language, Error const& error) const
    {
        auto const [status, trouble] = refusal_of(error.code);
        auto response = answers_.page(status, pages::portal_refused(language, trouble));
        if (error.retry_after)
            response.with("Retry-After", std::to_string(error.retry_after->count()));
        return response;
    }

    static Language language_of(RequestHead const& head) { return pages::preferred(head.field("accept-language")); }

    Onboarding& onboarding_;
    Links links_;
    Region region_;
    Log const& log_;
    SignIns& sign_ins_;
    BrowserAnswers answers_;
    IssuerKeys keys_;
    std::array<Route, 2> routes_{{
        {.method = "GET",
         .path = "/v2/user/session/create",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return arrive(exchange); }},
        {.method = "GET",
         .path = "/v1/user/session/create",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return arrive(exchange); }},
    }};
};

}

std::unique_ptr<Contract> portal_contract(
    Onboarding& onboarding, SecretKey const& key, Links const& links, Region phone_region, Log const& log,
    SignIns& sign_ins)
{
    return std::make_unique<PortalContract>(onboarding, key, links, phone_region, log, sign_ins);
}

}
