// What a text in Protobuf text format has to do with a message type: unknown fields, wrong kinds of
// values, things given twice. TextFormat::Parser stops at the first of these; this walk over the
// tokens finds all of them, says which name was probably meant, and hands back a *repaired* text in
// which every faulty field is blanked out. TextFormat reads that one, so that what the rest of the
// file means can be judged as well. A text without mistakes is handed back as it is.
#pragma once

#include <google/protobuf/descriptor.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/error.h"

namespace wavetank {

struct SyntaxReport {
    std::vector<ScenarioError> errors;  // without the file's name, in the order of the text
    std::string repaired;               // as long as the text, line for line
    // Blocks in which something was blanked out, by the place of their name; {0, 0} is the whole
    // file. Nobody should complain that something is missing there.
    std::set<Place> damaged;
    // A bracket is missing, so nothing after it can be trusted and `repaired` is of no use.
    bool unbalanced = false;
};

// `name` is what the whole file is called in messages: "the scenario".
SyntaxReport check_syntax(std::string_view text, const google::protobuf::Descriptor& type,
                          const char* name);

}  // namespace wavetank
