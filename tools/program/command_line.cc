// Boost.Program_options cuts the options out; numbers are read here, for better words when wrong.
#include "tools/program/command_line.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "scenarios/suggest.h"

namespace wavetank {
namespace {

namespace options = boost::program_options;

std::string unknown_option(const options::options_description& known, const std::string& option) {
    std::vector<std::string> names;
    for (const auto& each : known.options()) names.push_back("--" + each->long_name());
    const std::string suggestion = nearest(option, names);
    if (suggestion.empty()) return fmt::format("there is no option '{}'", option);
    return fmt::format("there is no option '{}'; did you mean '{}'?", option, suggestion);
}

Result<std::string> file_content(const std::string& path) {
    // Reading a folder as a file gives nothing and no error.
    if (std::filesystem::is_directory(path)) return Error{fmt::format("'{}' is a folder", path)};
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{fmt::format("cannot read '{}': no such file, or no permission", path)};
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

}  // namespace

int exit_code(Verdict verdict) {
    switch (verdict) {
        case Verdict::Pass:
            return kExitPassed;
        case Verdict::Fail:
            return kExitFailed;
        case Verdict::Unknown:
            return kExitUnknown;
    }
    return kExitUnknown;
}

int usage_error(const Program& program, const std::string& command, const std::string& message) {
    const std::string called = command.empty() ? "wavetank" : "wavetank " + command;
    program.err << fmt::format("{}: {}\n'{} --help' tells how it is used.\n", called, message,
                               called);
    return kExitUsage;
}

std::string Arguments::text(const char* option) const {
    return has(option) ? options[option].as<std::string>() : std::string();
}

Result<Arguments> read_arguments(const options::options_description& known,
                                 const std::vector<std::string>& arguments) {
    using Style = options::command_line_style::style_t;
    const int style = Style::unix_style & ~Style::allow_guessing;
    options::options_description all;
    all.add(known);
    all.add_options()("words", options::value<std::vector<std::string>>());
    options::positional_options_description words;
    words.add("words", -1);
    Arguments out;
    try {
        options::store(options::command_line_parser(arguments)
                           .options(all)
                           .positional(words)
                           .style(style)
                           .run(),
                       out.options);
        options::notify(out.options);
    } catch (const options::unknown_option& error) {
        return Error{unknown_option(known, error.get_option_name())};
    } catch (const options::error& error) {
        return Error{error.what()};
    }
    if (out.has("words")) out.words = out.options["words"].as<std::vector<std::string>>();
    return out;
}

Result<uint64_t> read_number(const std::string& what, const std::string& text,
                             const NumberRange& range) {
    uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    const bool is_number = error == std::errc() && rest == end;
    if (!is_number || value < range.min || value > range.max) {
        return Error{fmt::format("{} must be a whole number from {} to {}, but it is '{}'", what,
                                 range.min, range.max, text)};
    }
    return value;
}

Result<SeedRange> read_range(const std::string& what, const std::string& text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) {
        return Error{fmt::format("{} must be a range such as 1..100, but it is '{}'", what, text)};
    }
    const Result<uint64_t> first = read_number("the start of " + what, text.substr(0, dots));
    if (!first.ok()) return first.error();
    const Result<uint64_t> last = read_number("the end of " + what, text.substr(dots + 2));
    if (!last.ok()) return last.error();
    if (first.value() > last.value()) {
        return Error{
            fmt::format("{} must begin with the smaller number, but it is '{}'", what, text)};
    }
    return SeedRange{.first = first.value(), .last = last.value()};
}

Result<std::vector<LoadedScenario>> load_scenarios(const Engine& engine,
                                                   const std::vector<std::string>& paths) {
    const Result<std::vector<std::string>> files = engine.find(paths);
    if (!files.ok()) return files.error();
    std::vector<LoadedScenario> scenarios;
    std::map<std::string, int> uses_of_name;
    std::string mistakes;
    for (const std::string& file : files.value()) {
        Result<std::string> text = file_content(file);
        Result<Setup> setup = text.ok() ? engine.parse(text.value(), file) : text.error();
        if (!setup.ok()) {
            mistakes += (mistakes.empty() ? "" : "\n") + setup.error().message;
            continue;
        }
        ++uses_of_name[setup.value().name];
        scenarios.push_back(
            {.file = file, .text = std::move(text.value()), .setup = std::move(setup.value())});
    }
    if (!mistakes.empty()) return Error{std::move(mistakes)};
    for (LoadedScenario& scenario : scenarios) {
        if (uses_of_name[scenario.setup.name] > 1) scenario.setup.name += "@" + scenario.file;
    }
    return scenarios;
}

}  // namespace wavetank
