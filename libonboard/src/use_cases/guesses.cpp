#include "guesses.hpp"

#include <algorithm>

namespace onboard::steps {

namespace {

// A code says nothing of whom it was sent to or why; its digest does.
Digest digest_of_code(
    SecretKey const& key, Purpose purpose, std::string_view subject, std::string_view binding, std::string_view code)
{
    auto const whose = std::string(subject) + '\n' + std::string(binding);
    return key.digest(purpose, whose, code);
}

std::string without_spaces(std::string_view typed)
{
    std::string code(typed);
    std::erase_if(
        code, [](char letter) { return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n'; });
    return code;
}

}

Result<int> count_guess(UnitOfWork& work, Ports const& ports, GuessLimit const& limit)
{
    auto const now = ports.clock.now();
    auto const tries = work.codes().count_tries(limit.purpose, limit.subject, now, limit.window, limit.guesses);
    if (tries.used > limit.most)
        return Error{
            .code = Errc::attempts_spent,
            .field = std::string(limit.field),
            .attempts_left = 0,
            .retry_after = std::chrono::ceil<std::chrono::seconds>(tries.window_ends - now)};
    return limit.most - tries.used;
}

void give_back_guess(Ports const& ports, Purpose purpose, std::string_view subject)
{
    constexpr int most_attempts = 5;
    for (int attempt = 1;; ++attempt)
        try {
            auto const work = ports.storage.begin();
            work->codes().give_back_try(purpose, subject);
            work->commit();
            return;
        } catch (StorageConflict const&) {
            if (attempt == most_attempts)
                throw;
        }
}

Result<void> count_client(UnitOfWork& work, Ports const& ports, Policy const& policy, std::string_view client)
{
    auto const left = count_guess(
        work, ports,
        {.purpose = Purpose::sign_in_client,
         .subject = client,
         .field = "client",
         .most = policy.sign_ins_per_client_per_minute,
         .window = std::chrono::minutes(1)});
    return left ? Result<void>() : left.error();
}

Result<int>
count_try(UnitOfWork& work, Ports const& ports, Policy const& policy, Purpose purpose, std::string_view subject)
{
    return count_guess(
        work, ports,
        {.purpose = purpose,
         .subject = subject,
         .field = "code",
         .most = policy.code_tries,
         .window = policy.code_window});
}

std::optional<Code> find_code(
    UnitOfWork const& work, Ports const& ports, Purpose purpose, std::string_view subject,
    std::initializer_list<std::string_view> bindings, std::string_view typed)
{
    auto const plain = without_spaces(typed);
    auto const alive = work.codes().alive(purpose, subject, ports.clock.now());
    std::optional<Code> found;
    for (auto const binding : bindings) {
        auto const digest = digest_of_code(ports.key, purpose, subject, binding, plain);
        for (auto const& code : alive)
            if (same(code.digest, digest) && code.binding == binding)
                found = code;
    }
    return found;
}

bool spend_code(
    UnitOfWork& work, Ports const& ports, Purpose purpose, std::string_view subject, std::string_view binding,
    std::string_view typed)
{
    auto const code = find_code(work, ports, purpose, subject, {binding}, typed);
    if (!code || !work.codes().spend(code->id, ports.clock.now()))
        return false;
    work.codes().give_back_try(purpose, subject);
    return true;
}

bool is_alive(
    UnitOfWork const& work, Ports const& ports, Purpose purpose, std::string_view subject, std::string_view code)
{
    return std::ranges::any_of(work.codes().alive(purpose, subject, ports.clock.now()), [&](Code const& kept) {
        return same(kept.digest, digest_of_code(ports.key, purpose, subject, kept.binding, code));
    });
}

void keep_code(
    UnitOfWork& work, Ports const& ports, Purpose purpose, std::string_view subject, std::string_view binding,
    std::string_view code, Instant expires_at)
{
    work.codes().add(
        {.purpose = purpose,
         .subject = std::string(subject),
         .binding = std::string(binding),
         .digest = digest_of_code(ports.key, purpose, subject, binding, without_spaces(code)),
         .expires_at = expires_at});
}

}
