// A story as text: comments, commands, and under each command, indented by two spaces, what came of
// it. Reading a file and writing it again with other outcomes leaves everything else as it was, so
// `--rewrite` changes expectations only, and a review sees what the core does differently.
//
//     # A comment, or an empty line.
//     campaign 1
//       1 wakes
//         asks for pre-votes in term 0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace wavetank::story {

struct Line {
    bool is_command = false;
    int number = 0;                    // in the file, from 1
    std::string text;                  // without its end
    std::vector<std::string> outcome;  // of a command: the lines under it, without their indent
};

// A file cut into lines. An outcome that follows no command is a mistake, and so is a story that
// does not open with a comment. Errors begin with "PATH:LINE: ".
struct StoryText {
    std::string path;
    std::string_view content;
};
Result<std::vector<Line>> parse_story(const StoryText& text);

// The file again. parse_story(render_story(lines)) gives the same lines.
std::string render_story(const std::vector<Line>& lines);

// What differs between the outcome a story expects and what came of it, as lines that begin with
// "  ", "- " (expected) or "+ " (came).
std::string difference(const std::vector<std::string>& expected,
                       const std::vector<std::string>& came);

}  // namespace wavetank::story
