// Sends letters one's own way: a courier in a thread of its own hands them to a mailer that prints them. The first letter
// fails on purpose, to show what becomes of it.
#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

#include <onboard/administration.hpp>
#include <onboard/courier.hpp>
#include <onboard/memory_storage.hpp>
#include <onboard/onboard.hpp>

namespace {

using namespace std::chrono_literals;

// What a letter says. Each kind has words of its own, in each language that people here read.
std::string words(onboard::Letter const& letter, std::string_view secret)
{
    auto const french = letter.language == onboard::Language::french;
    switch (letter.kind) {
    case onboard::LetterKind::reset_password:
        return (french ? "Choisissez un mot de passe : " : "Choose a password: ") +
               ("https://my.example/set-password/" + std::string(secret));
    default: return french ? "Vous avez du courrier." : "There is news for you.";
    }
}

class PrintingMailer : public onboard::Mailer {
public:
    void send(onboard::Letter const& letter, std::string_view secret) override
    {
        if (text_of(letter.to).ends_with("@full.example"))
            throw onboard::DeliveryRefused("that mailbox is full for good");  // kept for an operator to look at
        std::cout << "To: " << text_of(letter.to) << '\n' << words(letter, secret) << '\n';
        if (!std::cout.flush())
            throw onboard::DeliveryFailure("stdout cannot be written");  // tried again in half a minute
    }
};

// Delivers what is due, every half second, until somebody asks it to stop.
void deliver(std::stop_token const& stop, onboard::Ports const& ports)
{
    PrintingMailer mailer;
    onboard::Courier courier(ports, onboard::Channel::mail, mailer, stop);
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    do {
        while (courier.deliver_due() > 0) {
        }
    } while (!woken.wait_for(lock, stop, 500ms, [&] { return stop.stop_requested(); }));
}

void ask_for_a_password(onboard::Onboarding& onboarding, std::string_view address, onboard::Language language)
{
    auto const email = onboard::EmailAddress::parse(address).value();
    auto const name = onboard::PersonName::parse("Jane", "Johansson").value();
    onboarding.log_in({.email = email, .name = name, .language = language}).value();
    onboarding.forgot_password({.email = email}).value();
}

bool anything_waits(onboard::Administration& administration)
{
    auto const letters = administration.letters(10);
    return std::ranges::any_of(
        letters, [](auto const& entry) { return entry.state == onboard::LetterState::waiting; });
}

}

int main()
{
    auto const storage = onboard::open_memory();
    onboard::Ports const ports{.storage = *storage, .key = onboard::SecretKey::from_file_or_new("mailer.key")};
    onboard::Onboarding onboarding(ports);
    onboard::Administration administration(ports);

    ask_for_a_password(onboarding, "jane@full.example", onboard::Language::english);
    ask_for_a_password(onboarding, "jeanne@example.com", onboard::Language::french);
    {
        std::jthread const courier([&](std::stop_token const& stop) { deliver(stop, ports); });
        while (anything_waits(administration))
            std::this_thread::yield();  // a service has work of its own here
    }
    for (auto const& entry : administration.letters(10))
        std::cout << "Not delivered: " << text_of(entry.letter.to) << ", " << entry.reason << '\n';
}
