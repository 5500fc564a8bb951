// Family after family.
#include "core/http/metrics.h"

#include <fmt/format.h>

#include <vector>

namespace wavetank {
namespace {

std::string label_of(ServerId server) {
    return fmt::format("{}", server.value());
}

void add_position(const ServerStatus& status, OpenMetricsText& text) {
    text.gauge("wavetank_raft_term", "Current term.");
    text.sample(status.term.value());
    std::vector<std::string_view> roles;
    for (const Role role : {Role::Follower, Role::PreCandidate, Role::Candidate, Role::Leader}) {
        roles.emplace_back(name_of(role));
    }
    text.states("wavetank_raft_role", "What the server is in its term.", roles,
                name_of(status.role));
    text.gauge("wavetank_raft_leader_id", "The leader as far as the server knows; 0: none.");
    text.sample(uint64_t{status.leader.value()});
    const struct {
        const char* name;
        const char* help;
        LogIndex index;
    } indexes[] = {
        {"first", "First entry in the log.", status.base.next()},
        {"last", "Last entry in the log.", status.last},
        {"durable", "Last entry on this server's disk.", status.durable},
        {"commit", "Last entry known to be committed.", status.commit},
        {"applied", "Last entry carried out by the machine.", status.applied},
        {"snapshot", "Last entry in the newest snapshot; 0: there is none.", status.snapshot},
        {"configuration", "Entry of the configuration in force; 0: the first one.",
         status.configured_at},
    };
    for (const auto& [name, help, index] : indexes) {
        text.gauge(fmt::format("wavetank_raft_{}_index", name), help);
        text.sample(index.value());
    }
}

void add_cluster(const ServerStatus& status, OpenMetricsText& text) {
    text.gauge("wavetank_raft_members", "Members of the configuration in force.");
    text.sample(uint64_t{status.configuration.all().size()});
    text.gauge("wavetank_raft_peer_match_index",
               "At a leader: last entry that this member is known to hold durably.");
    for (const ServerStatus::Peer& peer : status.peers) {
        text.sample(peer.match.value(), {{"peer", label_of(peer.server)}});
    }
    text.gauge("wavetank_sessions", "Client sessions in the replicated state.");
    text.sample(status.sessions);
}

void add_counts(const TcpServer::Counts& counts, OpenMetricsText& text) {
    text.counter("wavetank_loop_turns", "Turns of the server's loop.");
    text.sample(counts.turns);
    text.counter("wavetank_loop_steps", "Inputs and requests that the loop has handled.");
    text.sample(counts.steps);
    text.counter("wavetank_storage_commits", "Commits of the database.");
    text.sample(counts.commits);
    text.counter("wavetank_storage_writes", "Writes in these commits.");
    text.sample(counts.writes);
    text.counter("wavetank_storage_syncs", "Syncs of the database's files.");
    text.sample(counts.syncs);
    text.counter("wavetank_network_received_bytes",
                 "Bytes received by the server from other servers and clients (not by its HTTP "
                 "gateway), with TLS as they are encrypted.");
    text.sample(counts.traffic.received);
    text.counter("wavetank_network_sent_bytes",
                 "Bytes sent by the server to other servers and clients (not by its HTTP gateway), "
                 "with TLS as they are encrypted.");
    text.sample(counts.traffic.sent);
}

void add_http(const HttpCounts& http, OpenMetricsText& text) {
    text.counter("wavetank_http_answers", "Answers of the HTTP gateway by status.");
    for (const auto& [status, count] : http.answers) {
        text.sample(count, {{"status", fmt::format("{}", status)}});
    }
    text.counter("wavetank_http_connections_accepted", "Connections to the gateway.");
    text.sample(http.accepted);
    text.gauge("wavetank_http_connections_open", "Connections to the gateway now.");
    text.sample(http.connections);
    text.gauge("wavetank_http_requests_in_progress", "Requests that wait for the cluster now.");
    text.sample(http.in_progress);
}

void add_process(const ProcessFigures& process, OpenMetricsText& text) {
    text.counter("process_cpu_seconds", "Processor time of the process.");
    text.sample(process.cpu_seconds);
    text.gauge("process_resident_memory_bytes", "Memory of the process.");
    text.sample(process.resident_bytes);
    text.gauge("process_open_fds", "Open files and sockets of the process.");
    text.sample(process.open_files);
}

}  // namespace

std::string metrics_text(const ServerFigures& figures) {
    OpenMetricsText text;
    text.info("wavetank_build", "Which program this is.", figures.build);
    text.gauge("wavetank_up", "1 if the server answered for these figures, else 0.");
    text.sample(uint64_t{figures.status ? 1U : 0U});
    if (figures.status) {
        add_position(*figures.status, text);
        add_cluster(*figures.status, text);
    }
    add_counts(figures.counts, text);
    add_http(figures.http, text);
    add_process(figures.process, text);
    return text.finish();
}

}  // namespace wavetank
