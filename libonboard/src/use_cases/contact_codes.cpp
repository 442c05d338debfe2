#include "contact_codes.hpp"

#include <algorithm>

#include "../audit.hpp"
#include "guesses.hpp"

namespace onboard::steps {

Purpose purpose_of(Recipient const& recipient) noexcept
{
    return std::holds_alternative<PhoneNumber>(recipient) ? Purpose::phone : Purpose::sign_up_email;
}

std::string counted(std::string_view binding)
{
    return "counted, " + std::string(binding);
}

Result<int> count_code_try(Ports const& ports, Policy const& policy, Recipient const& recipient)
{
    auto const work = ports.storage.begin();
    auto const left = count_try(*work, ports, policy, purpose_of(recipient), key_of(recipient));
    if (left)
        note_code_try(*work, ports, recipient);
    work->commit();
    return left;
}

void note_code_try(UnitOfWork& work, Ports const& ports, Recipient const& recipient)
{
    audit::record(
        work, ports, {{.event = AuditEvent::code_tried, .detail = "for " + audit::fingerprint(ports, recipient)}});
}

std::optional<ContactCode> find_contact_code(
    UnitOfWork& work, Ports const& ports, Recipient const& recipient, std::string_view binding,
    std::string_view typed)
{
    auto const purpose = purpose_of(recipient);
    auto const& subject = key_of(recipient);
    work.codes().hold(purpose, subject);
    auto const when_counted = counted(binding);
    auto const code = find_code(work, ports, purpose, subject, {binding, when_counted}, typed);
    if (!code)
        return std::nullopt;
    return ContactCode{.id = code->id, .counted = code->binding == when_counted};
}

bool any_contact_code(
    UnitOfWork const& work, Ports const& ports, Recipient const& recipient, std::string_view binding)
{
    auto const alive = work.codes().alive(purpose_of(recipient), key_of(recipient), ports.clock.now());
    return std::ranges::any_of(
        alive, [&](Code const& code) { return code.binding == binding || code.binding == counted(binding); });
}

void give_back_code_try(UnitOfWork& work, Recipient const& recipient)
{
    work.codes().give_back_try(purpose_of(recipient), key_of(recipient));
}

void give_back_code_try(Ports const& ports, Recipient const& recipient)
{
    give_back_guess(ports, purpose_of(recipient), key_of(recipient));
}

}
