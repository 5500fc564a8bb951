// Story: hand-made observations for the oracles' tests. It plays a cluster of servers that are
// plain fields; its steps are legal sequences of observations, and a test bends one field at the
// place where the oracle it is about should object. Nothing of the core's logic takes part.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "sim/check/raft_oracles.h"

namespace wavetank {

class Story {
 public:
    struct Server {
        ServerId id;
        Term term;
        ServerId vote;
        Role role = Role::Follower;
        LogIndex commit;
        LogIndex applied;
        Log log;
        uint64_t writes = 0;
    };

    explicit Story(uint32_t count) : oracles(members(count), findings) {
        for (uint32_t id = 1; id <= count; ++id) {
            server(id).id = ServerId(id);
            start(id, Recovered{members(count), {}, {}});
        }
    }

    static Configuration members(uint32_t count) {
        std::vector<ServerId> ids;
        for (uint32_t id = 1; id <= count; ++id) ids.push_back(ServerId(id));
        return Configuration::of_voters(ids);
    }
    static Entry entry(uint64_t term, const std::string& command) {
        return Entry{Term(term), EntryKind::Command, Payload::copy_of(command)};
    }

    Server& server(uint32_t id) { return servers_[id]; }

    // --- Single observations ---

    void start(uint32_t id, const Recovered& recovered) {
        Server& s = server(id);
        s = Server{ServerId(id), recovered.hard_state.current_term, recovered.hard_state.voted_for};
        for (const Entry& e : recovered.entries) s.log.append(e);
        oracles.on_start(s.id, recovered);
    }
    void crash(uint32_t id) { oracles.on_crash(ServerId(id)); }
    void step(uint32_t id, std::vector<Event> events = {}) {
        const Server& s = server(id);
        ++event_;
        oracles.on_event(event_, Instant{static_cast<int64_t>(event_)});
        oracles.on_step(
            Observation{s.id, s.term, s.vote, s.role, s.commit, s.applied, &s.log, events});
    }
    // Hands a write to the disk; its id is made here.
    void write(uint32_t id, Write write) {
        write.id = WriteId(++server(id).writes);
        oracles.on_write(ServerId(id), write);
    }
    void sync(uint32_t id) { oracles.on_durable(ServerId(id), WriteId(server(id).writes)); }
    void send(uint32_t from, uint32_t to, const Message& message) {
        oracles.on_send(ServerId(from), Send{ServerId(to), message});
    }

    // --- Legal pieces ---

