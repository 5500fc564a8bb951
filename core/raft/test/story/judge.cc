// One property after the other.
#include "core/raft/test/story/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/raft/test/story/words.h"

namespace wavetank::story {

void Judge::blame(std::string what) {
    if (!violation_) violation_ = std::move(what);
}

void Judge::look(const Seen& stepped, const std::vector<Seen>& running) {
    const Raft& raft = stepped.raft;
    // Paper 5.2, election safety: at most one leader in a term.
    if (raft.role() == Role::Leader) {
        const auto [found, first] = leaders_.emplace(raft.current_term(), raft.id());
        if (!first && found->second != raft.id()) {
            blame(fmt::format("{} and {} both led term {}", found->second.value(),
                              raft.id().value(), raft.current_term().value()));
        }
    }
    LogIndex& commit = commit_[raft.id()];
    if (raft.commit_index() < commit) {
        blame(fmt::format("the commit index of {} falls", raft.id().value()));
    }
    commit = raft.commit_index();
    if (stepped.disk.complaint()) {
        blame(fmt::format("the disk of {}: {}", raft.id().value(), *stepped.disk.complaint()));
    }
    for (const Seen& one : running) {
        for (const Seen& other : running) {
            if (one.raft.role() == Role::Leader && one.raft.id() != other.raft.id()) {
                look_at_match(one.raft, other);
            }
        }
    }
}

// What a leader believes a peer to have, the peer's disk has (paper 5.3).
void Judge::look_at_match(const Raft& leader, const Seen& peer) {
    if (!leader.configuration().contains(peer.raft.id())) return;
    const Progress* progress = leader.progress(peer.raft.id());
    if (progress == nullptr) return;
    // A server that has moved on to a later term may have overwritten what it acknowledged.
    if (peer.disk.recovered().hard_state.current_term > leader.current_term()) return;
    const LogIndex match = progress->match_index;
    if (match > peer.disk.last_index()) {
        blame(fmt::format("{} believes that {} has entry {}, whose disk ends at {}",
                          leader.id().value(), peer.raft.id().value(), match.value(),
                          peer.disk.last_index().value()));
        return;
    }
    for (LogIndex index = leader.log().first_index(); index <= match; index = index.next()) {
        const Entry* held = peer.disk.entry(index);
        if (held == nullptr) continue;  // compacted there
        if (held->term != leader.log().term_at(index)) {
            blame(fmt::format("{} believes that {} has its entry {}, which is of another term",
                              leader.id().value(), peer.raft.id().value(), index.value()));
        }
    }
}

// Paper 5.4.3, state machine safety: nobody applies another entry at an index.
void Judge::applied(ServerId id, LogIndex index, const Entry& entry) {
    const Applied now{entry.term, entry.kind, entry.payload.digest(), content_of(entry)};
    const auto [found, first] = applied_.emplace(index, now);
    const Applied& before = found->second;
    if (!first &&
        (before.term != now.term || before.kind != now.kind || before.digest != now.digest)) {
        blame(fmt::format("{} applies '{}' at {}, where '{}' was applied", id.value(), now.text,
                          index.value(), before.text));
    }
    // A witness has a stub only; whoever has the text tells it.
    if (entry.kind == EntryKind::Command && !entry.payload.is_stub()) {
        found->second.text = std::string(entry.payload.bytes());
    }
}

void Judge::loaded(ServerId id, LogIndex index, const std::vector<std::string>& commands) {
    std::vector<std::string> expected;
    for (const auto& [at, entry] : applied_) {
        if (at <= index && entry.kind == EntryKind::Command) expected.push_back(entry.text);
    }
    if (commands != expected) {
        blame(fmt::format("{} loads a snapshot of {} that is not what was applied up to there",
                          id.value(), index.value()));
    }
}

}  // namespace wavetank::story
