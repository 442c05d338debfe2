#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <onboard/error.hpp>
#include <onboard/letters.hpp>
#include <onboard/phone.hpp>

#include "server/tally.hpp"

// What happens to people, counted for whoever operates the server. Every number is bounded by a closed list: nothing that
// a stranger sends makes one more.
namespace onboard::server {

// How somebody tries to come in.
enum class Entrance : std::uint8_t { login_link, password, password_link, phone_code, portal, identity };
inline constexpr std::array all_entrances{Entrance::login_link, Entrance::password, Entrance::password_link,
                                          Entrance::phone_code, Entrance::portal,   Entrance::identity};

// "login_link"
std::string_view name_of(Entrance) noexcept;

// Of each entrance, how often somebody came in, and how often they were refused, by the reason.
class SignIns {
public:
    static constexpr std::size_t results = static_cast<std::size_t>(Errc::issuer_exists) + 1;

    void note(Entrance entrance, std::optional<Errc> refusal = {}) noexcept
    {
        auto const result = refusal ? static_cast<std::size_t>(*refusal) : 0;
        counts_[static_cast<std::size_t>(entrance)][result < results ? result : 0].add();
    }

    template <class T>
    void note(Entrance entrance, Result<T> const& result) noexcept
    {
        note(entrance, result ? std::nullopt : std::optional(result.error().code));
    }

    std::uint64_t count(Entrance entrance, std::size_t result) const noexcept
    {
        return counts_[static_cast<std::size_t>(entrance)][result].value();
    }

private:
    std::array<std::array<Count, results>, all_entrances.size()> counts_;
};

// Of each country, how many codes were texted to its numbers, and how many came back.
class TextedCodes {
public:
    void note_sent(PhoneNumber const& phone) noexcept { sent_[place_of(phone.region())].add(); }
    void note_proved(PhoneNumber const& phone) noexcept { proved_[place_of(phone.region())].add(); }

    // Calls for each country that was met: its code, how many were sent, how many proved.
    template <class Visit>
    void for_each(Visit const& visit) const
    {
        for (std::size_t place = 0; place < places; ++place) {
            std::array const code{static_cast<char>('A' + place / letters), static_cast<char>('A' + place % letters)};
            auto const sent = sent_[place].value();
            auto const proved = proved_[place].value();
            if (sent + proved > 0)
                visit(std::string_view(code.data(), code.size()), sent, proved);
        }
    }

private:
    static constexpr std::size_t letters = 26;
    static constexpr std::size_t places = letters * letters;

    // A region is two letters in upper case.
    static std::size_t place_of(Region region) noexcept
    {
        auto const code = region.str();
        return static_cast<std::size_t>(code[0] - 'A') * letters + static_cast<std::size_t>(code[1] - 'A');
    }

    std::array<Count, places> sent_;
    std::array<Count, places> proved_;
};

// What became of letters, by kind.
class LettersOut {
public:
    enum class Outcome : std::uint8_t {
        sent,
        failed,    // an attempt, of which there may be more
        given_up,  // for good: refused, lost from sight or too late
    };
    static constexpr std::array outcomes{Outcome::sent, Outcome::failed, Outcome::given_up};
    static constexpr std::size_t kinds = static_cast<std::size_t>(LetterKind::otp) + 1;

    void note(LetterKind kind, Outcome outcome) noexcept
    {
        counts_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(outcome)].add();
    }
    std::uint64_t count(LetterKind kind, Outcome outcome) const noexcept
    {
        return counts_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(outcome)].value();
    }

private:
    std::array<std::array<Count, outcomes.size()>, kinds> counts_;
};

struct Events {
    SignIns sign_ins;
    TextedCodes texted_codes;
    LettersOut letters;
};

}
