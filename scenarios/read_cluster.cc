// Reading of who the servers are and how each is set up.
#include <fmt/core.h>

#include <algorithm>

#include "scenarios/generate/matrix.h"
#include "scenarios/read.h"
#include "scenarios/suggest.h"

namespace wavetank {
namespace {

constexpr Limits<uint32_t> kPositive32{.min = 1};
constexpr Limits<uint64_t> kPositive64{.min = 1};
constexpr Limits<uint32_t> kPriority{.min = 0, .max = Options::kPriorityMax};

// Two fields of which the second must be longer than the first.
struct Order {
    const char* low;
    const char* high;
};
struct Span {
    Duration low;
    Duration high;
};

void read_timing(const Block& block, Options* options) {
    const auto timing = [&](const char* field, Duration* value) {
        return !block.has(field) || block.duration(field, value, Sign::Positive);
    };
    const bool min_good = timing("election_timeout_min", &options->election_timeout_min);
    const bool max_good = timing("election_timeout_max", &options->election_timeout_max);
    const bool beat_good = timing("heartbeat_interval", &options->heartbeat_interval);
    // Said at the field that is in the file; the other may be a default.
    const auto compare = [&](Order order, Span span) {
        if (block.damaged() || span.low < span.high) return;
        block.error(block.has(order.high) ? order.high : order.low,
                    fmt::format("{} is {}{}, not longer than {} {}{}; make it longer", order.high,
                                to_string(span.high), block.has(order.high) ? "" : " (the default)",
                                order.low, to_string(span.low),
                                block.has(order.low) ? "" : " (the default)"));
    };
    if (min_good && max_good) {
        compare({"election_timeout_min", "election_timeout_max"},
                {options->election_timeout_min, options->election_timeout_max});
    }
    if (beat_good && min_good) {
        compare({"heartbeat_interval", "election_timeout_min"},
                {options->heartbeat_interval, options->election_timeout_min});
    }
}

void read_flow(const Block& block, Options* options) {
    block.number("entries_per_message_max", &options->entries_per_message_max, kPositive32);
    block.number("bytes_per_message_max", &options->bytes_per_message_max, kPositive64);
    block.number("window_messages_max", &options->window.messages_max, kPositive32);
    block.number("window_bytes_max", &options->window.bytes_max, kPositive64);
    block.number("writes_in_flight_max", &options->writes_in_flight_max, kPositive32);
    block.number("uncommitted_bytes_max", &options->uncommitted_bytes_max, kPositive64);
    block.number("pending_reads_max", &options->pending_reads_max, kPositive32);
    block.number("open_proposals_max", &options->open_proposals_max, kPositive32);
    block.flag("forward_proposals", &options->forward_proposals);
    block.flag("follower_reads", &options->follower_reads);
    block.number("apply_entries_max", &options->apply_entries_max, kPositive32);
    block.number("log_memory_entries", &options->log_memory_entries);
    block.number("catch_up_rounds_max", &options->catch_up_rounds_max, kPositive32);
}

void read_snapshots(const Block& block, Options* options) {
    block.number("snapshot_entries", &options->snapshot_entries);
    block.number("snapshot_bytes", &options->snapshot_bytes);
    block.number("snapshot_trailing_entries", &options->snapshot_trailing_entries);
    block.number("snapshot_piece_bytes", &options->snapshot_piece_bytes, kPositive32);
    block.number("snapshot_transfers_max", &options->snapshot_transfers_max, kPositive32);
}

// Notes servers that are in both lists.
struct MemberList {
    const char* field;
    const char* what;
    const std::vector<ServerId>& servers;
};
void check_apart(const Block& block, const MemberList& first, const MemberList& second) {
    for (const ServerId server : second.servers) {
        if (std::find(first.servers.begin(), first.servers.end(), server) == first.servers.end()) {
            continue;
        }
        block.error(second.field,
                    fmt::format("server {} is a {} and a {}; it can only be one of them",
                                server.value(), first.what, second.what));
    }
}

// Notes if everybody who could lead is forbidden to.
void check_somebody_leads(const Block& file, const Setup& setup) {
    for (uint32_t i = 1; i <= setup.servers; ++i) {
        const ServerId id(i);
        uint32_t priority = setup.options.priority;
        for (const PrioritySetup& known : setup.priorities) {
            if (known.server == id) priority = known.priority;
        }
        const Configuration members(setup.members.value_or(Configuration::Members()));
        const bool full = !setup.members || (members.is_voter(id) && !members.is_witness(id));
        if (full && priority > 0) return;
    }
    const std::vector<Block> own = file.children("server_priority");
    const Block& place = own.empty() ? file.child("options") : own.back();
    place.error("priority",
                "no voter may ever campaign, so there is never a leader; give one a "
                "priority above 0");
}

}  // namespace

std::optional<ServerId> read_own_server(const Block& block, std::set<ServerId>* seen) {
    ServerId server;
    if (!block.require("server", "server: 1") || !block.server("server", &server)) return {};
    if (seen->insert(server).second) return server;
    block.error("server", fmt::format("server {} has a {} already; put both into one block",
                                      server.value(), block.name()));
    return {};
}

void read_members(const Block& block, Configuration::Members* members) {
    std::vector<ServerId> voters;
    std::vector<ServerId> learners;
    std::vector<ServerId> witnesses;
    const std::size_t errors = block.notes().errors.size();
    block.require("voters", "voters: [1, 2, 3]");
    block.servers("voters", &voters);
    block.servers("learners", &learners);
    block.servers("witnesses", &witnesses);
    const MemberList voter{"voters", "voter", voters};
    const MemberList learner{"learners", "learner", learners};
    const MemberList witness{"witnesses", "witness", witnesses};
    check_apart(block, voter, learner);
    check_apart(block, voter, witness);
    check_apart(block, learner, witness);
    if (errors != block.notes().errors.size() || block.damaged()) return;
    // To the core, witnesses are voters that store less.
    voters.insert(voters.end(), witnesses.begin(), witnesses.end());
    const Configuration configuration({voters, {}, learners, witnesses});
    const char* why = "";
    if (configuration.valid(&why)) {
        *members = configuration.members();
    } else {
        block.error(fmt::format("{} of {} voters are witnesses: {}; make fewer of them witnesses",
                                witnesses.size(), voters.size(), why));
    }
}

void read_options(const Block& block, Options* options) {
    const std::size_t errors = block.notes().errors.size();
    read_timing(block, options);
    read_flow(block, options);
    read_snapshots(block, options);
    block.duration("lease_duration", &options->lease_duration);
    block.number("priority", &options->priority, kPriority);
    // What only the core knows about its numbers.
    Options of_a_server = *options;
    of_a_server.id = ServerId(1);
    const char* why = "";
    const bool sound = errors == block.notes().errors.size() && !block.damaged();
    if (sound && !of_a_server.valid(&why)) {
        block.error(fmt::format("these options do not go together: {}", why));
    }
}

void read_session_limits(const Block& block, SessionLimits* limits) {
    block.number("sessions_max", &limits->sessions_max, kPositive32);
    block.number("replies_max", &limits->replies_max, kPositive32);
    block.duration("expire_after", &limits->expire_after, Sign::Positive);
}

void read_matrix(const Block& block, Setup* setup) {
    std::vector<std::string> names;
    for (const MatrixFactor& factor : matrix_factors()) names.emplace_back(factor.name);
    for (const std::string& name : block.texts("leave_out")) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            const std::string meant = nearest(name, names);
            block.error("leave_out",
                        fmt::format("the matrix has no factor \"{}\"; {}", name,
                                    meant.empty() ? "it has " + list_of(names, "and")
                                                  : fmt::format("did you mean \"{}\"?", meant)));
            continue;
        }
        setup->matrix_leave_out.push_back(name);
    }
}

void read_cluster(const Block& file, Setup* setup) {
    const std::size_t errors = file.notes().errors.size();
    if (file.has("members")) read_members(file.child("members"), &setup->members.emplace());
    if (file.has("options")) read_options(file.child("options"), &setup->options);
    std::set<ServerId> seen;
    for (const Block& block : file.children("server_priority")) {
        const auto server = read_own_server(block, &seen);
        PrioritySetup priority{.server = server.value_or(ServerId()), .priority = 0};
        if (block.require("priority", "priority: 2")) {
            block.number("priority", &priority.priority, kPriority);
        }
        setup->priorities.push_back(priority);
    }
    if (errors == file.notes().errors.size() && file.notes().damaged.empty()) {
        check_somebody_leads(file, *setup);
    }
    if (file.has("sessions")) read_session_limits(file.child("sessions"), &setup->sessions);
}

}  // namespace wavetank
