// The commands of a story, in plain tables. Each reads its words, asks whether they were complete,
// and lets it happen on the stage. README.md lists them for whoever writes a story.
#pragma once

#include <span>
#include <string_view>

#include "core/raft/test/story/arguments.h"
#include "core/raft/test/story/stage.h"

namespace wavetank::story {

struct Command {
    std::string_view name;
    // A mistake found while it runs is left in the arguments.
    void (*run)(Stage& stage, Arguments& arguments);
};

std::span<const Command> server_commands();   // commands_servers.cc: servers, disks, crashes
std::span<const Command> event_commands();    // commands_events.cc: time, proposals, changes
std::span<const Command> network_commands();  // commands_network.cc: messages
std::span<const Command> show_commands();     // commands_show.cc: what is so

// True if all words were right and these servers exist (and run).
bool ready(const Stage& stage, Arguments& arguments, std::span<const ServerId> ids);
bool ready_running(const Stage& stage, Arguments& arguments, std::span<const ServerId> ids);
// "1->2", "*->3", "1,2->*"; nothing if `text` is not like that.
std::optional<Pattern> parse_link(std::string_view text, Arguments& arguments);
// A message from words: "RequestVote term=2 last=1 last_term=1" (message_arguments.cc).
std::optional<Message> parse_message(Arguments& arguments);
bool is_message_name(std::string_view word);
// Takes KEY=VALUE words into the options (options_arguments.cc).
void parse_options(Arguments& arguments, Options& options);

}  // namespace wavetank::story
