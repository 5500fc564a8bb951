// From a line to a command of the tables.
#include "core/raft/test/story/interpreter.h"

#include <fmt/format.h>

#include "core/raft/test/story/commands.h"

namespace wavetank::story {
namespace {

const Command* find_command(std::string_view name) {
    for (const auto commands :
         {server_commands(), event_commands(), network_commands(), show_commands()}) {
        for (const Command& command : commands) {
            if (command.name == name) return &command;
        }
    }
    return nullptr;
}

// What was told; the mistake is left in `mistake`.
std::vector<std::string> run(Stage& stage, const std::string& text,
                             std::optional<std::string>& mistake) {
    Arguments arguments(split_words(text));
    const bool quietly = arguments.take("quietly");
    const std::string name = arguments.word("a command");
    const Command* command = find_command(name);
    if (command == nullptr) {
        arguments.fail("there is no such command");
    } else {
        command->run(stage, arguments);
    }
    if (!arguments.ok()) mistake = fmt::format("{}: {}", name, *arguments.mistake());
    std::vector<std::string> lines = stage.take_lines();
    if (quietly) lines.clear();
    return lines;
}

}  // namespace

Result<Told> tell(const std::string& path, const std::vector<Line>& lines) {
    Stage stage;
    Told told;
    for (const Line& line : lines) {
        told.lines.push_back(line);
        if (!line.is_command) continue;
        std::optional<std::string> mistake;
        std::vector<std::string> came = run(stage, line.text, mistake);
        if (mistake) return Error{fmt::format("{}:{}: {}", path, line.number, *mistake)};
        if (stage.violation()) {
            std::string text = fmt::format("{}:{}: after '{}' {}\n", path, line.number, line.text,
                                           *stage.violation());
            for (const std::string& one : came) text += "  " + one + "\n";
            return Error{text};
        }
        if (came != line.outcome) {
            told.differences += fmt::format("{}:{}: {}\n{}", path, line.number, line.text,
                                            difference(line.outcome, came));
        }
        told.lines.back().outcome = std::move(came);
    }
    return told;
}

}  // namespace wavetank::story
