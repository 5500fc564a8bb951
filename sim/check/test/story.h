// Story: hand-made observations for the oracles' tests. It plays a cluster of servers that are
// plain fields; its steps are legal sequences of observations, and a test bends one field at the
// place where the oracle it is about should object. Nothing of the core's logic takes part.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
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
        std::optional<SnapshotMeta> snapshot;
        Configuration initial;                      // of the cluster; empty: it waits to be added
        std::optional<Configuration> goes_by;       // instead of the newest one in its log
        std::optional<uint64_t> uncommitted_bytes;  // instead of those that are
        Duration clock_error = ClockReading::kUnknown;
        Duration clock_off;
        uint64_t writes = 0;
        bool joined = true;  // says the hard state that it writes
    };

    // All are voters.
    explicit Story(uint32_t count) : Story(count, members(count)) {}
    // Servers that are no members wait to be added.
    Story(uint32_t count, const Configuration& initial, bool beyond_limit = false)
        : oracles(Cluster{members(count).all(), initial, beyond_limit}, findings) {
        for (uint32_t id = 1; id <= count; ++id) {
            options_[id].id = ServerId(id);
            if (initial.contains(ServerId(id))) server(id).initial = initial;
            start(id, empty_image(id));
        }
    }

    static Configuration members(uint32_t count) {
        std::vector<ServerId> ids;
        for (uint32_t id = 1; id <= count; ++id) ids.push_back(ServerId(id));
        return Configuration::of_voters(ids);
    }
    static std::vector<ServerId> ids(const std::vector<uint32_t>& numbers) {
        std::vector<ServerId> all;
        for (const uint32_t number : numbers) all.push_back(ServerId(number));
        return all;
    }
    static Entry entry(uint64_t term, const std::string& command) {
        return Entry{Term(term), EntryKind::Command, Payload::copy_of(command)};
    }
    static Entry entry(uint64_t term, const Configuration& configuration) {
        return Entry{Term(term), EntryKind::Configuration, Payload::copy_of(encode(configuration))};
    }

    Server& server(uint32_t id) { return servers_[id]; }
    // For the next start.
    Options& options(uint32_t id) { return options_[id]; }
    void pass(Duration time) { now_ = now_ + time; }
    Instant now() const { return now_; }

    // --- Single observations ---

    void start(uint32_t id, const Recovered& recovered) {
        Server& s = server(id);
        s = Server{.id = ServerId(id),
                   .term = recovered.hard_state.current_term,
                   .vote = recovered.hard_state.voted_for,
                   .log = Log(recovered.base),
                   .snapshot = recovered.snapshot,
                   .initial = recovered.configuration};
        if (s.snapshot) s.commit = s.applied = s.snapshot->index();
        for (const Entry& e : recovered.entries) s.log.append(e);
        oracles.on_start(options_[id], recovered);
    }
    void crash(uint32_t id) { oracles.on_crash(ServerId(id)); }
    void step(uint32_t id, std::vector<Event> events = {}, const Input& input = Wake{}) {
        Output output;
        output.events = std::move(events);
        answer(id, output, input);
    }
    // With all that the server says and asks for.
    void answer(uint32_t id, const Output& output, const Input& input = Wake{}) {
        const Server& s = server(id);
        pass(milliseconds(1));
        oracles.on_event(++event_, now_);
        const Configuration configuration = s.goes_by ? *s.goes_by : newest_in_log(s);
        oracles.on_step(Observation{
            .server = s.id,
            .clock = {now_ + s.clock_off, s.clock_error},
            .input = &input,
            .current_term = s.term,
            .voted_for = s.vote,
            .role = s.role,
            .commit_index = s.commit,
            .last_applied = s.applied,
            .log = &s.log,
            .configuration = &configuration,
            .snapshot = s.snapshot ? s.snapshot->index() : LogIndex(),
            .uncommitted_bytes = s.uncommitted_bytes ? *s.uncommitted_bytes : uncommitted(s),
            .output = &output});
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
        w.hard_state = HardState{server(id).term, server(id).vote, server(id).joined};
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
    // Asks everybody, and gets the pre-votes of all who may give one.
    void ask_pre_votes(uint32_t id) {
        const Server& s = server(id);
        pass(seconds(1));  // nobody hears a leader any more
        const PreVote question{s.term.next(), s.log.last_index(), s.log.last_term()};
        for (auto& [voter, other] : servers_) {
            if (voter == id) continue;
            send(id, voter, question);
            const bool behind = std::pair(other.log.last_term(), other.log.last_index()) >
                                std::pair(s.log.last_term(), s.log.last_index());
            if (behind || other.term > s.term) continue;
            step(voter);
            send(voter, id, PreVoteReply{other.term, question.term, true});
        }
    }
    void campaign(uint32_t id, uint64_t term) {
        Server& s = server(id);
        std::vector<Event> events = {BecameCandidate{Term(term)}};
        if (s.role != Role::PreCandidate) {
            if (s.term < Term(term - 1)) adopt(id, term - 1);
            s.role = Role::PreCandidate;
            step(id, {BecamePreCandidate{s.term}});
        }
        ask_pre_votes(id);
        s.role = Role::Candidate;
        s.term = Term(term);
        s.vote = s.id;
        write(id, hard_state(id));
        step(id, std::move(events));
        sync(id);
        ask_votes(id);
    }
    void ask_votes(uint32_t id, bool transfer = false) {
        const Server& s = server(id);
        for (auto& [to, other] : servers_) {
            if (to == id) continue;
            send(id, to, RequestVote{s.term, s.log.last_index(), s.log.last_term(), transfer});
        }
    }
    void grant(uint32_t voter, uint32_t candidate, uint64_t term) {
        Server& s = server(voter);
        const Server& c = server(candidate);
        const std::vector<Event> events = follow(voter, Term(term));
        s.vote = ServerId(candidate);
        write(voter, hard_state(voter));
        step(voter, events,
             Recv{c.id, RequestVote{Term(term), c.log.last_index(), c.log.last_term()}});
        sync(voter);
        send(voter, candidate, RequestVoteReply{s.term, true});
    }
    // The candidate becomes leader and appends, and syncs, the first entry of its term.
    void win(uint32_t id) {
        Server& s = server(id);
        s.role = Role::Leader;
        Entry first{s.term, EntryKind::Empty, Payload()};
        first.time = s.log.last_clock().local;
        append(id, first, {BecameLeader{s.term}});
    }
    void elect(uint32_t id, uint64_t term, const std::vector<uint32_t>& voters) {
        campaign(id, term);
        for (const uint32_t voter : voters) grant(voter, id, term);
        win(id);
    }
    // Becomes a follower of `term`, and says how.
    std::vector<Event> follow(uint32_t id, Term term) {
        Server& s = server(id);
        std::vector<Event> events;
        if (s.role == Role::Leader) {
            events.push_back(SteppedDown{s.term, StepDownReason::HigherTerm});
        }
        if (s.role != Role::Follower) events.push_back(BecameFollower{term, ServerId()});
        if (s.term != term) s.vote = ServerId();
        s.role = Role::Follower;
        s.term = term;
        return events;
    }
    // A later term, as a follower.
    void adopt(uint32_t id, uint64_t term) {
        const std::vector<Event> events = follow(id, Term(term));
        write(id, hard_state(id));
        step(id, events);
        sync(id);
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
        const AppendEntries message{l.term, prev, l.log.term_at(prev), l.commit, 0, range};
        send(leader, follower, message);
        Write w;
        if (f.log.last_index() > prev) {
            w.truncate_from = LogIndex(from);
            f.log.truncate_from(LogIndex(from));
        }
        for (uint32_t i = 0; i < range.size(); ++i) f.log.append(range[i]);
        w.append.push_back(f.log.range(LogIndex(from), {range.size(), UINT64_MAX}));
        if (f.term != l.term) w.hard_state = HardState{l.term, ServerId(), f.joined};
        const std::vector<Event> events = follow(follower, l.term);
        write(follower, w);
        step(follower, events, Recv{l.id, message});
    }
    void acknowledge(uint32_t follower, uint32_t leader, uint64_t match, uint64_t round = 0) {
        AppendEntriesReply reply;
        reply.term = server(follower).term;
        reply.success = true;
        reply.match_index = LogIndex(match);
        reply.round = round;
        send(follower, leader, reply);
    }
    void believe(uint32_t leader, uint32_t follower, uint64_t match) {
        oracles.on_match(ServerId(leader), ServerId(follower), LogIndex(match));
        step(leader);
    }
    void replicate(uint32_t leader, uint32_t follower, uint64_t from, uint64_t upto) {
        take(leader, follower, from, upto);
        sync(follower);
        acknowledge(follower, leader, upto);
        believe(leader, follower, upto);
    }
    void commit(uint32_t id, uint64_t index, const Input& input = Wake{}) {
        server(id).commit = LogIndex(index);
        step(id, {Committed{server(id).term, LogIndex(index)}}, input);
    }
    // A heartbeat brings the commit index.
    void learn(uint32_t leader, uint32_t follower, uint64_t index) {
        Server& l = server(leader);
        const AppendEntries message{
            l.term, LogIndex(index), l.log.term_at(LogIndex(index)), l.commit, 0, {}};
        send(leader, follower, message);
        commit(follower, index, Recv{l.id, message});
    }
    void apply(uint32_t id, uint64_t index, uint64_t machine_digest, bool executed = false) {
        server(id).applied = LogIndex(index);
        step(id);
        oracles.on_apply(ServerId(id), {LogIndex(index), server(id).log.entry_at(LogIndex(index)),
                                        executed, machine_digest});
    }

    // --- Snapshots ---

    // What a snapshot up to `index` of this server's log says.
    SnapshotMeta meta(uint32_t id, uint64_t index, const std::string& data) {
        const Server& s = server(id);
        Configuration in_force = s.snapshot ? s.snapshot->configuration : s.initial;
        for (LogIndex i = s.log.first_index(); i <= LogIndex(index); i = i.next()) {
            const Entry& e = s.log.entry_at(i);
            if (e.kind != EntryKind::Configuration) continue;
            in_force = *decode_configuration(e.payload.bytes());
        }
        return {s.log.base_at(LogIndex(index)), in_force, data.size(), hash_bytes(data)};
    }
    // Takes a snapshot up to `index` and removes the log up to `base`.
    void snapshot(uint32_t id, uint64_t index, uint64_t base, const std::string& data = "state") {
        snapshot(id, meta(id, index, data), base, data);
    }
    void snapshot(uint32_t id, const SnapshotMeta& said, uint64_t base, const std::string& data) {
        Server& s = server(id);
        Write w;
        w.snapshot = SnapshotWrite{said, false, Payload::copy_of(data)};
        std::vector<Event> events;
        if (LogIndex(base) > s.log.base().index) {
            s.log.compact_to(LogIndex(base));
            w.compaction = Compaction{s.log.base(), false};
            events.push_back(Compacted{LogIndex(base)});
        }
        s.snapshot = said;
        write(id, w);
        step(id, events, SnapshotTaken{said.index(), Payload::copy_of(data)});
        sync(id);
    }
    // The leader sends its snapshot, the follower collects it in one piece and installs it.
    void install(uint32_t leader, uint32_t follower, const std::string& data = "state") {
        collect(leader, follower, data);
        install_collected(leader, follower);
        sync(follower);
        acknowledge(follower, leader, server(follower).snapshot->index().value());
    }
    void collect(uint32_t leader, uint32_t follower, const std::string& data = "state") {
        const Server& l = server(leader);
        Server& f = server(follower);
        InstallSnapshot piece{l.term, *l.snapshot, 0, Payload::copy_of(data), 0};
        send(leader, follower, piece);
        Write w;
        if (f.term != l.term) w.hard_state = HardState{l.term, ServerId(), f.joined};
        w.piece = SnapshotPiece{piece.meta, 0, piece.data};
        write(follower, w);
        step(follower, follow(follower, l.term), Recv{l.id, piece});
    }
    void install_collected(uint32_t leader, uint32_t follower) {
        Server& f = server(follower);
        f.snapshot = server(leader).snapshot;
        f.log = Log(f.snapshot->last);
        f.commit = f.snapshot->index();
        Write w;
        w.snapshot = SnapshotWrite{*f.snapshot, true, Payload()};
        w.compaction = Compaction{f.snapshot->last, true};
        write(follower, w);
        step(follower, {SnapshotInstalled{f.commit}, Committed{f.term, f.commit}},
             Recv{ServerId(leader), InstallSnapshot{f.term, *f.snapshot, 0, Payload(), 0}});
    }
    // The host is told to load its newest snapshot, and does.
    void restore(uint32_t id, uint64_t machine_digest) {
        Server& s = server(id);
        Output output;
        output.restore = s.snapshot;
        s.applied = s.snapshot->index();
        answer(id, output, Written{WriteId(s.writes)});
        oracles.on_restored(ServerId(id), *s.snapshot, machine_digest);
    }

    // What is on the disk if everything written so far was synced.
    Recovered image(uint32_t id) {
        const Server& s = server(id);
        Recovered found{s.initial, {s.term, s.vote, s.joined}, {}, s.log.base(), s.snapshot, {}};
        for (LogIndex i = s.log.first_index(); i <= s.log.last_index(); i = i.next()) {
            found.entries.push_back(s.log.entry_at(i));
        }
        return found;
    }

    // The disk it began with.
    Recovered empty_image(uint32_t id) {
        Recovered empty;
        empty.configuration = server(id).initial;
        return empty;
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
    static Configuration newest_in_log(const Server& s) {
        for (LogIndex i = s.log.last_index(); i > s.log.base().index; i = i.previous()) {
            const Entry& e = s.log.entry_at(i);
            if (e.kind != EntryKind::Configuration) continue;
            if (auto found = decode_configuration(e.payload.bytes())) return *found;
        }
        return s.snapshot ? s.snapshot->configuration : s.initial;
    }
    static uint64_t uncommitted(const Server& s) {
        uint64_t bytes = 0;
        const LogIndex from = std::max(s.commit, s.log.base().index);
        for (LogIndex i = from.next(); i <= s.log.last_index(); i = i.next()) {
            bytes += s.log.entry_at(i).payload.size();
        }
        return bytes;
    }

    std::map<uint32_t, Options> options_;
    std::map<uint32_t, Server> servers_;
    Instant now_;
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
