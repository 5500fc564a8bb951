// Answers, by looking at every server.
#include "sim/questions.h"

#include <algorithm>

#include "sim/fault/faults.h"

namespace wavetank {

uint64_t Questions::now_of(Metric metric) const {
    uint64_t highest_term = 0;
    uint64_t highest_commit = 0;
    uint64_t leaders = 0;
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        if (!world_.node(i).running()) continue;
        const Raft& raft = world_.node(i).replica().raft();
        highest_term = std::max(highest_term, raft.current_term().value());
        highest_commit = std::max(highest_commit, raft.commit_index().value());
        if (raft.role() == Role::Leader) ++leaders;
    }
    switch (metric) {
        case Metric::Leader: {
            const auto leader = current_leader(world_);
            return leader ? *leader + 1 : 0;
        }
        case Metric::Leaders:
            return leaders;
        case Metric::HighestTerm:
            return highest_term;
        case Metric::Commit:
            return highest_commit;
        case Metric::Behind: {
            uint64_t behind = 0;
            for (uint32_t i = 0; i < world_.servers(); ++i) {
                if (!world_.node(i).running()) continue;
                const Raft& raft = world_.node(i).replica().raft();
                if (raft.commit_index().value() < highest_commit) ++behind;
            }
            return behind;
        }
        case Metric::Messages:
            return world_.counts().messages_sent;
        case Metric::Bytes:
            return world_.counts().payload_bytes_sent;
        case Metric::OperationsOk:
            return clients_.counts().ok;
        case Metric::OperationsOpen:
            return clients_.counts().open;
    }
    return 0;
}

uint64_t Questions::answer(Metric metric, bool since_mark) const {
    const uint64_t now = now_of(metric);
    if (!since_mark) return now;
    const uint64_t before = marks_[static_cast<std::size_t>(metric)];
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

// Grows a group from each server in turn, taking whoever reaches all taken so far. For the small
// clusters and the partition shapes at hand this finds a connected majority if there is one.
bool Questions::majority_healthy() const {
    const auto works = [this](uint32_t i) {
        return world_.node(i).running() && !world_.node(i).paused();
    };
    const uint32_t n = world_.servers();
    for (uint32_t first = 0; first < n; ++first) {
        if (!works(first)) continue;
        std::vector<uint32_t> group = {first};
        for (uint32_t step = 1; step < n; ++step) {
            const uint32_t next = (first + step) % n;
            if (!works(next)) continue;
            const bool reaches_all = std::all_of(group.begin(), group.end(), [&](uint32_t member) {
                return connected(member, next);
            });
            if (reaches_all) group.push_back(next);
        }
        if (group.size() > n / 2) return true;
    }
    return false;
}

bool Questions::all_caught_up() const {
    if (!current_leader(world_)) return false;
    std::optional<LogIndex> commit;
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        if (!world_.node(i).running()) return false;
        const Raft& raft = world_.node(i).replica().raft();
        if (raft.last_applied() != raft.commit_index()) return false;
        if (raft.commit_index() != raft.log().last_index()) return false;
        if (commit && *commit != raft.commit_index()) return false;
        commit = raft.commit_index();
    }
    return true;
}

}  // namespace wavetank
