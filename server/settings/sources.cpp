#include "server/settings/sources.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "server/settings/table.hpp"

namespace onboard::server {
namespace {

constexpr std::string_view prefix = "ONBOARD_";

using Given = std::map<std::string_view, GivenSetting>;

SettingRow const* find_row(std::string_view key)
{
    auto const& rows = setting_rows();
    auto const found = std::ranges::find(rows, key, &SettingRow::key);
    return found == rows.end() ? nullptr : &*found;
}

// How many letters are to be added, dropped or exchanged (Levenshtein).
std::size_t distance(std::string_view left, std::string_view right)
{
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (auto const letter : left) {
        auto diagonal = row[0]++;
        for (std::size_t j = 0; j < right.size(); ++j) {
            auto const exchanged = diagonal + (letter == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({exchanged, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

// The known key that was perhaps meant.
std::optional<std::string_view> nearest(std::string_view key)
{
    auto const& rows = setting_rows();
    auto const by_distance = [&](SettingRow const& row) { return distance(key, row.key); };
    auto const found = std::ranges::min_element(rows, {}, by_distance);
    if (by_distance(*found) > std::max<std::size_t>(2, key.size() / 4))
        return std::nullopt;
    return found->key;
}

std::string lower_case(std::string_view text)
{
    auto lower = std::string(text);
    std::ranges::transform(lower, lower.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return lower;
}

// A variable may be called anything; what is printed of it stays on its line.
std::string printable(std::string_view text)
{
    auto shown = std::string(text.substr(0, 80));
    std::ranges::replace_if(
        shown, [](unsigned char character) { return character < ' ' || character > '~'; }, '?');
    return shown;
}

void gather_variables(SettingSources const& sources, Given& given, SettingProblems& problems)
{
    for (auto const& [name, text] : sources.environment) {
        if (!name.starts_with(prefix))
            continue;
        auto const key = lower_case(std::string_view(name).substr(prefix.size()));
        auto const row = find_row(key);
        if (row && variable_of(key) == name) {
            given[row->key] = {.text = text, .name = name, .origin = "variable " + name};
            continue;
        }
        auto const meant = nearest(key);
        if (key == "config")
            problems.push_back({name, "no such setting; the file is named by the flag --config"});
        else if (meant)
            problems.push_back({printable(name), fmt::format("no such setting; is {} meant?", variable_of(*meant))});
        else
            problems.push_back({printable(name), "no such setting"});
    }
}

void gather_flags(SettingSources const& sources, Given& given, SettingProblems& problems)
{
    for (auto const& [key, text] : sources.flags) {
        auto const name = flag_of(key);
        if (auto const row = find_row(key))
            given[row->key] = {.text = text, .name = name, .origin = "flag " + name};
        else
            problems.push_back({printable(name), "no such setting"});
    }
}

// A number as a flag would write it.
void take_number(toml::node const& node, GivenSetting& setting)
{
    if (auto const number = node.value_exact<std::int64_t>())
        setting.text = std::to_string(*number);
    else
        setting.trouble = "must be a whole number, without quotes";
}

void take_yes_no(toml::node const& node, GivenSetting& setting)
{
    if (auto const truth = node.value_exact<bool>())
        setting.text = *truth ? "yes" : "no";
    else if (auto const text = node.value_exact<std::string>())
        setting.text = *text;
    else
        setting.trouble = "must be true or false";
}

void take_text(toml::node const& node, GivenSetting& setting)
{
    if (auto const text = node.value_exact<std::string>())
        setting.text = *text;
    else
        setting.trouble = "must be a text in quotes";
}

void take_list(toml::node const& node, GivenSetting& setting)
{
    auto const array = node.as_array();
    if (!array)
        return take_text(node, setting);

    for (auto const& entry : *array) {
        auto const text = entry.value_exact<std::string>();
        if (!text || text->empty() || text->find(',') != std::string::npos) {
            setting.trouble = "must be a list of texts in quotes, none of them empty or with a comma";
            return;
        }
        setting.text += setting.text.empty() ? *text : "," + *text;
    }
}

void take(Form form, toml::node const& node, GivenSetting& setting)
{
    switch (form) {
    case Form::text: return take_text(node, setting);
    case Form::number: return take_number(node, setting);
    case Form::list: return take_list(node, setting);
    case Form::yes_no: return take_yes_no(node, setting);
    }
}

void gather_table(toml::table const& table, std::string const& path, Given& given, SettingProblems& problems)
{
    auto const mode = std::filesystem::status(path).permissions();
    auto const open_to_all = (mode & std::filesystem::perms::others_read) != std::filesystem::perms::none;

    for (auto const& [key, node] : table) {
        auto const place = fmt::format("{}, line {}", path, key.source().begin.line);
        auto const name = fmt::format("{} ({})", printable(key.str()), place);
        if (auto const row = find_row(key.str())) {
            auto& setting = given[row->key];
            setting = {.text = {}, .name = name, .origin = place, .file_open_to_all = open_to_all};
            take(row->form, node, setting);
        } else if (auto const meant = nearest(key.str())) {
            problems.push_back({name, fmt::format("no such setting; is {} meant?", *meant)});
        } else {
            problems.push_back({name, "no such setting"});
        }
    }
}

void gather_file(SettingSources const& sources, Given& given, SettingProblems& problems)
{
    if (!sources.config)
        return;

    auto const path = sources.config->string();
    std::error_code trouble;
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path, trouble)) {
        problems.push_back({"--config", fmt::format("cannot read {}", path)});
        return;
    }
    std::stringstream text;
    text << file.rdbuf();
    try {
        gather_table(toml::parse(text.view(), path), path, given, problems);
    } catch (toml::parse_error const& error) {
        auto const where = error.source().begin;
        problems.push_back(
            {fmt::format("{}, line {}, column {}", path, where.line, where.column),
             fmt::format("not TOML: {}", printable(error.description()))});
    }
}

}

std::string flag_of(std::string_view key)
{
    auto flag = "--" + std::string(key);
    std::ranges::replace(flag, '_', '-');
    return flag;
}

std::string variable_of(std::string_view key)
{
    auto variable = std::string(prefix) + std::string(key);
    std::ranges::transform(variable, variable.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    return variable;
}

std::map<std::string_view, GivenSetting> gather(SettingSources const& sources, SettingProblems& problems)
{
    Given given;
    gather_file(sources, given, problems);
    gather_variables(sources, given, problems);
    gather_flags(sources, given, problems);
    return given;
}

std::map<std::string, std::string> environment_from(char const* const* lines)
{
    std::map<std::string, std::string> environment;
    for (; lines && *lines; ++lines) {
        auto const line = std::string_view(*lines);
        auto const sign = line.find('=');
        if (sign != std::string_view::npos)
            environment.emplace(line.substr(0, sign), line.substr(sign + 1));
    }
    return environment;
}

}
