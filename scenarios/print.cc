// Printing of everything but the timeline.
#include "scenarios/print.h"

#include <algorithm>

#include "scenarios/names.h"

namespace wavetank {
namespace {

void add_if(TextTree* tree, const char* name, uint64_t value, uint64_t usual) {
    if (value != usual) tree->add(name, value);
}
void add_if(TextTree* tree, const char* name, Duration value, Duration usual) {
    if (value != usual) tree->add_span(name, value);
}
void add_if(TextTree* tree, const char* name, Ratio value, Ratio usual) {
    if (value != usual) tree->add_ratio(name, value);
}
void add_if(TextTree* tree, const char* name, const Latency& value, const Latency& usual) {
    if (value != usual) tree->add_block(name, tree_of(value));
}
void add_flag_if(TextTree* tree, const char* name, bool value, bool usual) {
    if (value != usual) tree->add_flag(name, value);
}
void add_block_if(TextTree* tree, const char* name, TextTree block) {
    if (!block.empty()) tree->add_block(name, std::move(block));
}
void add_cap(TextTree* tree, const Latency& latency) {
    add_if(tree, "cap", latency.max, Latency().max);
}

TextTree tree_of(const Options& options) {
    const Options usual;
    TextTree tree;
    add_if(&tree, "election_timeout_min", options.election_timeout_min, usual.election_timeout_min);
    add_if(&tree, "election_timeout_max", options.election_timeout_max, usual.election_timeout_max);
    add_if(&tree, "heartbeat_interval", options.heartbeat_interval, usual.heartbeat_interval);
    add_if(&tree, "entries_per_message_max", options.entries_per_message_max,
           usual.entries_per_message_max);
    add_if(&tree, "bytes_per_message_max", options.bytes_per_message_max,
           usual.bytes_per_message_max);
    add_if(&tree, "window_messages_max", options.window.messages_max, usual.window.messages_max);
    add_if(&tree, "window_bytes_max", options.window.bytes_max, usual.window.bytes_max);
    add_if(&tree, "writes_in_flight_max", options.writes_in_flight_max, usual.writes_in_flight_max);
    add_if(&tree, "uncommitted_bytes_max", options.uncommitted_bytes_max,
           usual.uncommitted_bytes_max);
    add_if(&tree, "pending_reads_max", options.pending_reads_max, usual.pending_reads_max);
    add_if(&tree, "open_proposals_max", options.open_proposals_max, usual.open_proposals_max);
    add_flag_if(&tree, "forward_proposals", options.forward_proposals, usual.forward_proposals);
    add_flag_if(&tree, "follower_reads", options.follower_reads, usual.follower_reads);
    add_if(&tree, "lease_duration", options.lease_duration, usual.lease_duration);
    add_if(&tree, "priority", options.priority, usual.priority);
    add_if(&tree, "snapshot_entries", options.snapshot_entries, usual.snapshot_entries);
    add_if(&tree, "snapshot_bytes", options.snapshot_bytes, usual.snapshot_bytes);
    add_if(&tree, "snapshot_trailing_entries", options.snapshot_trailing_entries,
           usual.snapshot_trailing_entries);
    add_if(&tree, "snapshot_piece_bytes", options.snapshot_piece_bytes, usual.snapshot_piece_bytes);
    add_if(&tree, "snapshot_transfers_max", options.snapshot_transfers_max,
           usual.snapshot_transfers_max);
    add_if(&tree, "apply_entries_max", options.apply_entries_max, usual.apply_entries_max);
    add_if(&tree, "log_memory_entries", options.log_memory_entries, usual.log_memory_entries);
    add_if(&tree, "catch_up_rounds_max", options.catch_up_rounds_max, usual.catch_up_rounds_max);
    return tree;
}

TextTree tree_of(const PrioritySetup& priority) {
    TextTree tree;
    tree.add("server", priority.server.value());
    tree.add("priority", priority.priority);
    return tree;
}

TextTree tree_of(const SessionLimits& sessions) {
    const SessionLimits usual;
    TextTree tree;
    add_if(&tree, "sessions_max", sessions.sessions_max, usual.sessions_max);
    add_if(&tree, "replies_max", sessions.replies_max, usual.replies_max);
    add_if(&tree, "expire_after", sessions.expire_after, usual.expire_after);
    return tree;
}

TextTree tree_of(const DiskQuality& disk, const DiskQuality& base) {
    TextTree tree;
    add_if(&tree, "write", disk.write, base.write);
    add_if(&tree, "bytes_per_second", disk.bytes_per_second, base.bytes_per_second);
    if (disk.on_crash != base.on_crash) {
        tree.add_word("on_crash", name_in(kCrashRules, disk.on_crash));
    }
    if (disk.storage != base.storage) {
        tree.add_word("storage", name_in(kStorageKinds, disk.storage));
    }
    return tree;
}

TextTree tree_of(const LinkSetup& link, const LinkQuality& network) {
    TextTree tree;
    if (link.from) tree.add("from", link.from.value());
    if (link.to) tree.add("to", link.to.value());
    tree.add_block("quality", tree_of(link.quality, network));
    return tree;
}

TextTree tree_of(const ClockSetup& clock) {
    TextTree tree;
    tree.add("server", clock.server.value());
    if (clock.quality.offset.nanos != 0) tree.add_span("offset", clock.quality.offset);
    // A clock must say something, even that it is perfect.
    const bool says_something = clock.quality.offset.nanos != 0 || clock.quality.error_bound;
    if (clock.quality.drift_ppm != 0 || !says_something) {
        tree.add_signed("drift_ppm", clock.quality.drift_ppm);
    }
    if (clock.quality.error_bound) tree.add_span("error_bound", *clock.quality.error_bound);
    return tree;
}

TextTree tree_of(const InitialState& initial) {
    TextTree tree;
    tree.add("server", initial.server.value());
    const Term last = initial.log.empty() ? Term() : initial.log.back();
    if (initial.hard_state.current_term != last) {
        tree.add("term", initial.hard_state.current_term.value());
    }
    if (initial.hard_state.voted_for) tree.add("voted_for", initial.hard_state.voted_for.value());
    std::vector<uint64_t> log;
    for (const Term term : initial.log) log.push_back(term.value());
    if (!log.empty()) tree.add_list("log", log);
    return tree;
}

TextTree tree_of(const WorkloadSetup& workload) {
    const WorkloadSetup usual;
    TextTree tree;
    add_if(&tree, "count", workload.clients, usual.clients);
    add_if(&tree, "lanes", workload.lanes, usual.lanes);
    add_if(&tree, "readers", workload.readers, usual.readers);
    add_if(&tree, "operations_max", workload.operations_max, usual.operations_max);
    add_if(&tree, "think", workload.think, usual.think);
    TextTree mix;
    bool usual_mix = true;
    for (const FunctionWeight& function : kFunctionWeights) {
        const uint32_t weight = workload.*function.weight;
        if (weight != usual.*function.weight) usual_mix = false;
        if (weight != 0) mix.add(function.name, weight);
    }
    if (!usual_mix) tree.add_block("mix", std::move(mix));
    add_if(&tree, "keys", workload.keys, usual.keys);
    if (workload.values != usual.values) {
        tree.add_word("values", name_in(kValueDomains, workload.values));
    }
    add_if(&tree, "small_values", workload.small_values, usual.small_values);
    add_if(&tree, "value_bytes", workload.value_bytes, usual.value_bytes);
    add_if(&tree, "appends_in_a_row_max", workload.appends_in_a_row_max,
           usual.appends_in_a_row_max);
    add_if(&tree, "request_timeout", workload.request_timeout, usual.request_timeout);
    add_if(&tree, "operation_timeout", workload.operation_timeout, usual.operation_timeout);
    add_if(&tree, "backoff", workload.backoff, usual.backoff);
    add_if(&tree, "keep_alive", workload.keep_alive, usual.keep_alive);
    return tree;
}

TextTree tree_of(const NemesisSetup& nemesis) {
    const NemesisSetup usual;
    TextTree tree;
    add_if(&tree, "interval", nemesis.interval, usual.interval);
    add_if(&tree, "duration", nemesis.duration, usual.duration);
    for (const NemesisKind& kind : kNemesisKinds) {
        add_if(&tree, kind.name, nemesis.*kind.weight, usual.*kind.weight);
    }
    add_block_if(&tree, "slow", tree_of(nemesis.slow, usual.slow));
    add_block_if(&tree, "lossy", tree_of(nemesis.lossy, usual.lossy));
    add_if(&tree, "corrupt", nemesis.corrupt, usual.corrupt);
    add_if(&tree, "slow_write", nemesis.slow_write, usual.slow_write);
    add_if(&tree, "voters_min", nemesis.voters_min, usual.voters_min);
    add_if(&tree, "witnesses_max", nemesis.witnesses_max, usual.witnesses_max);
    add_if(&tree, "clock_step_max", nemesis.clock_step_max, usual.clock_step_max);
    if (nemesis.drift_ppm_max != usual.drift_ppm_max) {
        tree.add_signed("drift_ppm_max", nemesis.drift_ppm_max);
    }
    add_flag_if(&tree, "keep_majority_running", nemesis.keep_majority_running,
                usual.keep_majority_running);
    add_if(&tree, "active_max", nemesis.active_max, usual.active_max);
    return tree;
}

TextTree tree_of(const LivenessSetup& liveness) {
    const LivenessSetup usual;
    TextTree tree;
    add_flag_if(&tree, "owed", liveness.owed, usual.owed);
    add_if(&tree, "leader_within", liveness.leader_within, usual.leader_within);
    add_if(&tree, "commit_within", liveness.commit_within, usual.commit_within);
    add_if(&tree, "caught_up_within", liveness.caught_up_within, usual.caught_up_within);
    return tree;
}

void add_weather(const Setup& setup, TextTree* tree) {
    const Setup usual;
    add_block_if(tree, "network", tree_of(setup.network, usual.network));
    add_block_if(tree, "client_network", tree_of(setup.client_network, usual.client_network));
    for (const LinkSetup& link : setup.links) tree->add_block("link", tree_of(link, setup.network));
    add_flag_if(tree, "encoded_links", setup.encoded_links, usual.encoded_links);
    add_block_if(tree, "disk", tree_of(setup.disk, usual.disk));
    for (const DiskSetup& disk : setup.disks) {
        TextTree block;
        block.add("server", disk.server.value());
        block.add_block("quality", tree_of(disk.quality, setup.disk));
        tree->add_block("server_disk", std::move(block));
    }
    for (const ClockSetup& clock : setup.clocks) tree->add_block("clock", tree_of(clock));
    for (const InitialState& state : setup.initial) tree->add_block("initial", tree_of(state));
}

}  // namespace

TextTree tree_of(const Latency& latency) {
    TextTree tree;
    TextTree inner;
    const Duration top = latency.base + latency.spread;
    switch (latency.kind) {
        case LatencyKind::Constant:
            tree.add_span("constant", latency.base);
            break;
        case LatencyKind::Uniform:
            add_if(&inner, "min", latency.base, {});
            inner.add_span("max", top);
            tree.add_block("uniform", std::move(inner));
            break;
        case LatencyKind::Exponential:
            add_if(&inner, "min", latency.base, {});
            inner.add_span("mean", top);
            add_cap(&inner, latency);
            tree.add_block("exponential", std::move(inner));
            break;
        case LatencyKind::Normal:
            inner.add_span("mean", latency.base);
            inner.add_span("deviation", latency.spread);
            add_cap(&inner, latency);
            tree.add_block("normal", std::move(inner));
            break;
        case LatencyKind::LogNormal:
            inner.add_span("median", latency.base);
            inner.add_span("p84", latency.spread);
            add_cap(&inner, latency);
            tree.add_block("lognormal", std::move(inner));
            break;
        case LatencyKind::Bimodal:
            inner.add_span("fast", latency.base);
            inner.add_span("slow", top);
            inner.add_ratio("slow_share", latency.slow);
            tree.add_block("bimodal", std::move(inner));
            break;
        case LatencyKind::Table:
            inner.add_spans("quantile", latency.quantiles);
            tree.add_block("table", std::move(inner));
            break;
    }
    return tree;
}

TextTree tree_of(const LinkQuality& quality, const LinkQuality& base) {
    TextTree tree;
    add_if(&tree, "latency", quality.latency, base.latency);
    add_if(&tree, "loss", quality.loss, base.loss);
    add_if(&tree, "duplicate", quality.duplicate, base.duplicate);
    add_if(&tree, "reorder", quality.reorder, base.reorder);
    add_if(&tree, "reorder_delay", quality.reorder_delay, base.reorder_delay);
    add_if(&tree, "bytes_per_second", quality.bytes_per_second, base.bytes_per_second);
    add_if(&tree, "queue_bytes_max", quality.queue_bytes_max, base.queue_bytes_max);
    add_if(&tree, "corrupt", quality.corrupt, base.corrupt);
    return tree;
}

TextTree tree_of(const Configuration::Members& members) {
    // To the core, witnesses are voters that store less; in a file nobody is in two lists.
    std::vector<uint64_t> voters;
    std::vector<uint64_t> learners;
    std::vector<uint64_t> witnesses;
    for (const ServerId id : members.witnesses) witnesses.push_back(id.value());
    for (const ServerId id : members.learners) learners.push_back(id.value());
    for (const ServerId id : members.voters) {
        if (std::find(witnesses.begin(), witnesses.end(), id.value()) == witnesses.end()) {
            voters.push_back(id.value());
        }
    }
    TextTree tree;
    tree.add_list("voters", voters);
    if (!learners.empty()) tree.add_list("learners", learners);
    if (!witnesses.empty()) tree.add_list("witnesses", witnesses);
    return tree;
}

std::string print_scenario(const Setup& setup) {
    const Setup usual;
    TextTree tree;
    tree.add_text("name", setup.name);
    tree.add_text("story", setup.story);
    tree.add("servers", setup.servers);
    if (setup.members) tree.add_block("members", tree_of(*setup.members));
    add_block_if(&tree, "options", tree_of(setup.options));
    for (const PrioritySetup& priority : setup.priorities) {
        tree.add_block("server_priority", tree_of(priority));
    }
    add_block_if(&tree, "sessions", tree_of(setup.sessions));
    add_weather(setup, &tree);
    add_block_if(&tree, "clients", tree_of(setup.workload));
    for (const Step& step : setup.timeline) tree.add_block("step", tree_of(step, setup.network));
    if (setup.nemesis) tree.add_block("nemesis", tree_of(*setup.nemesis));
    tree.add_span("duration", setup.duration);
    add_block_if(&tree, "liveness", tree_of(setup.liveness));
    TextTree caps;
    add_if(&caps, "expansions_max", setup.linearizability_expansions_max,
           usual.linearizability_expansions_max);
    add_if(&caps, "bytes_max", setup.linearizability_bytes_max, usual.linearizability_bytes_max);
    add_block_if(&tree, "linearizability", std::move(caps));
    add_flag_if(&tree, "beyond_limit", setup.beyond_limit, usual.beyond_limit);
    add_if(&tree, "events_max", setup.events_max, usual.events_max);
    add_flag_if(&tree, "oracles", setup.oracles, usual.oracles);
    if (!setup.matrix_leave_out.empty()) {
        TextTree matrix;
        matrix.add_texts("leave_out", setup.matrix_leave_out);
        tree.add_block("matrix", std::move(matrix));
    }
    return tree.layout();
}

}  // namespace wavetank
