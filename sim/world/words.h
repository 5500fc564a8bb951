// Words for what happens, for traces and state dumps. Nothing here decides anything.
#pragma once

#include <string>

#include "core/env/client_messages.h"
#include "core/raft/raft.h"

namespace wavetank {

class Node;

// "AppendEntries term 3 prev (5, t2) entries 6..8 commit 5"
std::string words_of(const Message& message);
std::string words_of(const ClientRequest& request);
std::string words_of(const ClientReply& reply);
std::string words_of(const Event& event);
// The input, an arrow, and what came of it: events, writes, messages.
std::string words_of_step(const Raft& raft, const Input& input, const Output& output);
// Several lines: role, term, log, progress, disk.
std::string words_of_state(const Node& node);

}  // namespace wavetank
