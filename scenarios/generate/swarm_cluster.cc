// Members, options, priorities and sessions of a swarm's setup.
#include <algorithm>
#include <optional>

#include "scenarios/generate/swarm_parts.h"

namespace wavetank {
namespace {

// Out of ten: mostly the usual sizes, some odd ones.
constexpr uint32_t kSizes[] = {1, 2, 3, 3, 3, 4, 5, 5, 6, 7};

std::vector<ServerId> numbered(uint32_t first, uint32_t last) {
    std::vector<ServerId> servers;
    for (uint32_t i = first; i <= last; ++i) servers.push_back(ServerId(i));
    return servers;
}

void draw_timing(Draws& draws, Setup* setup) {
    Options& options = setup->options;
    const Duration round = slowest_round(*setup);
    const auto whole_milliseconds = [](Duration span) {
        return milliseconds(span.nanos / 1'000'000 + 1);
    };
    // A leader must be heard, and an election be through, well before somebody loses patience.
    options.election_timeout_min =
        std::max(draws.scaled_time("election_timeout_min", {milliseconds(10), {5, 50}}),
                 whole_milliseconds(round * 3));
    const auto more = static_cast<int64_t>(draws.between("election_timeout_max", {30, 200}));
    options.election_timeout_max =
        options.election_timeout_min +
        std::max(whole_milliseconds(options.election_timeout_min * more / 100),
                 whole_milliseconds(round));
    options.heartbeat_interval =
        options.election_timeout_min /
        static_cast<int64_t>(draws.between("heartbeats_per_timeout", {3, 10}));
}

void draw_flow(Draws& draws, Setup* setup) {
    Options& options = setup->options;
    const auto sometimes = [&](const char* decision, uint64_t percent, auto* value,
                               Draws::Range range) {
        const std::string name = decision;
        if (!draws.happens(name + ".any", percent)) return;
        *value = static_cast<std::remove_reference_t<decltype(*value)>>(draws.scaled(name, range));
    };
    sometimes("entries_per_message_max", 60, &options.entries_per_message_max, {1, 256});
    sometimes("bytes_per_message_max", 30, &options.bytes_per_message_max, {1, 8192});
    sometimes("window.messages_max", 60, &options.window.messages_max, {1, 64});
    sometimes("window.bytes_max", 30, &options.window.bytes_max, {1, 16'384});
    options.writes_in_flight_max =
        static_cast<uint32_t>(draws.between("writes_in_flight_max", {1, 4}));
    sometimes("uncommitted_bytes_max", 15, &options.uncommitted_bytes_max, {64, 8192});
    sometimes("pending_reads_max", 10, &options.pending_reads_max, {1, 8});
    sometimes("open_proposals_max", 10, &options.open_proposals_max, {1, 8});
    options.forward_proposals = draws.happens("forward_proposals", 50);
    options.follower_reads = draws.happens("follower_reads", 50);
    sometimes("apply_entries_max", 40, &options.apply_entries_max, {1, 64});
    sometimes("log_memory_entries", 40, &options.log_memory_entries, {1, 100});
    sometimes("catch_up_rounds_max", 50, &options.catch_up_rounds_max, {1, 10});
    if (setup->network.bytes_per_second == 0) return;
    // What is on the way must fit the queue of a narrow link, or the link loses it for ever.
    options.bytes_per_message_max = std::min<uint64_t>(options.bytes_per_message_max, 8192);
    options.window.bytes_max = std::min<uint64_t>(options.window.bytes_max, 16'384);
}

void draw_snapshots(Draws& draws, Options* options) {
    if (draws.happens("snapshot_entries.any", 65)) {
        options->snapshot_entries = draws.scaled("snapshot_entries", {1, 300});
    }
    if (draws.happens("snapshot_bytes.any", 20)) {
        options->snapshot_bytes = draws.scaled("snapshot_bytes", {50, 20'000});
    }
    options->snapshot_trailing_entries = draws.happens("snapshot_trailing_entries.any", 70)
                                             ? draws.scaled("snapshot_trailing_entries", {1, 200})
                                             : 0;
    options->snapshot_piece_bytes =
        static_cast<uint32_t>(draws.scaled("snapshot_piece_bytes", {512, 8192}));
    options->snapshot_transfers_max =
        static_cast<uint32_t>(draws.between("snapshot_transfers_max", {1, 3}));
}

void draw_sessions(Draws& draws, Setup* setup) {
    if (draws.happens("sessions.few", 8)) {
        setup->sessions.sessions_max =
            static_cast<uint32_t>(draws.between("sessions.sessions_max", {2, 12}));
    }
    if (draws.happens("sessions.few_replies", 10)) {
        setup->sessions.replies_max =
            static_cast<uint32_t>(draws.between("sessions.replies_max", {1, 8}));
    }
    if (draws.happens("sessions.expire", 25)) {
        setup->sessions.expire_after =
            draws.scaled_time("sessions.expire_after", {milliseconds(10), {20, 400}});
    }
}

}  // namespace

// The first servers are full voters, then come witnesses, learners, and those that wait.
void draw_members(Draws& draws, Setup* setup) {
    const uint32_t begin = draws.one_of("cluster.size", kSizes);
    const auto up_to = [&](const char* decision, uint64_t percent, uint32_t most) {
        const std::string name = decision;
        if (most == 0 || !draws.happens(name + ".any", percent)) return 0U;
        return static_cast<uint32_t>(draws.between(name, {1, most}));
    };
    const uint32_t spare = up_to("cluster.spare", 45, 3);
    const uint32_t learners = up_to("cluster.learners", 20, begin - 1);
    const uint32_t voters = begin - learners;
    const uint32_t witnesses = up_to("cluster.witnesses", 20, (voters - 1) / 2);
    setup->servers = begin + spare;
    if (spare + learners + witnesses == 0) return;
    setup->members = Configuration::Members{.voters = numbered(1, voters),
                                            .outgoing = {},
                                            .learners = numbered(voters + 1, begin),
                                            .witnesses = numbered(voters - witnesses + 1, voters)};
}

// Who may not lead, witnesses included, is a minority: else all who may could lack what only the
// others hold, and nobody would ever win. Where members change, everybody may.
void draw_priorities(Draws& draws, Setup* setup) {
    if (!draws.happens("priorities", 30)) return;
    const bool members_change = setup->nemesis && setup->nemesis->change_members > 0;
    const std::size_t voters = setup->members ? setup->members->voters.size() : setup->servers;
    std::size_t may_not_lead = setup->members ? setup->members->witnesses.size() : 0;
    for (uint32_t server = 1; server <= setup->servers; ++server) {
        auto priority =
            static_cast<uint32_t>(draws.between("priority", {1, Options::kPriorityMax}, server));
        const bool spares = !members_change && may_not_lead < (voters - 1) / 2;
        if (spares && draws.happens("priority.none", 15, server)) {
            priority = 0;
            ++may_not_lead;
        }
        setup->priorities.push_back({ServerId(server), priority});
    }
}

void draw_options(Draws& draws, Setup* setup) {
    draw_timing(draws, setup);
    draw_flow(draws, setup);
    draw_snapshots(draws, &setup->options);
    draw_sessions(draws, setup);
}

}  // namespace wavetank
