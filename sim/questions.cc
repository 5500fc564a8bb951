// Answers, by looking at every server.
#include "sim/questions.h"

#include <algorithm>

#include "core/base/check.h"
#include "sim/world/members.h"

namespace wavetank {

uint64_t Questions::now_of(Metric metric) const {
    switch (metric) {
        case Metric::Leader:
        case Metric::Voters:
        case Metric::Learners:
        case Metric::Joint:
            return of_the_leader(metric);
        case Metric::Leaders:
        case Metric::HighestTerm:
        case Metric::Commit:
        case Metric::LogEntries:
            return of_running_servers(metric);
        case Metric::Behind:
            return members_behind();
        case Metric::Messages:
        case Metric::Bytes:
        case Metric::OperationsOk:
        case Metric::OperationsOpen:
        case Metric::ChangesDone:
        case Metric::TransfersDone:
        case Metric::SnapshotsTaken:
        case Metric::SnapshotsInstalled:
        case Metric::LeaseReads:
        case Metric::SessionsExpired:
        case Metric::DiskStops:
        case Metric::DisksRefused:
        case Metric::ServersReplaced:
            return count_of(metric);
        case Metric::NeedOperator:
            return waiting_for_the_operator();
    }
    return 0;
}

uint64_t Questions::count_of(Metric metric) const {
    const WorldCounts& counts = world_.counts();
    if (metric == Metric::Messages) return counts.messages_sent;
    if (metric == Metric::Bytes) return counts.payload_bytes_sent;
    if (metric == Metric::OperationsOk) return clients_.counts().ok;
    if (metric == Metric::OperationsOpen) return clients_.counts().open;
    if (metric == Metric::ChangesDone) return counts.changes_done;
    if (metric == Metric::TransfersDone) return counts.transfers_done;
    if (metric == Metric::SnapshotsTaken) return counts.snapshots_taken;
    if (metric == Metric::SnapshotsInstalled) return counts.snapshots_installed;
    if (metric == Metric::LeaseReads) return counts.lease_reads;
    if (metric == Metric::DiskStops) return counts.disk_stops;
    if (metric == Metric::DisksRefused) return counts.disks_refused;
    if (metric == Metric::ServersReplaced) return counts.servers_replaced;
    CHECK(metric == Metric::SessionsExpired);
    return counts.sessions_expired;
}

uint64_t Questions::waiting_for_the_operator() const {
    uint64_t count = 0;
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        const Node& node = world_.node(i);
        if (!node.running() && node.disk_state() != DiskState::Sound) ++count;
    }
    return count;
}

uint64_t Questions::of_the_leader(Metric metric) const {
    const auto leader = current_leader(world_);
    if (!leader) return 0;
    const Configuration& members = world_.node(*leader).replica().raft().configuration();
    if (metric == Metric::Leader) return *leader + 1;
    if (metric == Metric::Voters) return members.voters().size();
    if (metric == Metric::Learners) return members.learners().size();
    CHECK(metric == Metric::Joint);
    return members.joint() ? 1 : 0;
}

uint64_t Questions::of_running_servers(Metric metric) const {
    uint64_t leaders = 0;
    uint64_t highest = 0;
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        if (!world_.node(i).running()) continue;
        const Raft& raft = world_.node(i).replica().raft();
        if (raft.role() == Role::Leader) ++leaders;
        uint64_t value = raft.commit_index().value();
        if (metric == Metric::HighestTerm) value = raft.current_term().value();
        if (metric == Metric::LogEntries) {
            value = raft.log().last_index().value() - raft.log().base().index.value();
        }
        highest = std::max(highest, value);
    }
    return metric == Metric::Leaders ? leaders : highest;
}

uint64_t Questions::members_behind() const {
    const uint64_t highest = of_running_servers(Metric::Commit);
    uint64_t behind = 0;
    for (const ServerId id : present_configuration(world_).all()) {
        const Node& node = world_.node(id.value() - 1);
        if (node.running() && node.replica().raft().commit_index().value() < highest) ++behind;
    }
    return behind;
}

uint64_t Questions::answer(Metric metric, bool since_mark) const {
    const uint64_t now = now_of(metric);
    if (!since_mark) return now;
    const auto place = static_cast<std::size_t>(metric);
    CHECK(place < kMetrics);
    const uint64_t before = marks_[place];
    return now - std::min(now, before);
}

bool Questions::holds(const Expect& question) const {
    const uint64_t value = answer(question.metric, question.since_mark);
    return question.min <= value && value <= question.max;
}

void Questions::mark() {
    for (std::size_t i = 0; i < std::size(marks_); ++i) marks_[i] = now_of(static_cast<Metric>(i));
}

bool Questions::connected(uint32_t a, uint32_t b) const {
    const Network& network = world_.network();
    for (const Network::Direction d : {Network::Direction{a, b}, Network::Direction{b, a}}) {
        if (network.is_cut(d) || network.is_clogged(d)) return false;
    }
    return true;
}

// Grows a group from each voter in turn, taking whoever reaches all taken so far. For the small
// clusters and the partition shapes at hand this finds a connected majority if there is one.
bool Questions::majority_healthy() const {
    const Configuration& configuration = present_configuration(world_);
    std::vector<uint32_t> candidates;
    for (const ServerId id : configuration.all()) {
        const uint32_t position = id.value() - 1;
        if (configuration.is_voter(id) && world_.node(position).working()) {
            candidates.push_back(position);
        }
    }
    for (std::size_t first = 0; first < candidates.size(); ++first) {
        std::vector<uint32_t> group;
        std::vector<bool> in_group(world_.servers(), false);
        for (std::size_t step = 0; step < candidates.size(); ++step) {
            const uint32_t next = candidates[(first + step) % candidates.size()];
            const bool reaches_all = std::all_of(group.begin(), group.end(), [&](uint32_t member) {
                return connected(member, next);
            });
            if (!reaches_all) continue;
            group.push_back(next);
            in_group[next] = true;
        }
        if (majority_among(configuration, in_group)) return true;
    }
    return false;
}

bool Questions::change_half_done() const {
    return of_the_leader(Metric::Joint) != 0;
}

bool Questions::all_caught_up() const {
    const auto leader = current_leader(world_);
    if (!leader || change_half_done()) return false;
    const Raft& ahead = world_.node(*leader).replica().raft();
    for (const ServerId id : ahead.configuration().all()) {
        const Node& node = world_.node(id.value() - 1);
        if (!node.running()) return false;
        const Raft& raft = node.replica().raft();
        if (raft.log().last_index() != ahead.log().last_index()) return false;
        if (raft.commit_index() != raft.log().last_index()) return false;
        if (raft.last_applied() != raft.commit_index()) return false;
    }
    return true;
}

}  // namespace wavetank
