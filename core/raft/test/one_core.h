// OneCore: a single Raft core in the hands of a test, which plays its peers, its disk and its
// clock. A step goes in, is drained, and what came of it lies in the public fields until the next
// step. The disk is fast (each write is durable before the step returns) or slow (the test calls
// sync); what is durable can be started from again.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "core/raft/raft.h"

namespace wavetank {

inline Entry command(uint64_t term, std::string_view text = "") {
    return Entry{Term(term), EntryKind::Command, Payload::copy_of(text)};
}

// An entry for each term, from index 1: {1, 1, 4} is the log "1 1 4" of the paper's figures.
inline std::vector<Entry> log_of(const std::vector<uint64_t>& terms) {
    std::vector<Entry> entries;
    entries.reserve(terms.size());
    for (const uint64_t term : terms) entries.push_back(command(term, "from the start"));
    return entries;
}

inline std::vector<uint64_t> terms_of(const Log& log) {
    std::vector<uint64_t> terms;
    for (uint64_t i = 1; i <= log.last_index().value(); ++i) {
        terms.push_back(log.term_at(LogIndex(i)).value());
    }
    return terms;
}

inline Configuration voters(uint32_t count) {
    std::vector<ServerId> ids;
    for (uint32_t id = 1; id <= count; ++id) ids.push_back(ServerId(id));
    return Configuration::of_voters(ids);
}

// An AppendEntries in the paper's terms: prev, the terms of the entries after it, the commit index.
struct AppendWords {
    uint64_t term = 1;
    uint64_t prev = 0;
    uint64_t prev_term = 0;
    std::vector<uint64_t> terms;
    uint64_t commit = 0;
    uint64_t round = 0;
};
inline AppendEntries append_entries(const AppendWords& words) {
    AppendEntries message;
    message.term = Term(words.term);
    message.prev_log_index = LogIndex(words.prev);
    message.prev_log_term = Term(words.prev_term);
    message.leader_commit = LogIndex(words.commit);
    message.round = words.round;
    if (!words.terms.empty()) {
        message.entries = EntryRange::of(LogIndex(words.prev + 1), log_of(words.terms));
    }
    return message;
}
inline AppendEntriesReply acknowledges(uint64_t term, uint64_t match, uint64_t round = 0) {
    AppendEntriesReply reply;
    reply.term = Term(term);
    reply.success = true;
    reply.joined = true;
    reply.match_index = LogIndex(match);
    reply.round = round;
    return reply;
}
struct RejectWords {
    uint64_t term = 1;
    uint64_t rejected = 0;
    uint64_t hint = 0;
    uint64_t hint_term = 0;
};
inline AppendEntriesReply rejects(const RejectWords& words) {
    AppendEntriesReply reply;
    reply.term = Term(words.term);
    reply.rejected_index = LogIndex(words.rejected);
    reply.hint_index = LogIndex(words.hint);
    reply.hint_term = Term(words.hint_term);
    return reply;
}

class OneCore {
 public:
    struct Setup {
        uint32_t id = 1;
        uint32_t servers = 3;
        uint64_t term = 0;
        uint32_t vote = 0;
        std::vector<uint64_t> log = {};
        Options options = {};
        uint64_t seed = 1;
        bool slow_disk = false;
    };
    explicit OneCore(const Setup& setup) : OneCore(setup, voters(setup.servers)) {}
    OneCore(const Setup& setup, const Configuration& configuration)
        : options_(with_id(setup)),
          disk_{configuration, HardState{Term(setup.term), ServerId(setup.vote)},
                log_of(setup.log)},
          slow_disk_(setup.slow_disk),
          raft(Raft::start(options_, disk_, setup.seed, now)) {
        raft.drain(output_);
        deadline = output_.deadline;
    }

    // --- What goes in ---
    void step(const Input& input) {
        forget();
        raft.step(now, input);
        drain();
        if (!slow_disk_) sync_all();
    }
    // Not inlined: gcc 12 with sanitizers takes the unused members of the variant for read.
    [[gnu::noinline]] void recv(uint32_t from, const Message& message) {
        step(Recv{ServerId(from), message});
    }
    // Lets time pass to the deadline and wakes the core there.
    void wake() {
        now = std::max(now, deadline);
        step(Wake{});
    }
    void wake_after(Duration span) {
        now = now + span;
        step(Wake{});
    }
    ProposeDone propose(const std::vector<std::string>& texts) {
        std::vector<Payload> payloads;
        payloads.reserve(texts.size());
        for (const std::string& text : texts) payloads.push_back(Payload::copy_of(text));
        step(Propose{++ticket_, payloads});
        return proposed.at(0);
    }
    void read(uint64_t ticket) { step(Read{ticket}); }
    // Makes the oldest open write durable and tells the core.
    void sync() {
        const Write write = std::move(open_writes.front());
        open_writes.pop_front();
        carry_out(write);
        raft.step(now, Written{write.id});
        drain();
    }
    void sync_all() {
        while (!open_writes.empty()) sync();
    }
    void use_slow_disk() { slow_disk_ = true; }

