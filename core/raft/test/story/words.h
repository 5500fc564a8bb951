// The words in which a story tells what the cores did. Nothing here decides anything. Numbers that
// would only be noise in most stories (sessions, read rounds that are zero) are left out unless the
// story asks for them.
#pragma once

#include <string>
#include <vector>

#include "core/raft/raft.h"

namespace wavetank::story {

struct Style {
    bool sessions =
        false;           // of replication, in AppendEntries and InstallSnapshot and their replies
    bool times = false;  // of entries
};

// "(5, t2)"
std::string position(LogIndex index, Term term);
// "5 t2 x": an empty entry is "-", a command its text, a configuration its members.
std::string words_of(LogIndex index, const Entry& entry, const Style& style);
// What it carries, without place and term.
std::string content_of(const Entry& entry);
// "[5 t2 x, 6 t2 -]"
std::string words_of(const EntryRange& entries, const Style& style);
// "term 3 vote 1"; "(not joined)" is without a vote so far, see HardState::joined.
std::string words_of(const HardState& state);
std::string words_of(const SnapshotMeta& meta);
std::string words_of(const Message& message, const Style& style);
std::string words_of(const Event& event);
std::string words_of(const Write& write, const Style& style);

// What the core said about tickets: proposals, outcomes, changes, transfers, reads.
std::vector<std::string> answers_of(const Output& output);
// "a b c"; of many the first and the last.
std::string list_of(const std::vector<std::string>& texts);

// A message, and whom it is for: one that goes to several is one line.
struct Sent {
    std::string to;
    std::string what;
};
std::vector<std::string> lines_of(const std::vector<Sent>& sent);

// One line: role, term, vote, log and configuration.
std::string state_of(const Raft& raft);
// A line for each peer that a leader replicates to.
std::vector<std::string> progress_of(const Raft& raft, const Style& style);

}  // namespace wavetank::story
