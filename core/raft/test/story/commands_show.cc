// What is so, without anything happening.
#include <fmt/format.h>

#include "core/raft/test/story/commands.h"

namespace wavetank::story {
namespace {

std::vector<ServerId> named_or_running(Stage& stage, Arguments& arguments) {
    std::vector<ServerId> ids = arguments.servers();
    if (ids.empty()) ids = stage.all_running();
    return ids;
}

// state [IDS]
void state(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = named_or_running(stage, arguments);
    if (!ready_running(stage, arguments, ids)) return;
    for (const ServerId id : ids) stage.say(state_of(stage.raft(id)));
}

// status ID: what a leader knows of its peers.
void status(Stage& stage, Arguments& arguments) {
    const ServerId id = arguments.server();
    if (!ready_running(stage, arguments, {&id, 1})) return;
    if (stage.raft(id).role() != Role::Leader) return arguments.fail("it does not lead");
    for (const std::string& line : progress_of(stage.raft(id), stage.style)) stage.say(line);
}

std::string log_of(const Stage& stage, const Raft& raft) {
    std::string text = fmt::format("{}:", raft.id().value());
    const Log& log = raft.log();
    if (log.base().index) {
        text += fmt::format(" after {}:", position(log.base().index, log.base().term));
    }
    for (LogIndex i = log.first_index(); i <= log.last_index(); i = i.next()) {
        if (i != log.first_index()) text += ",";
        text += log.in_memory(i)
                    ? " " + words_of(i, log.entry_at(i), stage.style)
                    : fmt::format(" {} t{} on disk", i.value(), log.term_at(i).value());
    }
    return text;
}

// log [IDS]
void log(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = named_or_running(stage, arguments);
    if (!ready_running(stage, arguments, ids)) return;
    for (const ServerId id : ids) stage.say(log_of(stage, stage.raft(id)));
}

// disk [IDS]: what is durable, also of servers that are down.
void disk(Stage& stage, Arguments& arguments) {
    std::vector<ServerId> ids = arguments.servers();
    if (ids.empty()) ids = stage.all();
    if (!ready(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        const Disk& disk = stage.server(id).disk;
        const Recovered& held = disk.recovered();
        std::string text = fmt::format("{}: {}", id.value(), words_of(held.hard_state));
        if (held.snapshot) text += "; " + words_of(*held.snapshot);
        if (held.partial) {
            text += fmt::format("; {} bytes of the snapshot of {}", held.partial->bytes,
                                held.partial->meta.index().value());
        }
        text += "; log";
        if (held.base.index) text += fmt::format(" after {}", held.base.index.value());
        for (std::size_t i = 0; i < held.entries.size(); ++i) {
            text += i == 0 ? " " : ", ";
            text += words_of(held.base.index.plus(i + 1), held.entries[i], stage.style);
        }
        if (disk.pending() > 0) text += fmt::format("; {} writes pending", disk.pending());
        stage.say(text);
    }
}

// machine [IDS]: the commands it was given.
void machine(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = named_or_running(stage, arguments);
    if (!ready_running(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        stage.say(fmt::format("{}: {}", id.value(), list_of(stage.server(id).machine)));
    }
}

// deadline [IDS]: how long until they are woken.
void deadline(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = named_or_running(stage, arguments);
    if (!ready_running(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        const Server& server = stage.server(id);
        stage.say(
            server.deadline == Instant::never()
                ? fmt::format("{}: never", id.value())
                : fmt::format("{}: in {}", id.value(), to_string(server.deadline - server.clock)));
    }
}

// show sessions|times: also tell these from now on.
void show(Stage& stage, Arguments& arguments) {
    const bool sessions = arguments.take("sessions");
    const bool times = arguments.take("times");
    if (!sessions && !times) arguments.fail("'sessions' or 'times' is missing");
    if (!arguments.complete()) return;
    stage.style.sessions = stage.style.sessions || sessions;
    stage.style.times = stage.style.times || times;
}

constexpr Command kCommands[] = {
    {"state", state},     {"status", status},     {"log", log},   {"disk", disk},
    {"machine", machine}, {"deadline", deadline}, {"show", show},
};

}  // namespace

std::span<const Command> show_commands() {
    return kCommands;
}

}  // namespace wavetank::story
