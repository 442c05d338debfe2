// Sends people whom nobody knows a code by text, as the server would, and writes down which: a text reaches nobody here
// who could tell the load client.
//
// codes --database FILE | --url URL --key FILE --first N --count N --save FILE
// Each line of the file is a telephone and its code, parted by a tab.
#include <fstream>

#include <onboard/onboard.hpp>

#include "benchmark/open_database.hpp"
#include "benchmark/tool.hpp"

namespace onboard::benchmark {

namespace {

constexpr std::int64_t group_size = 500;

// Good for as long as the database is kept, and every limit counted and none reached.
Policy patient()
{
    constexpr int unlimited = 1'000'000'000;
    return {
        .code_life = std::chrono::years(10),
        .texted_regions = {Region::parse("BE").value()},
        .texts_per_client_per_hour = unlimited,
        .texts_per_day = unlimited,
        .text_guard_records_only = true};
}

void send_codes(Storage& storage, Onboarding& onboarding, std::int64_t first, std::int64_t end)
{
    auto const group = storage.begin_group();
    for (auto number = first; number < end; ++number)
        onboarding
            .send_code(
                {.phone = PhoneNumber::parse(phone_of(number), Region::parse("BE").value()).value(),
                 .language = Language::french,
                 .client = "192.0.2.1"})
            .value();
    group->commit();
}

void take_codes_out(Storage& storage, SecretKey const& key, std::ofstream& file)
{
    constexpr std::chrono::hours meanwhile{1};
    auto const now = system_clock().now();
    auto const work = storage.begin();
    for (auto const& [pending, claim] : work->outbox().claim(Channel::text, now, now + meanwhile, group_size)) {
        auto const code = key.open(Purpose::letter, pending.letter.id, pending.sealed_secret).value();
        file << text_of(pending.letter.to) << '\t' << code << '\n';
        work->outbox().remove(claim);
    }
    work->commit();
}

int write_down_codes(Options const& options)
{
    auto const storage = open_database(options, 1);
    auto const key = SecretKey::from_file(options.text("key"));
    Onboarding onboarding({.storage = *storage, .key = key}, patient());
    std::ofstream file(options.text("save"));
    auto const first = options.number("first", 1);
    auto const end = first + options.number("count", 1);
    for (auto next = first; next < end; next += group_size) {
        send_codes(*storage, onboarding, next, std::min(next + group_size, end));
        take_codes_out(*storage, key, file);
    }
    return 0;
}

}

}

int main(int argc, char** argv)
{
    return onboard::benchmark::run(argc, argv, onboard::benchmark::write_down_codes);
}
