// How a file in Protobuf text format is read, whatever its schema: syntax.h finds what does not fit
// the schema and takes it out, Protobuf's own parser reads the rest, and the caller finds what
// makes no sense. So all mistakes of a file are told at once, each with its line and column.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <string_view>
#include <vector>

#include "scenarios/block.h"
#include "scenarios/error.h"

namespace wavetank {

struct TextFile {
    std::string_view text;
    std::string_view file_name;  // for messages
    const char* name;            // of the whole: "the scenario"
};

// Reads `file` into `message` and, if that could be done at all, calls `read` with it. All
// mistakes, also those that `read` notes, in the order of the file; empty if there are none.
std::vector<ScenarioError> read_text_format(const TextFile& file,
                                            google::protobuf::Message* message,
                                            const std::function<void(const Block&)>& read);

}  // namespace wavetank
