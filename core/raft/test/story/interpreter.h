// Runs stories: each command in turn, and what came of it under it.
#pragma once

#include <string>

#include "core/raft/test/story/story_file.h"

namespace wavetank::story {

struct Told {
    std::vector<Line> lines;  // the story with what really came
    std::string differences;  // from what it expects; empty: none
};

// The lines of the story at `path` carried out from the beginning. An error begins with
// "PATH:LINE: ": a command that does not exist, or cannot be carried out, or after which something
// was so that must never be (see judge.h).
Result<Told> tell(const std::string& path, const std::vector<Line>& lines);

}  // namespace wavetank::story
