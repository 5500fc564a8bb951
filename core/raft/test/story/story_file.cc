// Lines in, lines out; and the longest common part of two outcomes.
#include "core/raft/test/story/story_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace wavetank::story {
namespace {

constexpr std::string_view kIndent = "  ";

std::vector<std::string_view> split_lines(std::string_view content) {
    std::vector<std::string_view> lines;
    while (!content.empty()) {
        const std::size_t end = content.find('\n');
        lines.push_back(content.substr(0, end));
        content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    }
    return lines;
}

bool blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

Result<std::vector<Line>> parse_story(const StoryText& text) {
    std::vector<Line> lines;
    int number = 0;
    for (const std::string_view raw : split_lines(text.content)) {
        ++number;
        const auto mistake = [&](const char* what) {
            return Error{fmt::format("{}:{}: {}", text.path, number, what)};
        };
        if (number == 1 && !raw.starts_with('#')) {
            return mistake("a story opens with a comment that says what it shows");
        }
        if (!blank(raw) && raw.starts_with(kIndent)) {
            if (lines.empty() || !lines.back().is_command) {
                return mistake("an outcome stands right under its command");
            }
            lines.back().outcome.emplace_back(raw.substr(kIndent.size()));
            continue;
        }
        if (raw.starts_with(' ') || raw.starts_with('\t')) {
            return mistake("an outcome is indented by two spaces, a command not at all");
        }
        const bool is_command = !blank(raw) && !raw.starts_with('#');
        lines.push_back({is_command, number, std::string(raw), {}});
    }
    if (lines.empty()) return Error{fmt::format("{}:1: the story is empty", text.path)};
    return lines;
}

std::string render_story(const std::vector<Line>& lines) {
    std::string content;
    for (const Line& line : lines) {
        content += line.text + "\n";
        for (const std::string& outcome : line.outcome) {
            content += fmt::format("{}{}\n", kIndent, outcome);
        }
    }
    return content;
}

std::string difference(const std::vector<std::string>& expected,
                       const std::vector<std::string>& came) {
    // common[i][j]: the longest common part of expected from i on and came from j on.
    const std::size_t rows = expected.size() + 1;
    const std::size_t columns = came.size() + 1;
    std::vector<std::vector<std::size_t>> common(rows, std::vector<std::size_t>(columns, 0));
    for (std::size_t i = expected.size(); i-- > 0;) {
        for (std::size_t j = came.size(); j-- > 0;) {
            common[i][j] = expected[i] == came[j] ? common[i + 1][j + 1] + 1
                                                  : std::max(common[i + 1][j], common[i][j + 1]);
        }
    }
    std::string text;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < expected.size() || j < came.size()) {
        if (i < expected.size() && j < came.size() && expected[i] == came[j]) {
            text += fmt::format("  {}\n", expected[i]);
            ++i;
            ++j;
        } else if (j == came.size() ||
                   (i < expected.size() && common[i + 1][j] >= common[i][j + 1])) {
            text += fmt::format("- {}\n", expected[i++]);
        } else {
            text += fmt::format("+ {}\n", came[j++]);
        }
    }
    return text;
}

}  // namespace wavetank::story
