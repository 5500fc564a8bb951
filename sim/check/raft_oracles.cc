// Which oracle is asked when, and keeping the shadow in step.
#include "sim/check/raft_oracles.h"

#include "core/base/check.h"
#include "sim/check/commits.h"
#include "sim/check/disks.h"
#include "sim/check/elections.h"
#include "sim/check/logs.h"
#include "sim/check/sends.h"

namespace wavetank {

void RaftOracles::on_event(uint64_t number, Instant at) {
    findings_.now(number, at);
}

void RaftOracles::on_start(ServerId id, const Recovered& recovered) {
    ServerShadow& server = shadow_.server(id);
    oracles::recovery(shadow_, findings_, server, recovered);
    server.up = true;
    server.known = true;
    server.term = recovered.hard_state.current_term;
    server.vote = recovered.hard_state.voted_for;
    server.role = Role::Follower;
    server.commit = LogIndex();
    server.announced_applied = LogIndex();
    server.applied = LogIndex();
    server.log = server.disk.log;
    server.writes_to_check = 0;
    server.whole_scan_at = server.steps;
}

void RaftOracles::on_crash(ServerId id) {
    ServerShadow& server = shadow_.server(id);
    server.up = false;
    server.role = Role::Follower;
}

void RaftOracles::on_write(ServerId id, const Write& write) {
    oracles::write_issued(shadow_, findings_, shadow_.server(id), write);
}

void RaftOracles::on_step(const Observation& now) {
    ServerShadow& server = shadow_.server(now.server);
    CHECK(server.up);
    ++server.steps;
    if (!oracles::is_monotonic(server, now)) oracles::report_not_monotonic(findings_, server, now);
    const bool quiet = same_office(server, now);
    if (!quiet) {
        oracles::role_edges(shadow_, findings_, server, now);
        oracles::vote_truth(shadow_, findings_, server, now);
    }
    oracles::follow_log(shadow_, findings_, server, now);
    if (server.writes_to_check > 0) oracles::writes_match_memory(shadow_, findings_, server);

    const bool leads_anew = now.role == Role::Leader &&
                            (server.role != Role::Leader || server.term != now.current_term);
    if (leads_anew) oracles::election_won(shadow_, findings_, server, now.current_term);
    if (now.commit_index > server.commit) {
        oracles::commit_advanced(shadow_, findings_, server, now);
    }

    server.term = now.current_term;
    server.vote = now.voted_for;
    server.role = now.role;
    server.commit = now.commit_index;
    server.announced_applied = now.last_applied;
}

void RaftOracles::on_send(ServerId from, const Send& send) {
    oracles::check_send(shadow_, findings_, shadow_.server(from), send);
}

void RaftOracles::on_apply(ServerId id, LogIndex index, const Entry& entry,
                           uint64_t machine_digest) {
    oracles::state_machine_safety(shadow_, findings_, shadow_.server(id),
                                  {index, entry, machine_digest});
}

void RaftOracles::on_match(ServerId leader, ServerId peer, LogIndex match, const Log&) {
    oracles::ack_truth(shadow_, findings_, shadow_.server(leader), peer, match);
}

void RaftOracles::on_durable(ServerId id, WriteId upto) {
    oracles::synced(shadow_, findings_, shadow_.server(id), upto);
}

void RaftOracles::compare_log(ServerId id, const Log& log) {
    ServerShadow& server = shadow_.server(id);
    if (server.up) oracles::compare_whole_log(shadow_, findings_, server, log);
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
