#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "server/commands/command.hpp"

namespace onboard::server {

struct CommandLine {
    Command command;
    std::map<std::string, std::string> flags = {};  // the settings that were given, by key
    std::optional<std::filesystem::path> config = {};
};

// There is nothing to run: --help and --version, or wrong usage.
struct NothingToRun {
    int exit_code = 0;
    std::string out = {};  // for stdout
    std::string err = {};  // for stderr, one line
};

// Reads a command line. Settings may stand before or behind the command, and every command takes every one of them.
std::variant<CommandLine, NothingToRun> parse_command_line(int argc, char const* const* argv);

}
