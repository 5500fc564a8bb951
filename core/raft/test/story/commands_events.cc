// Time, and what people ask of a server.
#include <fmt/format.h>

#include "core/raft/test/story/commands.h"

namespace wavetank::story {
namespace {

// wake IDS: each one's clock moves on to its deadline, and it is woken.
void wake(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    if (!ready_running(stage, arguments, ids)) return;
    for (const ServerId id : ids) stage.wake(id);
}

// campaign ID: all clocks move on by the longest election timeout, and this server is woken.
void campaign(Stage& stage, Arguments& arguments) {
    const ServerId id = arguments.server();
    if (!ready_running(stage, arguments, {&id, 1})) return;
    for (const ServerId other : stage.all()) {
        stage.advance(other, stage.server(other).options.election_timeout_max);
    }
    stage.wake(id);
}

// Delivers what is on its way between these servers, or all, until nothing is left.
void settle(Stage& stage, Arguments& arguments, const std::vector<ServerId>& among) {
    // More than any story needs; a cluster that goes on for longer does so for ever.
    constexpr int kDeliveriesMax = 10'000;
    for (int i = 0; i < kDeliveriesMax; ++i) {
        const std::optional<uint64_t> number = stage.network.next(among);
        if (!number) return;
        stage.deliver(*number);
    }
    arguments.fail("the cluster does not come to rest");
}

// stabilize [IDS]
void stabilize(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.servers();
    if (ready(stage, arguments, ids)) settle(stage, arguments, ids);
}

// elect ID [with IDS]: it campaigns, wins, and with a heartbeat spreads the commit of its first
// entry, among all or these servers. Told is only what it is then.
void elect(Stage& stage, Arguments& arguments) {
    const ServerId id = arguments.server();
    std::vector<ServerId> among;
    if (arguments.take("with")) {
        among = arguments.some_servers();
        among.push_back(id);
    }
    if (!ready_running(stage, arguments, {&id, 1}) || !ready(stage, arguments, among)) return;
    for (const ServerId other : stage.all()) {
        stage.advance(other, stage.server(other).options.election_timeout_max);
    }
    stage.wake(id);
    settle(stage, arguments, among);
    stage.wake(id);
    settle(stage, arguments, among);
    if (stage.raft(id).role() != Role::Leader) return arguments.fail("it is not elected");
    static_cast<void>(stage.take_lines());
    stage.say(state_of(stage.raft(id)));
}

// beat ID [COUNT]: it wakes so often, and each time everything is delivered. Nothing is told.
void beat(Stage& stage, Arguments& arguments) {
    const ServerId id = arguments.server();
    const uint64_t count = arguments.empty() ? 1 : arguments.number("how often");
    if (count == 0 || count > 1000) arguments.fail("between 1 and 1000 times");
    if (!ready_running(stage, arguments, {&id, 1})) return;
    for (uint64_t i = 0; i < count; ++i) {
        stage.wake(id);
        settle(stage, arguments, {});
    }
    static_cast<void>(stage.take_lines());
}

// advance DURATION [IDS]: time passes; nobody is woken.
void advance(Stage& stage, Arguments& arguments) {
    const Duration span = arguments.duration("how far");
    std::vector<ServerId> ids = arguments.servers();
    if (ids.empty()) ids = stage.all();
    if (!ready(stage, arguments, ids)) return;
    for (const ServerId id : ids) stage.advance(id, span);
}

// clock IDS error=DURATION|unknown [behind=DURATION|ahead=DURATION]
void clock(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    const auto span_of = [&](std::string_view key) {
        const std::optional<std::string> text = arguments.value(key);
        if (!text) return Duration{};
        const std::optional<Duration> span = parse_duration(*text);
        if (!span) arguments.fail(fmt::format("{}={} is no duration", key, *text));
        return span.value_or(Duration{});
    };
    const bool unknown = arguments.take("error=unknown");
    const Duration error = unknown ? ClockReading::kUnknown : span_of("error");
    const Duration shift = span_of("ahead") - span_of("behind");
    if (!ready(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        stage.server(id).clock_error = error;
        stage.advance(id, shift);
    }
}

// The words as commands; "bytes=COUNT" is one of that size, "count=COUNT" are c1, c2, and so on.
std::vector<Payload> commands_of(Arguments& arguments) {
    std::vector<Payload> commands;
    const uint64_t bytes = arguments.number_of("bytes", 0);
    const uint64_t count = arguments.number_of("count", 0);
    if (bytes > 1 << 20 || count > 10'000) arguments.fail("at most 1048576 bytes, 10000 commands");
    if (!arguments.ok()) return commands;
    if (bytes > 0) commands.push_back(Payload::copy_of(std::string(bytes, 'x')));
    for (uint64_t i = 1; i <= count; ++i) {
        commands.push_back(Payload::copy_of(fmt::format("c{}", i)));
    }
    for (const std::string& text : arguments.rest()) commands.push_back(Payload::copy_of(text));
    if (commands.empty()) arguments.fail("the text of a command is missing");
    return commands;
}

// propose ID TEXT...
void propose(Stage& stage, Arguments& arguments) {
    const ServerId id = arguments.server();
    const std::vector<Payload> commands = commands_of(arguments);
    if (!ready_running(stage, arguments, {&id, 1})) return;
    const uint64_t ticket = stage.new_ticket();
    std::vector<std::string> texts;
    for (const Payload& command : commands) {
        texts.push_back(content_of(Entry{Term(), EntryKind::Command, command}));
    }
    stage.step(
        id, Propose{ticket, commands},
        fmt::format("{} is asked to append {}, ticket {}", id.value(), list_of(texts), ticket));
}

// read IDS
void read(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    if (!ready_running(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        const uint64_t ticket = stage.new_ticket();
        stage.step(id, Read{ticket}, fmt::format("{} is read, ticket {}", id.value(), ticket));
    }
}

// change ID voters=IDS [learners=IDS] [witnesses=IDS]
void change(Stage& stage, Arguments& arguments) {
    const ServerId id = arguments.server();
    const auto named = [&](std::string_view key) {
        return arguments.servers_of(key).value_or(std::vector<ServerId>{});
    };
    ChangeMembers wanted;
    wanted.members.voters = named("voters");
    wanted.members.learners = named("learners");
    wanted.members.witnesses = named("witnesses");
    if (!ready_running(stage, arguments, {&id, 1})) return;
    wanted.ticket = stage.new_ticket();
    stage.step(id, wanted,
               fmt::format("{} is asked to change the members to {}, ticket {}", id.value(),
                           Configuration(wanted.members).to_string(), wanted.ticket));
}

// transfer ID [TARGET]
void transfer(Stage& stage, Arguments& arguments) {
    const ServerId id = arguments.server();
    const std::vector<ServerId> target = arguments.servers();
    if (target.size() > 1) arguments.fail("one target at most");
    if (!ready_running(stage, arguments, {&id, 1})) return;
    Transfer wanted;
    wanted.ticket = stage.new_ticket();
    if (!target.empty()) wanted.target = target.front();
    stage.step(id, wanted,
               fmt::format("{} is asked to hand over to {}, ticket {}", id.value(),
                           target.empty() ? std::string("anybody")
                                          : fmt::format("{}", wanted.target.value()),
                           wanted.ticket));
}

// snapshot IDS: their hosts have written down the machine as it is.
// snapshot IDS begin, and later snapshot IDS end: it takes its time.
void snapshot(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    const bool only_begin = arguments.take("begin");
    const bool only_end = !only_begin && arguments.take("end");
    if (!ready_running(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        if (only_begin) {
            stage.begin_snapshot(id);
        } else if (!only_end) {
            // One that was begun earlier is still being written.
            const std::optional<SnapshotTaken> earlier = stage.server(id).unreported;
            stage.begin_snapshot(id);
            stage.report_snapshot(id);
            stage.server(id).unreported = earlier;
        } else if (stage.server(id).unreported) {
            stage.report_snapshot(id);
        } else {
            return arguments.fail("it has begun none");
        }
    }
}

constexpr Command kCommands[] = {
    {"elect", elect},       {"beat", beat},       {"stabilize", stabilize}, {"wake", wake},
    {"campaign", campaign}, {"advance", advance}, {"clock", clock},         {"propose", propose},
    {"read", read},         {"change", change},   {"transfer", transfer},   {"snapshot", snapshot},
};

}  // namespace

std::span<const Command> event_commands() {
    return kCommands;
}

}  // namespace wavetank::story
