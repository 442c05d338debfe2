#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <onboard/error.hpp>

namespace onboard::server {

// Where a command prints: what was asked for, and why not.
struct Terminal {
    std::ostream& out;
    std::ostream& err;
};

// One line on `err`; the exit code of what was refused.
int refuse_command(Terminal const&, std::string_view why);

// The same, naming what the operator wrote and the rule: "NAME: there is no such partner".
int refuse_command(Terminal const&, std::string_view argument, Errc);

// Rows of cells, the first of them the heading, in columns as wide as need be.
void print_aligned(std::ostream&, std::vector<std::vector<std::string>> const& rows);

// "2024-05-06T07:08:09Z"
std::string written(std::chrono::sys_time<std::chrono::milliseconds>);

}
