#include "audit.hpp"

#include <algorithm>
#include <map>

namespace onboard {

std::string_view name_of(AuditEvent event) noexcept
{
    switch (event) {
    case AuditEvent::partner_added: return "partner_added";
    case AuditEvent::partner_token_issued: return "partner_token_issued";
    case AuditEvent::partner_token_revoked: return "partner_token_revoked";
    case AuditEvent::plan_added: return "plan_added";
    case AuditEvent::plan_closed: return "plan_closed";
    case AuditEvent::channel_added: return "channel_added";
    case AuditEvent::issuer_added: return "issuer_added";
    case AuditEvent::issuer_removed: return "issuer_removed";
    case AuditEvent::account_opened: return "account_opened";
    case AuditEvent::account_linked: return "account_linked";
    case AuditEvent::account_blocked: return "account_blocked";
    case AuditEvent::account_unblocked: return "account_unblocked";
    case AuditEvent::account_deleted: return "account_deleted";
    case AuditEvent::email_confirmed: return "email_confirmed";
    case AuditEvent::account_erased: return "account_erased";
    case AuditEvent::account_disclosed: return "account_disclosed";
    case AuditEvent::login_link_issued: return "login_link_issued";
    case AuditEvent::login_link_used: return "login_link_used";
    case AuditEvent::session_opened: return "session_opened";
    case AuditEvent::session_ended: return "session_ended";
    case AuditEvent::auth_code_issued: return "auth_code_issued";
    case AuditEvent::sign_in_tried: return "sign_in_tried";
    case AuditEvent::password_set: return "password_set";
    case AuditEvent::letter_written: return "letter_written";
    case AuditEvent::code_tried: return "code_tried";
    case AuditEvent::contact_proven: return "contact_proven";
    case AuditEvent::people_looked_up: return "people_looked_up";
    }
    return "";
}

std::string_view explain(AuditFlawKind kind) noexcept
{
    switch (kind) {
    case AuditFlawKind::entry_altered: return "the entry was changed, or one before it";
    case AuditFlawKind::entry_missing: return "the entry is missing";
    case AuditFlawKind::strand_cut: return "the strand does not end where it was left";
    case AuditFlawKind::strand_missing: return "there are not as many strands as were begun";
    case AuditFlawKind::trail_missing: return "there are partners or people here, and no trail";
    }
    return "";
}

namespace audit {

namespace {

constexpr int counting_strand = 0;

Digest first_seal(SecretKey const& key, int strand)
{
    return key.digest(Purpose::audit, "strand " + std::to_string(strand), std::string_view());
}

Digest seal_of_count(SecretKey const& key, std::int64_t count)
{
    return key.digest(Purpose::audit, "strands", std::to_string(count));
}

// What an entry says, without a doubt where one part ends: only the last can be any text.
std::string text_of(AuditEntry const& entry)
{
    std::string text;
    auto const add = [&text](std::int64_t number) { (text += std::to_string(number)) += ' '; };
    add(entry.strand);
    add(entry.number);
    add(entry.at.time_since_epoch().count());
    add(static_cast<std::int64_t>(entry.event));
    add(entry.account ? static_cast<std::int64_t>(*entry.account) : 0);
    add(entry.partner ? static_cast<std::int64_t>(*entry.partner) : 0);
    return text + entry.detail;
}

Digest seal_with(SecretKey const& key, AuditEntry const& entry, Digest const& before)
{
    return key.digest(Purpose::audit, text_of(entry), before.bytes());
}

AuditTag tag_of(Digest const& seal)
{
    AuditTag tag;
    std::ranges::copy_n(seal.bytes().begin(), tag.size(), tag.begin());
    return tag;
}

AuditStrand begin_strand(AuditTrail& trail, SecretKey const& key)
{
    auto const count = trail.hold_count() + 1;
    auto const id = static_cast<int>(count);
    AuditStrand begun{.strand = id, .last = 0, .seal = first_seal(key, id)};
    trail.begin(begun, {.strand = counting_strand, .last = count, .seal = seal_of_count(key, count)});
    return begun;
}

// Follows the trail, entry by entry, and notes the first flaw of each strand.
class Inspection {
public:
    Inspection(SecretKey const& key, std::vector<AuditStrand> const& strands) : key_(key)
    {
        for (auto const& strand : strands)
            if (strand.strand != counting_strand)
                followed_.emplace(strand.strand, Followed{.end = strand, .seal = first_seal(key, strand.strand)});
        report_.strands = static_cast<int>(followed_.size());
        check_count(strands);
    }

