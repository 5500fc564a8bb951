// Servers, their disks and their deaths.
#include <fmt/format.h>

#include "core/raft/test/story/commands.h"

namespace wavetank::story {
namespace {

// servers COUNT [voters=IDS] [learners=IDS] [witnesses=IDS] [joining=IDS] [running=IDS]
// Servers 1..COUNT. Those who join have no configuration. All start, or those named.
void servers(Stage& stage, Arguments& arguments) {
    const uint64_t count = arguments.number("how many servers");
    if (count == 0 || count > 100) arguments.fail("between 1 and 100 servers");
    const auto named = [&](std::string_view key) {
        return arguments.servers_of(key).value_or(std::vector<ServerId>{});
    };
    std::vector<ServerId> everybody;
    for (uint32_t id = 1; id <= count && count <= 100; ++id) everybody.emplace_back(id);
    Configuration::Members members;
    members.voters = arguments.servers_of("voters").value_or(everybody);
    members.learners = named("learners");
    members.witnesses = named("witnesses");
    const std::vector<ServerId> joining = named("joining");
    const std::vector<ServerId> running = arguments.servers_of("running").value_or(everybody);
    const Configuration configuration(std::move(members));
    const char* why = "";
    if (arguments.ok() && !configuration.valid(&why)) arguments.fail(why);
    for (const ServerId id : running) {
        if (id.value() > count) arguments.fail(fmt::format("there is no server {}", id.value()));
    }
    if (!stage.all().empty()) arguments.fail("there are servers already");
    if (!arguments.complete()) return;
    for (const ServerId id : everybody) {
        const bool joins = std::find(joining.begin(), joining.end(), id) != joining.end();
        Options options = stage.options;
        options.witness = options.witness || configuration.is_witness(id);
        stage.add(id, options, joins ? Configuration() : configuration);
    }
    for (const ServerId id : running) {
        if (!stage.running(id)) stage.start(id);
    }
}

// options KEY=VALUE...: of the servers that are added from now on.
// options IDS KEY=VALUE...: of these, when they start the next time.
void options(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.servers();
    if (ids.empty()) {
        Options changed = stage.options;
        parse_options(arguments, changed);
        if (arguments.complete()) stage.options = changed;
        return;
    }
    for (const ServerId id : ids) {
        if (!stage.exists(id)) arguments.fail(fmt::format("there is no server {}", id.value()));
    }
    if (!arguments.ok()) return;
    const Arguments given = arguments;
    for (const ServerId id : ids) {
        arguments = given;
        Options changed = stage.server(id).options;
        parse_options(arguments, changed);
        if (!arguments.complete()) return;
        stage.server(id).options = changed;
    }
}

// given ID [term=TERM] [vote=ID] [log=ENTRIES]: what the disk of a server that is down holds.
void given(Stage& stage, Arguments& arguments) {
    const ServerId id = arguments.server();
    HardState hard_state;
    hard_state.current_term = Term(arguments.number_of("term", 0));
    hard_state.voted_for = ServerId(static_cast<uint32_t>(arguments.number_of("vote", 0)));
    std::vector<Entry> entries = arguments.entries_of("log");
    Term before;
    for (const Entry& entry : entries) {
        if (entry.term < before || entry.term > hard_state.current_term) {
            arguments.fail("terms in a log rise, and none is after term=");
        }
        before = entry.term;
    }
    if (!ready(stage, arguments, {&id, 1})) return;
    if (stage.running(id)) return arguments.fail("it runs");
    stage.server(id).disk.set(hard_state, std::move(entries));
}

// start IDS
void start(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    if (!ready(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        if (stage.running(id)) return arguments.fail(fmt::format("{} runs", id.value()));
        stage.start(id);
    }
}

// The writes that are pending and survive a crash: keep=COUNT, else none.
uint64_t survivors_of(Stage& stage, Arguments& arguments, const std::vector<ServerId>& ids) {
    const uint64_t keep = arguments.number_of("keep", 0);
    if (!ready_running(stage, arguments, ids)) return 0;
    for (const ServerId id : ids) {
        const std::size_t pending = stage.server(id).disk.pending();
        if (keep > pending) {
            arguments.fail(fmt::format("{} has {} writes pending", id.value(), pending));
        }
    }
    return keep;
}

// crash IDS [keep=COUNT]
void crash(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    const uint64_t keep = survivors_of(stage, arguments, ids);
    if (!arguments.ok()) return;
    for (const ServerId id : ids) stage.crash(id, keep);
}

// restart IDS [keep=COUNT]
void restart(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    const uint64_t keep = survivors_of(stage, arguments, ids);
    if (!arguments.ok()) return;
    for (const ServerId id : ids) {
        stage.crash(id, keep);
        stage.start(id);
    }
}

// wipe IDS: a new disk for a server that is down; it waits to be added.
void wipe(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    if (!ready(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        if (stage.running(id)) return arguments.fail(fmt::format("{} runs", id.value()));
        stage.server(id).disk = Disk();
    }
}

// disks slow|fast [IDS]
void disks(Stage& stage, Arguments& arguments) {
    const bool slow = arguments.take("slow");
    if (!slow && !arguments.take("fast")) arguments.fail("disks are 'slow' or 'fast'");
    std::vector<ServerId> ids = arguments.servers();
    if (ids.empty()) ids = stage.all();
    if (!ready(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        Server& server = stage.server(id);
        server.slow_disk = slow;
        if (!slow && server.raft && server.disk.pending() > 0) {
            stage.sync(id, server.disk.pending());
        }
    }
}

// sync IDS: all their writes become durable.  sync ID first COUNT: the oldest.
void sync(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    std::optional<uint64_t> count;
    if (arguments.take("first")) count = arguments.number("how many writes");
    if (!ready_running(stage, arguments, ids)) return;
    for (const ServerId id : ids) {
        const std::size_t pending = stage.server(id).disk.pending();
        const std::size_t wanted = count.value_or(pending);
        if (wanted == 0 || wanted > pending) {
            return arguments.fail(fmt::format("{} has {} writes pending", id.value(), pending));
        }
        stage.sync(id, wanted);
    }
}

// fail-write ID: the oldest pending write fails, and with it all later ones.
void fail_write(Stage& stage, Arguments& arguments) {
    const ServerId id = arguments.server();
    if (!ready_running(stage, arguments, {&id, 1})) return;
    if (stage.server(id).disk.pending() == 0) return arguments.fail("it has no write pending");
    stage.fail_write(id);
}

constexpr Command kCommands[] = {
    {"servers", servers}, {"options", options},       {"given", given}, {"start", start},
    {"crash", crash},     {"restart", restart},       {"wipe", wipe},   {"disks", disks},
    {"sync", sync},       {"fail-write", fail_write},
};

}  // namespace

std::span<const Command> server_commands() {
    return kCommands;
}

bool ready(const Stage& stage, Arguments& arguments, std::span<const ServerId> ids) {
    for (const ServerId id : ids) {
        if (!stage.exists(id)) arguments.fail(fmt::format("there is no server {}", id.value()));
    }
    return arguments.complete();
}

bool ready_running(const Stage& stage, Arguments& arguments, std::span<const ServerId> ids) {
    if (!ready(stage, arguments, ids)) return false;
    for (const ServerId id : ids) {
        if (!stage.running(id)) arguments.fail(fmt::format("{} is down", id.value()));
    }
    return arguments.ok();
}

}  // namespace wavetank::story
