#include "claims.hpp"

#include "strict_json.hpp"

namespace onboard::jwt {

std::string const& Claims::issuer() const noexcept
{
    return content_->issuer;
}

std::string const& Claims::subject() const noexcept
{
    return content_->subject;
}

std::vector<std::string> const& Claims::audiences() const noexcept
{
    return content_->audiences;
}

std::optional<std::string> const& Claims::authorized_party() const noexcept
{
    return content_->authorized_party;
}

std::optional<std::string> const& Claims::id() const noexcept
{
    return content_->id;
}

Instant Claims::expires_at() const noexcept
{
    return content_->expires_at;
}

std::optional<Instant> Claims::issued_at() const noexcept
{
    return content_->issued_at;
}

std::optional<Instant> Claims::not_before() const noexcept
{
    return content_->not_before;
}

Instant Claims::refused_from() const noexcept
{
    return content_->refused_from;
}

Claims::Fingerprint const& Claims::fingerprint() const noexcept
{
    return content_->fingerprint;
}

std::optional<std::string> Claims::text(std::string_view name) const
{
    auto const text = text_of(content_->all, name);
    return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::optional<bool> Claims::truth(std::string_view name) const
{
    auto const* const value = content_->all.if_contains(name);
    auto const* const truth = value ? value->if_bool() : nullptr;
    return truth ? std::optional(*truth) : std::nullopt;
}

std::optional<double> Claims::number(std::string_view name) const
{
    auto const* const value = content_->all.if_contains(name);
    if (!value || !value->is_number())
        return std::nullopt;
    return value->to_number<double>();
}

bool Claims::has(std::string_view name) const
{
    return content_->all.contains(name);
}

}