    // --- Ways to a role; the other voters are 2, 3, ... ---
    void become_pre_candidate() { wake(); }
    void become_candidate() {
        become_pre_candidate();
        const uint64_t term = raft.current_term().value();
        for_a_majority([&](uint32_t peer) {
            recv(peer, PreVoteReply{Term(term), Term(term + 1), true});
        });
    }
    // Elected, and its first messages are sent.
    void become_leader() {
        become_candidate();
        std::vector<Send> kept;
        for_a_majority([&](uint32_t peer) {
            recv(peer, RequestVoteReply{raft.current_term(), true});
            if (raft.role() == Role::Leader && kept.empty()) kept = sends;
        });
        sends = kept;
    }
    // All entries sent so far are acknowledged by `peer`.
    void acknowledge_all(uint32_t peer) {
        recv(peer, acknowledges(term(), raft.log().last_index().value()));
    }
    // The server dies and starts again from what was durable.
    void restart(uint64_t seed = 2) {
        forget();
        open_writes.clear();
        raft = Raft::start(options_, disk_, seed, now);
        drain();
    }

    // --- What came of it ---
    template <class Kind>
    std::vector<std::pair<uint32_t, Kind>> sent() const {
        std::vector<std::pair<uint32_t, Kind>> found;
        for (const Send& send : sends) {
            const auto* message = std::get_if<Kind>(&send.message);
            if (message != nullptr) found.emplace_back(send.to.value(), *message);
        }
        return found;
    }
    template <class Kind>
    std::vector<Kind> sent_to(uint32_t to) const {
        std::vector<Kind> found;
        for (const auto& [peer, message] : sent<Kind>()) {
            if (peer == to) found.push_back(message);
        }
        return found;
    }
    template <class Kind>
    std::vector<Kind> happened() const {
        std::vector<Kind> found;
        for (const Event& event : events) {
            if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
        }
        return found;
    }
    uint64_t term() const { return raft.current_term().value(); }
    std::vector<uint64_t> terms() const { return terms_of(raft.log()); }
    uint64_t commit() const { return raft.commit_index().value(); }
    uint64_t last() const { return raft.log().last_index().value(); }
    const Recovered& disk() const { return disk_; }

    // Of the last step (and of the syncs since).
    std::vector<Send> sends = {};
    std::vector<Event> events = {};
    std::vector<ProposeDone> proposed = {};
    std::vector<ReadDone> reads = {};
    std::vector<uint64_t> applied = {};

    // Issued and not durable, oldest first.
    std::deque<Write> open_writes = {};
    Instant now = Instant{} + seconds(100);
    Instant deadline = {};

 private:
    static Options with_id(const Setup& setup) {
        Options options = setup.options;
        options.id = ServerId(setup.id);
        return options;
    }
    template <class Each>
    void for_a_majority(Each each) {
        const auto& all = raft.configuration().voters();
        std::size_t wanted = all.size() / 2;
        for (const ServerId peer : all) {
            if (peer == raft.id() || wanted == 0) continue;
            each(peer.value());
            --wanted;
        }
    }
    void forget() {
        sends.clear();
        events.clear();
        proposed.clear();
        reads.clear();
        applied.clear();
    }
    void drain() {
        raft.drain(output_);
        if (output_.write.id) open_writes.push_back(output_.write);
        sends.insert(sends.end(), output_.sends.begin(), output_.sends.end());
        events.insert(events.end(), output_.events.begin(), output_.events.end());
        proposed.insert(proposed.end(), output_.proposed.begin(), output_.proposed.end());
        reads.insert(reads.end(), output_.reads.begin(), output_.reads.end());
        for (LogIndex i = output_.apply_from; i <= output_.apply_upto; i = i.next()) {
            applied.push_back(i.value());
        }
        deadline = output_.deadline;
    }
    void carry_out(const Write& write) {
        if (write.hard_state) disk_.hard_state = *write.hard_state;
        if (write.truncate_from) disk_.entries.resize(write.truncate_from->value() - 1);
        for (const EntryRange& range : write.append) {
            for (uint32_t i = 0; i < range.size(); ++i) disk_.entries.push_back(range[i]);
        }
    }

    Options options_;
    Recovered disk_;
    bool slow_disk_;
    Output output_ = {};
    uint64_t ticket_ = 0;

 public:
    Raft raft;  // last: it is started from all of the above
};

}  // namespace wavetank