    void follow(AuditEntry const& entry)
    {
        ++report_.entries;
        auto const found = followed_.find(entry.strand);
        if (found == followed_.end())
            return note_stray(entry);
        auto& strand = found->second;
        if (strand.flawed)
            return;
        auto const expected = strand.last + 1;
        if (entry.number != expected)
            return note(strand, AuditFlawKind::entry_missing, expected);
        auto const seal = seal_with(key_, entry, strand.seal);
        if (tag_of(seal) != entry.tag)
            return note(strand, AuditFlawKind::entry_altered, expected);
        strand.last = expected;
        strand.seal = seal;
    }

    AuditReport finish() &&
    {
        for (auto& [id, strand] : followed_)
            if (!strand.flawed && (strand.last != strand.end.last || !same(strand.seal, strand.end.seal)))
                note(strand, AuditFlawKind::strand_cut, strand.last + 1);
        return std::move(report_);
    }

private:
    struct Followed {
        AuditStrand end;
        Digest seal;
        std::int64_t last = 0;
        bool flawed = false;
    };

    // Strands are begun one after the other, from 1 on, and none is ever ended.
    void check_count(std::vector<AuditStrand> const& strands)
    {
        auto const counting = std::ranges::find(strands, counting_strand, &AuditStrand::strand);
        auto const count = counting == strands.end() ? 0 : counting->last;
        auto const counted =
            counting == strands.end() ? followed_.empty() : same(counting->seal, seal_of_count(key_, count));
        auto const complete = static_cast<std::int64_t>(followed_.size()) == count &&
                              (followed_.empty() || followed_.rbegin()->first == count);
        if (!counted || !complete)
            report_.flaws.push_back({.kind = AuditFlawKind::strand_missing});
    }

    void note_stray(AuditEntry const& entry)
    {
        if (entry.strand == stray_)
            return;
        stray_ = entry.strand;
        report_.flaws.push_back(
            {.kind = AuditFlawKind::strand_missing, .strand = entry.strand, .number = entry.number});
    }

    void note(Followed& strand, AuditFlawKind kind, std::int64_t number)
    {
        strand.flawed = true;
        report_.flaws.push_back({.kind = kind, .strand = strand.end.strand, .number = number});
    }

    SecretKey const& key_;
    std::map<int, Followed> followed_;
    std::optional<int> stray_;
    AuditReport report_;
};

bool is_empty(UnitOfWork const& work)
{
    return work.partners().all().empty() && !work.accounts().any();
}

}

void record(UnitOfWork& work, Ports const& ports, std::span<Event const> events)
{
    if (events.empty())
        return;
    auto& trail = work.audit();
    auto taken = trail.take_strand();
    auto strand = taken ? *taken : begin_strand(trail, ports.key);
    auto const now = ports.clock.now();
    std::vector<AuditEntry> entries;
    entries.reserve(events.size());
    for (auto const& event : events) {
        AuditEntry entry{
            .strand = strand.strand,
            .number = ++strand.last,
            .at = now,
            .event = event.event,
            .account = event.account,
            .partner = event.partner,
            .detail = event.detail};
        strand.seal = seal_with(ports.key, entry, strand.seal);
        entry.tag = tag_of(strand.seal);
        entries.push_back(std::move(entry));
    }
    trail.append(entries, strand);
}

void record(UnitOfWork& work, Ports const& ports, std::initializer_list<Event> events)
{
    record(work, ports, std::span(events.begin(), events.size()));
}

std::string fingerprint(Ports const& ports, Recipient const& recipient)
{
    constexpr std::size_t octets = 8;
    constexpr std::string_view digits = "0123456789abcdef";
    auto const digest = ports.key.digest(Purpose::audit, "recipient", key_of(recipient));
    std::string text;
    for (auto const byte : std::span(digest.bytes()).first(octets)) {
        text += digits[std::to_integer<std::size_t>(byte >> 4)];
        text += digits[std::to_integer<std::size_t>(byte & std::byte{0x0f})];
    }
    return text;
}

void for_each(UnitOfWork const& work, std::function<void(AuditEntry const&)> const& visit)
{
    constexpr int batch = 1000;
    AuditPlace place;
    while (true) {
        auto const entries = work.audit().entries(place, batch);
        for (auto const& entry : entries)
            visit(entry);
        if (entries.size() < batch)
            return;
        place = {.strand = entries.back().strand, .number = entries.back().number};
    }
}

AuditReport verify(UnitOfWork const& work, Ports const& ports)
{
    auto const strands = work.audit().strands();
    Inspection inspection(ports.key, strands);
    for_each(work, [&](AuditEntry const& entry) { inspection.follow(entry); });
    auto report = std::move(inspection).finish();
    if (strands.empty() && report.entries == 0 && !is_empty(work))
        report.flaws.push_back({.kind = AuditFlawKind::trail_missing});
    return report;
}

}

}
