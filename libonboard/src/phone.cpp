#include <onboard/phone.hpp>

#include <algorithm>
#include <bit>
#include <optional>

#include "phone_table.hpp"
#include "phone_tree.hpp"
#include "unicode.hpp"

namespace onboard {

namespace {

using phone::Row;

constexpr std::size_t longest_text = 40;  // digits: what is dialled before a country code, and the number
constexpr std::size_t least_digits = 7;
constexpr std::size_t most_digits = 15;  // ITU-T E.164, 6.2.1

// ISO 3166-1 alpha-2, and XK for Kosovo, as telephone numbers have it.
constexpr std::string_view region_codes =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ";

bool is_region_code(std::string_view text)
{
    return text.size() == 2 && text.find(' ') == std::string_view::npos &&
           region_codes.find(text) != std::string_view::npos;
}

// What people and programs put between digits, beyond ASCII: spaces that do not break or are narrow, and dashes.
constexpr std::array<std::string_view, 22> wide_separators{
    "\u00a0", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
    "\u200a", "\u202f", "\u205f", "\u3000", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212"};

// The octets of a separator at the front; none if there is another sign.
std::size_t separator_at_front(std::string_view text)
{
    if (std::string_view(" -./()").find(text.front()) != std::string_view::npos)
        return 1;
    auto const found = std::ranges::find_if(
        wide_separators, [&](std::string_view separator) { return text.starts_with(separator); });
    return found == wide_separators.end() ? 0 : found->size();
}

bool is_digit(char sign)
{
    return sign >= '0' && sign <= '9';
}

// What was written, less everything that does not count.
struct Written {
    bool plus = false;
    std::string digits = {};
    std::optional<std::size_t> bracketed_zero = {};  // where the first "(0)" stands among the digits
};

std::optional<Written> read_signs(std::string_view text)
{
    Written written;
    while (!text.empty()) {
        if (text.starts_with("(0)") && !written.bracketed_zero)
            written.bracketed_zero = written.digits.size();
        if (is_digit(text.front())) {
            if (written.digits.size() == longest_text)
                return std::nullopt;
            written.digits += text.front();
            text.remove_prefix(1);
        } else if (text.front() == '+' && !written.plus && written.digits.empty()) {
            written.plus = true;
            text.remove_prefix(1);
        } else if (auto const size = separator_at_front(text); size > 0) {
            text.remove_prefix(size);
        } else {
            return std::nullopt;
        }
    }
    return written;
}

// The subscriber's part of a tel: URI (RFC 3966), or the text itself. Parameters, which would be extensions and
// contexts, are not read.
std::string_view without_scheme(std::string_view text)
{
    constexpr std::string_view scheme = "tel:";
    return unicode::ascii_lower(text.substr(0, scheme.size())) == scheme ? text.substr(scheme.size()) : text;
}

constexpr std::size_t most_codes = 1000;
constexpr std::uint8_t no_row = 255;
static_assert(phone::rows.size() < no_row);

// By country code, the row of its main region.
constexpr auto main_rows = [] {
    std::array<std::uint8_t, most_codes> numbers{};
    numbers.fill(no_row);
    for (std::size_t number = 0; number < phone::rows.size(); ++number)
        if (phone::rows[number].main)
            numbers[phone::rows[number].code] = static_cast<std::uint8_t>(number);
    return numbers;
}();

// The rows of regions that are not the main ones of their codes.
constexpr auto guests = [] {
    constexpr auto count = std::ranges::count(phone::rows, false, &Row::main);
    std::array<std::uint8_t, count> numbers{};
    for (std::size_t number = 0, guest = 0; number < phone::rows.size(); ++number)
        if (!phone::rows[number].main)
            numbers[guest++] = static_cast<std::uint8_t>(number);
    return numbers;
}();

Row const* row_of(std::string_view region)
{
    auto const found = std::ranges::lower_bound(phone::rows, region, {}, &Row::region);
    return found == phone::rows.end() || found->region != region ? nullptr : &*found;
}

// The row of the country code that the digits begin with, which are then without it. No code is the beginning of another.
Row const* take_country_code(std::string_view& digits)
{
    std::size_t code = 0;
    for (std::size_t size = 1; size <= 3 && size < digits.size(); ++size) {
        code = code * 10 + static_cast<std::size_t>(digits[size - 1] - '0');
        if (code == 0)
            return nullptr;
        if (main_rows[code] != no_row) {
            digits.remove_prefix(size);
            return &phone::rows[main_rows[code]];
        }
    }
    return nullptr;
}

// The mobile numbers of Argentina have a 9 before their area when dialled from abroad, and a 15 behind it within: 10 more
// digits.
std::optional<std::string> argentine_mobile(std::string_view digits)
{
    if (digits.starts_with('0'))
        digits.remove_prefix(1);
    if (digits.size() != 12)
        return std::nullopt;
    auto const area = phone::longest_in(phone::argentine_areas, digits);
    if (!area)
        return std::nullopt;
    auto rewritten = '9' + std::string(digits);
    return rewritten.erase(*area - 1, 2);
}

// What the region writes in another way at home than abroad.
std::optional<std::string> rewritten(Row const& row, std::string_view digits)
{
    if (row.region == "AR")
        return argentine_mobile(digits);
    if (row.local.empty())
        return std::nullopt;
    auto const arrow = row.local.find('>');
    if (!phone::is_in(row.local.substr(0, arrow), digits))
        return std::nullopt;
    auto front = row.local.substr(arrow + 1);
    while (front.starts_with('-')) {
        front.remove_prefix(1);
        digits.remove_prefix(1);
    }
    return std::string(front) + std::string(digits);
}

// The national number, once what is dialled before it is gone. Some numbers begin with the same digits: what looks like a
// number only with them keeps them.
std::string national_number(Row const& row, std::string_view digits)
{
    auto shorter = rewritten(row, digits);
    if (!shorter) {
        auto const trunk = phone::longest_in(row.trunk, digits);
        if (!trunk)
            return std::string(digits);
        shorter = digits.substr(*trunk);
    }
    if (phone::is_in(row.national, digits) && !phone::is_in(row.national, *shorter))
        return std::string(digits);
    return *shorter;
}

struct Number {
    Row const* row;  // of the main region
    std::string national;
};

Number read_national(Row const& row, std::string_view digits)
{
    auto shorter = national_number(row, digits);
    auto const& main = phone::rows[main_rows[row.code]];
    return {&main, row.lengths.contain(shorter.size()) ? std::move(shorter) : std::string(digits)};
}

// A zero in brackets is for those who dial within the country, unless its numbers begin with one.
Number read_after_code(Row const& row, std::string_view digits, bool bracketed_zero)
{
    if (bracketed_zero && !phone::is_in(row.national, digits))
        digits.remove_prefix(1);
    return read_national(row, digits);
}

// Where the country code begins; nothing in numbers as they are dialled within the region. A 0 behind what is dialled
// before a country code shows that it was none.
std::optional<std::size_t> start_of_code(Written const& written, Row const* home)
{
    if (written.plus)
        return 0;
    if (!home)
        return std::nullopt;
    auto const size = phone::longest_in(home->abroad, written.digits);
    if (!size || std::string_view(written.digits).substr(*size).starts_with('0'))
        return std::nullopt;
    return size;
}

// Whether the region's own country code stands in front, without anything that would announce it.
bool has_bare_code(Row const& row, std::string_view digits, std::string_view rest)
{
    if (!phone::is_in(row.national, digits) && phone::is_in(row.national, national_number(row, rest)))
        return true;
    return digits.size() > static_cast<std::size_t>(std::bit_width(row.lengths.bits)) - 1;
}

Number read_at_home(Row const& home, std::string_view digits)
{
    auto rest = digits;
    auto const* const main = take_country_code(rest);
    if (main && main->code == home.code && has_bare_code(home, digits, rest))
        return read_national(*main, rest);
    return read_national(home, digits);
}

std::optional<Number> read_number(Written const& written, Row const* home)
{
    auto digits = std::string_view(written.digits);
    auto const start = start_of_code(written, home);
    if (!start)
        return home ? std::optional(read_at_home(*home, digits)) : std::nullopt;

    digits.remove_prefix(*start);
    auto const* const row = take_country_code(digits);
    if (!row)
        return std::nullopt;
    return read_after_code(*row, digits, written.bracketed_zero == written.digits.size() - digits.size());
}

// Read once more, the number must stay as it is: otherwise one number would have two keys.
bool is_sound(Number const& number)
{
    auto const digits = std::to_string(number.row->code).size() + number.national.size();
    return digits >= least_digits && digits <= most_digits && number.row->ordinary.contain(number.national.size()) &&
           phone::is_in(number.row->national, number.national) &&
           read_national(*number.row, number.national).national == number.national;
}

// The row of the region that a number in E.164 belongs to; null if nobody uses its country code any more.
Row const* owner_of(std::string_view e164)
{
    auto national = e164.substr(1);
    auto const* const main = take_country_code(national);
    if (!main)
        return nullptr;
    for (auto const guest : guests)
        if (auto const& row = phone::rows[guest]; row.code == main->code && phone::is_in(row.own, national))
            return &row;
    return main;
}

// '+' and digits, as many as E.164 allows.
bool has_form(std::string_view e164)
{
    if (!e164.starts_with('+'))
        return false;
    auto const digits = e164.substr(1);
    return digits.size() >= least_digits && digits.size() <= most_digits && std::ranges::all_of(digits, is_digit);
}

// Ascension and Tristan da Cunha have numbers, but no code of their own in ISO 3166-1.
std::string_view iso_code(std::string_view region)
{
    return region == "AC" || region == "TA" ? "SH" : region;
}

}

Result<Region> Region::parse(std::string_view text)
{
    if (text.size() != 2)
        return refuse(Errc::region_unknown, "region");
    auto code = std::string(text);
    for (auto& letter : code)
        if (letter >= 'a' && letter <= 'z')
            letter = static_cast<char>(letter - 'a' + 'A');
    if (!is_region_code(code))
        return refuse(Errc::region_unknown, "region");
    return Region(code);
}

Result<PhoneNumber> PhoneNumber::parse(std::string_view text, Region region)
{
    auto const malformed = refuse(Errc::phone_malformed, "telephone");
    auto const written = read_signs(without_scheme(unicode::trimmed(text)));
    if (!written)
        return malformed;
    auto const number = read_number(*written, row_of(region.str()));
    if (!number || !is_sound(*number))
        return malformed;

    return PhoneNumber('+' + std::to_string(number->row->code) + number->national);
}

Result<PhoneNumber> PhoneNumber::from_storage(std::string e164)
{
    if (!has_form(e164))
        return refuse(Errc::phone_malformed, "telephone");
    return PhoneNumber(std::move(e164));
}

Region PhoneNumber::region() const noexcept
{
    auto const* const owner = owner_of(e164_);
    return Region(owner ? iso_code(owner->region) : "ZZ");
}

bool PhoneNumber::may_be_texted() const noexcept
{
    auto const* const owner = owner_of(e164_);
    auto national = std::string_view(e164_).substr(1);
    take_country_code(national);
    return owner && phone::is_in(owner->textable, national);
}

}
