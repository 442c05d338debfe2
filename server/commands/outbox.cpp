#include <algorithm>

#include <boost/json.hpp>

#include "server/commands/administer.hpp"

namespace onboard::server {

namespace json = boost::json;

namespace {

// What a server said of a letter may hold anything.
std::string one_line(std::string text)
{
    std::ranges::replace_if(
        text, [](unsigned char letter) { return letter < ' ' || letter == 0x7f; }, ' ');
    return text;
}

json::object to_json(OutboxEntry const& entry)
{
    json::object object{
        {"id", entry.letter.id},
        {"kind", name_of(entry.letter.kind)},
        {"to", text_of(entry.letter.to)},
        {"state", name_of(entry.state)},
        {"attempts", entry.attempts},
        {"addedAt", written(entry.added_at)},
        {"expiresAt", written(entry.letter.expires_at)},
        {"reason", entry.reason}};
    object[entry.state == LetterState::waiting ? "dueAt" : "givenUpAt"] = written(entry.due_at);
    return object;
}

}

int perform(Administration& administration, OutboxList const& command, Terminal const& terminal)
{
    constexpr int most = 10000;
    json::array objects;
    std::vector<std::vector<std::string>> rows{
        {"ID", "KIND", "TO", "STATE", "ATTEMPTS", "DUE OR GIVEN UP", "REASON"}};
    for (auto const& entry : administration.letters(most)) {
        objects.push_back(to_json(entry));
        rows.push_back(
            {entry.letter.id, std::string(name_of(entry.letter.kind)), text_of(entry.letter.to),
             std::string(name_of(entry.state)), std::to_string(entry.attempts), written(entry.due_at),
             one_line(entry.reason)});
    }

    if (command.listing == Listing::json)
        terminal.out << objects << '\n';
    else
        print_aligned(terminal.out, rows);
    return 0;
}

int perform(Administration& administration, OutboxRetry const& command, Terminal const& terminal)
{
    if (!command.id.empty()) {
        if (auto const retried = administration.retry(command.id); !retried)
            return refuse_command(terminal, "ID", retried.error().code);
        terminal.out << "The letter waits again.\n";
        return 0;
    }
    auto const retried = administration.retry_all();
    terminal.out << retried << (retried == 1 ? " letter waits again.\n" : " letters wait again.\n");
    return 0;
}

}
