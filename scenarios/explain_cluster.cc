// Members, options and standing conditions in words, and whether the clocks bear the leases.
#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "scenarios/explain.h"
#include "scenarios/generate/clock_error.h"
#include "scenarios/page.h"
#include "scenarios/suggest.h"

namespace wavetank {
namespace {

const char* explain(CrashRule rule) {
    switch (rule) {
        case CrashRule::LoseAll:
            return "all writes not synced are lost";
        case CrashRule::InOrder:
            return "the first few writes not synced survive, whole";
        case CrashRule::Torn:
            return "the first few writes not synced survive, and the beginning of the next";
    }
    return "?";
}

std::string explain(const DiskQuality& disk) {
    return fmt::format("a write takes {}{}; in a crash {}{}.", explain(disk.write),
                       disk.bytes_per_second > 0
                           ? fmt::format(", and its bytes at {} a second", disk.bytes_per_second)
                           : std::string(),
                       explain(disk.on_crash),
                       disk.storage == StorageKind::Sqlite ? "; kept in SQLite" : "");
}

std::string explain(const InitialState& initial) {
    std::string log;
    for (const Term term : initial.log) log += fmt::format(" {}", term.value());
    return fmt::format(
        "Server {} starts in term {}, {}, with {}.", initial.server.value(),
        initial.hard_state.current_term.value(),
        initial.hard_state.voted_for
            ? fmt::format("having voted for {}", initial.hard_state.voted_for.value())
            : std::string("having voted for nobody"),
        log.empty() ? std::string("an empty log") : "a log of entries of the terms" + log);
}

// "servers 1 and 2 vote"; nothing for no servers.
struct Verbs {
    const char* for_one;
    const char* for_many;
};
void add_statement(std::vector<std::string>* statements, const std::vector<ServerId>& servers,
                   Verbs verbs) {
    if (servers.empty()) return;
    const Target target{TargetKind::Servers, servers, 1};
    statements->push_back(fmt::format("{} {}", wavetank::explain(target),
                                      servers.size() == 1 ? verbs.for_one : verbs.for_many));
}

std::vector<ServerId> waiting_servers(const Setup& setup) {
    const Configuration members(*setup.members);
    std::vector<ServerId> waiting;
    for (uint32_t i = 1; i <= setup.servers; ++i) {
        if (!members.contains(ServerId(i))) waiting.push_back(ServerId(i));
    }
    return waiting;
}

void explain_members(const Setup& setup, Page* page) {
    std::size_t voters = setup.servers;
    std::string members;
    if (setup.members) {
        voters = setup.members->voters.size();
        members = ": " + explain(*setup.members);
        std::vector<std::string> waiting;
        add_statement(&waiting, waiting_servers(setup), {"waits to be added", "wait to be added"});
        if (!waiting.empty()) members += ", and " + waiting[0];
    }
    page->line(fmt::format("{}{}; {} can be lost without losing the majority.",
                           plural(setup.servers, "server"), members, (voters - 1) / 2));
    for (const InitialState& initial : setup.initial) page->line(explain(initial));
    std::string others;
    for (const PrioritySetup& priority : setup.priorities) {
        others += fmt::format(", of server {} {}", priority.server.value(), priority.priority);
    }
    if (!others.empty() || setup.options.priority != Options::kPriorityMax) {
        page->line(fmt::format("The priority to lead is {}{} (4 leads first, 0 never).",
                               setup.options.priority, others));
    }
}

void explain_flow(const Options& options, Page* page) {
    page->line(fmt::format(
        "AppendEntries carry up to {} and {}; up to {} and {} are on the way to a "
        "follower.",
        options.entries_per_message_max == 1
            ? std::string("1 entry")
            : fmt::format("{} entries", options.entries_per_message_max),
        plural(options.bytes_per_message_max, "byte"),
        plural(options.window.messages_max, "message"), plural(options.window.bytes_max, "byte")));
    page->line(fmt::format("Up to {} at once; a leader refuses more than {} not committed.",
                           plural(options.writes_in_flight_max, "disk write"),
                           plural(options.uncommitted_bytes_max, "byte")));
    page->line(fmt::format(
        "Up to {} open, {} waiting, {} applied at once.",
        plural(options.open_proposals_max, "proposal"), plural(options.pending_reads_max, "read"),
        options.apply_entries_max == 1 ? std::string("1 entry")
                                       : fmt::format("{} entries", options.apply_entries_max)));
    page->line(fmt::format("Followers {} proposals and {}reads.",
                           options.forward_proposals ? "pass on" : "refuse",
                           options.follower_reads      ? "answer "
                           : options.forward_proposals ? "refuse "
                                                       : ""));
    page->line(fmt::format("A new voter must catch up within {}.",
                           plural(options.catch_up_rounds_max, "round")));
}

void explain_snapshots(const Options& options, Page* page) {
    std::vector<std::string> reasons;
    if (options.snapshot_entries > 0) {
        reasons.push_back(plural(options.snapshot_entries, "applied command"));
    }
    if (options.snapshot_bytes > 0) reasons.push_back(plural(options.snapshot_bytes, "byte"));
    page->line(fmt::format(
        "{}; the last {} before it stay in the log; it travels in pieces of {} to up to {} at "
        "once.",
        reasons.empty() ? std::string("A snapshot only when it is asked for")
                        : "A snapshot every " + list_of(reasons),
        plural(options.snapshot_trailing_entries, "command"),
        plural(options.snapshot_piece_bytes, "byte"),
        plural(options.snapshot_transfers_max, "follower")));
    page->line(options.log_memory_entries == 0
                   ? std::string("The whole log stays in memory.")
                   : fmt::format("Of what is applied, the last {} stay in memory.",
                                 plural(options.log_memory_entries, "command")));
}

bool any_bounded_clock(const Setup& setup) {
    return std::any_of(setup.clocks.begin(), setup.clocks.end(), [](const ClockSetup& clock) {
        return clock.quality.error_bound.has_value();
    });
}

void explain_reads(const Setup& setup, Page* page) {
    const Duration lease = setup.options.lease_duration;
    if (lease.nanos == 0) {
        page->line("Reads ask a majority.");
    } else if (any_bounded_clock(setup)) {
        page->line(fmt::format(
            "Reads are served from a lease of {} by servers that know their clock's error.",
            to_string(lease)));
    } else {
        page->line(fmt::format(
            "A lease of {} has no effect, as no clock has an error_bound: reads ask a majority.",
            to_string(lease)));
    }
}

std::string server_or_every(ServerId server) {
    return server ? fmt::format("server {}", server.value()) : std::string("every server");
}

// "; it is said to be at most 5ms wrong", and whether that can be believed.
std::string explain_bound(const Setup& setup, const ClockSetup& clock) {
    if (!clock.quality.error_bound) return "; its error is not known";
    const Duration bound = *clock.quality.error_bound;
    std::string text = fmt::format("; said to be at most {} wrong", to_string(bound));
    const std::optional<Duration> error = clock_error_max(setup, clock.server);
    if (!error) return text + ", but faults may make it worse than that";
    if (*error > bound) return text + fmt::format(", but it may come to {}", to_string(*error));
    return text;
}

void explain_clocks(const Setup& setup, Page* page) {
    if (setup.clocks.empty()) page->line("Clocks: all right.");
    for (const ClockSetup& clock : setup.clocks) {
        page->line(fmt::format("Clock of server {}: off by {}, drifts by {} ppm{}.",
                               clock.server.value(), to_string(clock.quality.offset),
                               clock.quality.drift_ppm, explain_bound(setup, clock)));
    }
}

}  // namespace

std::string explain(const Configuration::Members& members) {
    std::vector<ServerId> full;
    for (const ServerId voter : members.voters) {
        const auto& witnesses = members.witnesses;
        if (std::find(witnesses.begin(), witnesses.end(), voter) == witnesses.end()) {
            full.push_back(voter);
        }
    }
    std::vector<std::string> statements;
    add_statement(&statements, full, {"votes", "vote"});
    add_statement(&statements, members.learners, {"learns", "learn"});
    add_statement(&statements, members.witnesses, {"is a witness", "are witnesses"});
    return list_of(statements, "and");
}

void explain_cluster(const Setup& setup, Page* page) {
    const Options& options = setup.options;
    page->section("Cluster");
    explain_members(setup, page);
    page->line(fmt::format(
        "Election timeout {} to {}, a heartbeat every {}.", to_string(options.election_timeout_min),
        to_string(options.election_timeout_max), to_string(options.heartbeat_interval)));
    explain_flow(options, page);
    explain_reads(setup, page);
    explain_snapshots(options, page);
    page->line(fmt::format("Up to {} with {} kept for each; a session unused for {} is closed.",
                           plural(setup.sessions.sessions_max, "session"),
                           setup.sessions.replies_max == 1
                               ? std::string("1 reply")
                               : fmt::format("{} replies", setup.sessions.replies_max),
                           to_string(setup.sessions.expire_after)));
}

void explain_weather(const Setup& setup, Page* page) {
    page->section("Weather");
    page->line("Between servers: " + explain(setup.network) + ".");
    page->line("Between clients and servers: " + explain(setup.client_network) + ".");
    for (const LinkSetup& link : setup.links) {
        page->line(fmt::format("From {} to {}: {}.", server_or_every(link.from),
                               server_or_every(link.to), explain(link.quality)));
    }
    page->line(setup.encoded_links
                   ? "Every message is encoded and decoded again."
                   : "One message in 64 is encoded and decoded again, and compared.");
    page->line("Disks: " + explain(setup.disk));
    for (const DiskSetup& disk : setup.disks) {
        page->line(
            fmt::format("Disk of server {}: {}", disk.server.value(), explain(disk.quality)));
    }
    explain_clocks(setup, page);
}

}  // namespace wavetank
