// Which oracle is asked when, and keeping the shadow in step. The order within a step matters: what
// is asked for is noted first; term, vote and role are judged against the state before; then the
// log is followed; only then can a winner's log, a commit or a configuration be judged; the state
// after the step becomes the state before the next one; and at the end what the server answers is
// judged by that.
#include "sim/check/raft_oracles.h"

#include <limits>
#include <utility>

#include "core/base/check.h"
#include "sim/check/commits.h"
#include "sim/check/disks.h"
#include "sim/check/elections.h"
#include "sim/check/logs.h"
#include "sim/check/membership.h"
#include "sim/check/roles.h"
#include "sim/check/sends.h"
#include "sim/check/snapshots.h"

namespace wavetank {
namespace {

constexpr Instant kNoTime{std::numeric_limits<int64_t>::min()};
constexpr Duration kTick = microseconds(1);

// Most inputs are messages that ask for nothing, and writes that are done. A refusal asks for its
// entries again.
bool asks_for_something(const Observation& now) {
    if (const auto* recv = std::get_if<Recv>(now.input)) {
        const auto* reply = std::get_if<AppendEntriesReply>(&recv->message);
        if (reply != nullptr) return !reply->success;
        return std::holds_alternative<ReadIndex>(recv->message);
    }
    return !std::holds_alternative<Wake>(*now.input) &&
           !std::holds_alternative<Written>(*now.input);
}

bool tells_outcomes(const Output& output) {
    return !output.proposed.empty() || !output.outcomes.empty() || !output.changes.empty() ||
           !output.transfers.empty();
}

}  // namespace

RaftOracles::RaftOracles(Cluster cluster, Findings& findings)
    : findings_(findings),
      shadow_(std::move(cluster)),
      reads_(shadow_, findings),
      outcomes_(shadow_, findings),
      bounds_(shadow_, findings),
      exactly_once_(findings) {}

void RaftOracles::on_event(uint64_t number, Instant at) {
    findings_.now(number, at);
    shadow_.now = at;
}

void RaftOracles::on_start(const Options& options, const Recovered& recovered) {
    ServerShadow& server = shadow_.server(options.id);
    oracles::recovery(shadow_, findings_, server, recovered);
    const LogIndex contained = recovered.snapshot ? recovered.snapshot->index() : LogIndex();
    server.options = options;
    server.up = true;
    server.known = true;
    server.term = recovered.hard_state.current_term;
    server.vote = recovered.hard_state.voted_for;
    server.role = Role::Follower;
    server.commit = contained;
    server.announced_applied = contained;
    server.applied = LogIndex();
    server.log = server.disk.log;
    server.base = recovered.base.index;
    server.snapshot = contained;
    server.knows_initial = server.disk.has_initial || recovered.snapshot.has_value();
    server.local_time = kNoTime;
    server.heard_leader = {};
    server.lease = {};
    server.verified = {};
    server.refusals = {};
    server.write_failed = false;
    server.transfer_campaign = Term();
    server.chain = shadow_.tree[server.log.last()].chain;
    server.writes_to_check = 0;
    server.whole_scan_at = server.steps;
}

void RaftOracles::on_crash(ServerId id) {
    ServerShadow& server = shadow_.server(id);
    server.up = false;
    server.role = Role::Follower;
    reads_.on_crash(server);
    outcomes_.on_crash(server);
}

void RaftOracles::on_wiped(ServerId id) {
    ServerShadow& server = shadow_.server(id);
    CHECK(!server.up);
    oracles::wiped(shadow_, findings_, server);
}

void RaftOracles::on_write(ServerId id, const Write& write) {
    oracles::write_issued(shadow_, findings_, shadow_.server(id), write);
}

// The clock as the server sees it, and whether it is as good as the server was told.
void RaftOracles::read_clock(ServerShadow& server, const Observation& now) {
    const Instant local_before = std::exchange(server.clock_reading, now.clock).local;
    const Duration passed = shadow_.now - std::exchange(server.clock_read_at, shadow_.now);
    const bool first = server.local_time == kNoTime;
    server.local_time = std::max(server.local_time, now.clock.local);
    if (server.options.lease_duration.nanos == 0 || server.clock.broken) return;
    const Duration off = now.clock.local - shadow_.now;
    if (now.clock.bounded()) {
        const bool fits = now.clock.earliest() <= shadow_.now && shadow_.now <= now.clock.latest();
        if (!fits) server.clock = {true, false, shadow_.now, off};
    } else if (!first && now.clock.local - local_before > passed * 2 + kTick) {
        // Without a bound it may drift, but a new leader waits by it (core/raft/lease.cc).
        server.clock = {true, true, shadow_.now, now.clock.local - local_before - passed};
    }
}

void RaftOracles::on_step(const Observation& now) {
    ServerShadow& server = shadow_.server(now.server);
    CHECK(server.up);
    if (server.abandoned) return;
    ++server.steps;
    read_clock(server, now);
    const bool asks = asks_for_something(now);
    if (asks) {
        reads_.before_step(server, now);
        outcomes_.before_step(server, now);
        bounds_.before_step(server, now);
    }
    follow(server, now);
    if (server.abandoned) return;
    if (reads_.waiting(server) > 0 || !now.output->reads.empty()) reads_.after_step(server, now);
    if (tells_outcomes(*now.output)) outcomes_.after_step(server, now);
    if (asks) {
        bounds_.after_step(server, {outcomes_.open_proposals(server), reads_.waiting(server)});
    }
}

void RaftOracles::follow(ServerShadow& server, const Observation& now) {
    if (!oracles::is_monotonic(server, now)) oracles::report_not_monotonic(findings_, server, now);
    const bool quiet = same_office(server, now);
    if (!quiet) {
        oracles::role_edges(shadow_, findings_, server, now);
        oracles::vote_truth(shadow_, findings_, server, now);
    }
    if (std::holds_alternative<Recv>(*now.input)) {
        oracles::leader_stickiness(shadow_, findings_, server, now);
    }
    oracles::later_terms_count(findings_, server, now);

    const EntryId last_before = server.log.last();
    server.configuration_before = shadow_.tree[last_before].configuration;
    const bool scanned = server.steps >= server.whole_scan_at;
    oracles::follow_log(shadow_, findings_, server, now);
    if (server.abandoned) return;
    if (server.writes_to_check > 0) oracles::writes_match_memory(shadow_, findings_, server);
    const ConfigurationId in_force = shadow_.tree[server.log.last()].configuration;
    if (!quiet || scanned || in_force != server.configuration_checked) {
        oracles::configuration_is_active(shadow_, findings_, server, now);
    }
    if (!quiet || now.output->restore) oracles::snapshot_events(findings_, server, now);

    const bool leads_anew = now.role == Role::Leader &&
                            (server.role != Role::Leader || server.term != now.current_term);
    if (leads_anew) oracles::election_won(shadow_, findings_, server, now.current_term);
    if (std::holds_alternative<Recv>(*now.input)) oracles::note_verified(shadow_, server, now);
    const bool commits = now.commit_index > server.commit;
    if (commits) {
        oracles::commit_advanced(shadow_, findings_, server, now);
        if (server.options.lease_duration.nanos > 0) {
            reads_.committed(server, now);
        }
    }
    if (now.role == Role::Leader && (commits || server.log.last() != last_before)) {
        bounds_.leader_moved(server, now, last_before);
    }
    if (now.last_applied > server.announced_applied) bounds_.applied_more(server, now);

    server.term = now.current_term;
    server.vote = now.voted_for;
    server.role = now.role;
    server.commit = now.commit_index;
    server.announced_applied = now.last_applied;
    server.snapshot = now.snapshot;
}

void RaftOracles::on_send(ServerId from, const Send& send) {
    ServerShadow& server = shadow_.server(from);
    if (server.abandoned) return;
    oracles::check_send(shadow_, findings_, server, send);
    bounds_.on_send(server, send);
}

void RaftOracles::on_restored(ServerId id, const SnapshotMeta& snapshot, uint64_t machine_digest) {
    oracles::restored(shadow_, findings_, shadow_.server(id), snapshot, machine_digest);
}

void RaftOracles::on_apply(ServerId id, const Application& application) {
    const bool first = application.index.value() >= shadow_.applied.size();
    oracles::state_machine_safety(shadow_, findings_, shadow_.server(id), application);
    if (first) exactly_once_.on_apply(application);
}

void RaftOracles::on_match(ServerId leader, ServerId peer, LogIndex match) {
    const ServerShadow& server = shadow_.server(leader);
    if (server.abandoned) return;
    oracles::ack_truth(shadow_, findings_, server, peer, match);
    if (const ServerShadow* known = shadow_.find_server(peer)) {
        bounds_.on_match(server, *known, match);
    }
}

void RaftOracles::on_durable(ServerId id, WriteId upto) {
    oracles::synced(shadow_, findings_, shadow_.server(id), upto);
}

void RaftOracles::compare_log(ServerId id, const Log& log) {
    ServerShadow& server = shadow_.server(id);
    if (server.up && !server.abandoned) {
        oracles::compare_whole_log(shadow_, findings_, server, log);
    }
}

void RaftOracles::finish() {
    const LogIndex last = shadow_.chosen.last_index();
    for (ServerShadow& server : shadow_.servers()) {
        if (server.disk.log.has(last, shadow_.chosen.last())) continue;
        oracles::chosen_survives(shadow_, findings_, server, last);
        return;
    }
}

}  // namespace wavetank