    Write hard_state(uint32_t id) {
        Write w;
        w.hard_state = HardState{server(id).term, server(id).vote};
        return w;
    }
    // Appends the log in memory from `first` on.
    Write entries(uint32_t id, uint64_t first) {
        Write w;
        if (LogIndex(first) <= server(id).log.last_index()) {
            w.append.push_back(server(id).log.range(LogIndex(first), {UINT32_MAX, UINT64_MAX}));
        }
        return w;
    }
    void campaign(uint32_t id, uint64_t term) {
        Server& s = server(id);
        s.role = Role::Candidate;
        s.term = Term(term);
        s.vote = s.id;
        write(id, hard_state(id));
        step(id, {BecamePreCandidate{s.term}, BecameCandidate{s.term}});
        sync(id);
        for (auto& [to, other] : servers_) {
            if (to != id) send(id, to, RequestVote{s.term, s.log.last_index(), s.log.last_term()});
        }
    }
    void grant(uint32_t voter, uint32_t candidate, uint64_t term) {
        Server& s = server(voter);
        const bool changed = s.role != Role::Follower;
        s.role = Role::Follower;
        s.term = Term(term);
        s.vote = ServerId(candidate);
        write(voter, hard_state(voter));
        step(voter, changed ? std::vector<Event>{BecameFollower{s.term, ServerId()}}
                            : std::vector<Event>{});
        sync(voter);
        send(voter, candidate, RequestVoteReply{s.term, true});
    }
    // The candidate becomes leader and appends, and syncs, the first entry of its term.
    void win(uint32_t id) {
        Server& s = server(id);
        s.role = Role::Leader;
        append(id, Entry{s.term, EntryKind::Empty, Payload()}, {BecameLeader{s.term}});
    }
    void elect(uint32_t id, uint64_t term, const std::vector<uint32_t>& voters) {
        campaign(id, term);
        for (const uint32_t voter : voters) grant(voter, id, term);
        win(id);
    }
    // To the end of a log in memory, and to the disk.
    void append(uint32_t id, const Entry& entry, std::vector<Event> events = {}) {
        server(id).log.append(entry);
        write(id, entries(id, server(id).log.last_index().value()));
        step(id, std::move(events));
        sync(id);
    }
    // The leader sends its entries from..upto, the follower takes them.
    void take(uint32_t leader, uint32_t follower, uint64_t from, uint64_t upto) {
        Server& l = server(leader);
        Server& f = server(follower);
        EntryRange range =
            l.log.range(LogIndex(from), {static_cast<uint32_t>(upto - from + 1), UINT64_MAX});
        const LogIndex prev = LogIndex(from).previous();
        send(leader, follower,
             AppendEntries{l.term, prev, l.log.term_at(prev), l.commit, 0, range});
        Write w;
        if (f.log.last_index() > prev) {
            w.truncate_from = LogIndex(from);
            f.log.truncate_from(LogIndex(from));
        }
        for (uint32_t i = 0; i < range.size(); ++i) f.log.append(range[i]);
        w.append.push_back(f.log.range(LogIndex(from), {range.size(), UINT64_MAX}));
        if (f.term != l.term) {
            f.term = l.term;
            f.vote = ServerId();
            w.hard_state = HardState{f.term, f.vote};
        }
        std::vector<Event> events;
        if (f.role != Role::Follower) events.push_back(BecameFollower{f.term, l.id});
        f.role = Role::Follower;
        write(follower, w);
        step(follower, events);
    }
    void acknowledge(uint32_t follower, uint32_t leader, uint64_t match) {
        AppendEntriesReply reply;
        reply.term = server(follower).term;
        reply.success = true;
        reply.match_index = LogIndex(match);
        send(follower, leader, reply);
    }
    void believe(uint32_t leader, uint32_t follower, uint64_t match) {
        oracles.on_match(ServerId(leader), ServerId(follower), LogIndex(match), server(leader).log);
        step(leader);
    }
    void replicate(uint32_t leader, uint32_t follower, uint64_t from, uint64_t upto) {
        take(leader, follower, from, upto);
        sync(follower);
        acknowledge(follower, leader, upto);
        believe(leader, follower, upto);
    }
    void commit(uint32_t id, uint64_t index) {
        server(id).commit = LogIndex(index);
        step(id, {Committed{server(id).term, LogIndex(index)}});
    }
    // A heartbeat brings the commit index.
    void learn(uint32_t leader, uint32_t follower, uint64_t index) {
        Server& l = server(leader);
        send(leader, follower,
             AppendEntries{
                 l.term, LogIndex(index), l.log.term_at(LogIndex(index)), l.commit, 0, {}});
        commit(follower, index);
    }
    void apply(uint32_t id, uint64_t index, uint64_t machine_digest) {
        server(id).applied = LogIndex(index);
        step(id);
        oracles.on_apply(ServerId(id), LogIndex(index), server(id).log.entry_at(LogIndex(index)),
                         machine_digest);
    }
    // What is on the disk if everything written so far was synced.
    Recovered image(uint32_t id) {
        const Server& s = server(id);
        Recovered found{members(static_cast<uint32_t>(servers_.size())), {s.term, s.vote}, {}};
        for (LogIndex i(1); i <= s.log.last_index(); i = i.next()) {
            found.entries.push_back(s.log.entry_at(i));
        }
        return found;
    }

    // --- Verdicts ---

    void expect_clean() const { EXPECT_TRUE(findings.empty()) << words(); }
    // `oracle` objected, and its words contain `part`.
    void expect(const std::string& oracle, const std::string& part) const {
        for (const Finding& finding : findings.kept()) {
            if (finding.oracle == oracle && finding.message.find(part) != std::string::npos) return;
        }
        ADD_FAILURE() << "no finding of \"" << oracle << "\" with \"" << part << "\"; found:\n"
                      << words();
    }
    std::string words() const {
        std::string all;
        for (const Finding& finding : findings.kept()) {
            all += finding.oracle + ": " + finding.message + "\n";
        }
        return all;
    }

    Findings findings;
    RaftOracles oracles;

 private:
    std::map<uint32_t, Server> servers_;
    uint64_t event_ = 0;
};

// Three or more servers; server 1 leads term 1, its first entry is committed and on servers 1 to 3.
inline void begin(Story& story) {
    story.elect(1, 1, {2, 3});
    story.replicate(1, 2, 1, 1);
    story.replicate(1, 3, 1, 1);
    story.commit(1, 1);
    story.learn(1, 2, 1);
    story.learn(1, 3, 1);
    story.expect_clean();
}

}  // namespace wavetank
