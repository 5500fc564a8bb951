// The core as a value: the same inputs give the same outputs, a copy behaves like the original, and
// any input in any state is answered or refused without breaking the protocol's rules.
#include <gtest/gtest.h>

#include "core/raft/test/one_core.h"

namespace wavetank {
namespace {

// Draws inputs, keyed by a seed and a number: plausible for the core they are meant for, or
// garbage.
class Inputs {
 public:
    explicit Inputs(uint64_t seed) : seed_(seed) {}

    // What may really come: terms and indexes near the core's own.
    Input plausible(const Raft& raft) {
        next();
        const uint32_t from = 2 + static_cast<uint32_t>(draw(2));
        const uint64_t term = raft.current_term().value() + (draw(200) == 0 ? 1 : 0);
        switch (draw(12)) {
            case 0:
                return Recv{ServerId(from),
                            RequestVote{Term(term), index_near(raft), raft.current_term()}};
            case 1:
                return Recv{ServerId(from), PreVoteReply{Term(term), Term(term + 1), draw(3) != 0}};
            case 2:
                return Recv{ServerId(from), RequestVoteReply{Term(term), draw(3) != 0}};
            case 3:
                return Recv{ServerId(from),
                            PreVote{Term(term + 1), index_near(raft), raft.log().last_term()}};
            case 4:
            case 5: {
                const bool campaigns =
                    raft.role() == Role::PreCandidate || raft.role() == Role::Candidate;
                if (!campaigns || draw(10) == 0) return Recv{ServerId(2), growing(raft, term)};
                return Recv{ServerId(from), RequestVoteReply{Term(term), true}};
            }
            case 6:
            case 7:
                return Recv{ServerId(from), answer(raft, term)};
            case 8:
                return propose();
            case 9:
                return Read{mix(seed_, number_)};
            case 10:
                return Wake{};
            default:
                return Written{WriteId(newest_write_ - std::min(newest_write_, draw(2)))};
        }
    }
    // What a disk could report as done depends on what was issued.
    void saw(const Output& output) {
        if (output.write.id) newest_write_ = output.write.id.value();
    }

    // Anything at all, up to numbers that no cluster reaches.
    Input garbage() {
        next();
        const ServerId from(static_cast<uint32_t>(draw(6)));
        switch (draw(12)) {
            case 0:
                return Recv{from, PreVote{Term(wild()), LogIndex(wild()), Term(wild())}};
            case 1:
                return Recv{from, PreVoteReply{Term(wild()), Term(wild()), draw(2) == 0}};
            case 2:
                return Recv{from, RequestVote{Term(wild()), LogIndex(wild()), Term(wild())}};
            case 3:
                return Recv{from, RequestVoteReply{Term(wild()), draw(2) == 0}};
            case 4:
            case 5:
            case 6: {
                AppendEntries message;
                message.term = Term(wild());
                message.prev_log_index = LogIndex(wild());
                message.prev_log_term = Term(wild());
                message.leader_commit = LogIndex(wild());
                message.round = wild();
                std::vector<Entry> entries;
                for (uint64_t n = draw(4); n > 0; --n) entries.push_back(command(wild(), "?"));
                if (!entries.empty()) message.entries = EntryRange::of(LogIndex(1), entries);
                return Recv{from, message};
            }
            case 7:
            case 8: {
                AppendEntriesReply reply;
                reply.term = Term(wild());
                reply.success = draw(2) == 0;
                reply.match_index = LogIndex(wild());
                reply.rejected_index = LogIndex(wild());
                reply.hint_index = LogIndex(wild());
                reply.hint_term = Term(wild());
                reply.round = wild();
                return Recv{from, reply};
            }
            case 9:
                return Written{WriteId(wild())};
            case 10:
                return Wake{};
            default:
                return draw(2) == 0 ? Input(Read{wild()}) : propose();
        }
    }
    Duration pause() { return microseconds(static_cast<int64_t>(draw(20'000))); }

 private:
    void next() { ++number_; }
    uint64_t draw(uint64_t bound) { return below(mix(mix(seed_, number_), ++draws_), bound); }
    LogIndex index_near(const Raft& raft) {
        const uint64_t last = raft.log().last_index().value();
        return LogIndex(last + draw(3) - std::min<uint64_t>(last, 1));
    }
    // Mostly small. Never so large that a term cannot rise any more.
    uint64_t wild() {
        switch (draw(8)) {
            case 0: {
                const uint64_t shift = 2 + draw(40);
                return mix(seed_, ++draws_) >> shift;
            }
            case 1:
                return draw(1000);
            default:
                return draw(8);
        }
    }
    // What a leader sends that never contradicts itself: a new one may overwrite what is not
    // committed, afterwards it repeats what is there and adds to it.
    AppendEntries growing(const Raft& raft, uint64_t term) {
        const uint64_t last = raft.log().last_index().value();
        const uint64_t commit = raft.commit_index().value();
        const bool new_leader = term > raft.current_term().value();
        const uint64_t prev =
            last - (new_leader ? draw(last - commit + 1) : std::min(last, draw(3)));
        std::vector<uint64_t> terms;
        for (uint64_t i = prev + 1; i <= last && !new_leader; ++i) {
            terms.push_back(raft.log().term_at(LogIndex(i)).value());
        }
        terms.resize(terms.size() + draw(4), term);
        return append_entries({.term = term,
                               .prev = prev,
                               .prev_term = raft.log().term_at(LogIndex(prev)).value(),
                               .terms = terms,
                               .commit = draw(prev + 2),
                               .round = draw(3)});
    }
    AppendEntriesReply answer(const Raft& raft, uint64_t term) {
        const uint64_t last = raft.log().last_index().value();
        if (draw(4) != 0) {
            // One draw a statement: the order of arguments is the compiler's choice.
            const uint64_t round = draw(3);
            const uint64_t match = last - std::min(last, draw(3));
            return acknowledges(term, match, round);
        }
        return rejects({.term = term, .rejected = draw(last + 1), .hint = draw(last + 1)});
    }
    Propose propose() {
        payloads_.assign(draw(3), Payload::copy_of(std::to_string(number_)));
        return Propose{number_, payloads_};
    }

    uint64_t seed_;
    uint64_t number_ = 0;
    uint64_t draws_ = 0;
    uint64_t newest_write_ = 0;
    std::vector<Payload> payloads_;  // of the newest Propose
};

// Everything an Output says, as one number.
uint64_t digest_of(const Output& output) {
    Digest digest;
    digest.add(output.write.id.value());
    if (output.write.hard_state) {
        digest.add(output.write.hard_state->current_term.value());
        digest.add(output.write.hard_state->voted_for.value());
    }
    digest.add(output.write.truncate_from.value_or(LogIndex()).value());
    for (const EntryRange& range : output.write.append) {
        digest.add(range.first_index().value());
        for (uint32_t i = 0; i < range.size(); ++i) digest.add(chain_entry(0, range[i]));
    }
    for (const Send& send : output.sends) {
        digest.add(send.to.value()).add(digest_of(send.message));
    }
    digest.add(output.apply_from.value()).add(output.apply_upto.value());
    for (const ProposeDone& done : output.proposed) {
        digest.add(done.ticket).add(uint64_t(done.status)).add(done.index.value());
    }
    for (const ReadDone& done : output.reads) {
        digest.add(done.ticket).add(done.ok ? 1 : 0).add(done.index.value());
    }
    for (const Event& event : output.events) digest.add(event.index());
    digest.add(static_cast<uint64_t>(output.deadline.nanos));
    return digest.value();
}

Raft fresh_core(uint64_t seed) {
    Options options;
    options.id = ServerId(1);
    options.entries_per_message_max = 2;
    options.uncommitted_bytes_max = 200;
    return Raft::start(options, Recovered{voters(3), HardState{Term(2), ServerId()}, log_of({1})},
                       seed, Instant{});
}

TEST(Value, SameInputsSameOutputs) {
    Raft one = fresh_core(7);
    Raft two = fresh_core(7);
    Inputs inputs(7);
    Output of_one;
    Output of_two;
    Instant now;
    for (int i = 0; i < 1000; ++i) {
        now = now + inputs.pause();
        const Input input = inputs.plausible(one);
        one.step(now, input);
        two.step(now, input);
        ASSERT_EQ(one.digest(), two.digest()) << "step " << i;
        one.drain(of_one);
        inputs.saw(of_one);
        two.drain(of_two);
        ASSERT_EQ(digest_of(of_one), digest_of(of_two)) << "step " << i;
        ASSERT_EQ(one.digest(), two.digest()) << "step " << i;
    }
}

// Branching and time travel are copies: each behaves as if it were alone, wherever it was taken.
TEST(Value, ACopyBehavesLikeTheOriginal) {
    uint64_t leaderships = 0;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        Raft original = fresh_core(seed);
        Inputs inputs(seed);
        Output output;
        Output of_copy;
        Instant now;
        for (int i = 0; i < 1000; ++i) {
            now = now + inputs.pause();
            // The copy goes ahead, along another way first, which must leave the original alone.
            Raft astray = original;
            astray.step(now, Propose{1, std::vector<Payload>{}});
            astray.step(now + seconds(1), Wake{});
            astray.drain(of_copy);

            Raft copy = original;
            const Input input = inputs.plausible(original);
            copy.step(now, input);
            copy.drain(of_copy);
            original.step(now, input);
            original.drain(output);
            inputs.saw(output);
            ASSERT_EQ(original.digest(), copy.digest()) << "seed " << seed << " step " << i;
            ASSERT_EQ(digest_of(output), digest_of(of_copy)) << "seed " << seed << " step " << i;
            ASSERT_TRUE(original == copy) << "seed " << seed << " step " << i;
            if (i % 2 == 0) original = std::move(copy);
            leaderships += original.role() == Role::Leader ? 1U : 0U;
        }
        ASSERT_GT(original.log().last_index(), LogIndex(3)) << "seed " << seed;
    }
    EXPECT_GT(leaderships, 300U) << "the inputs must reach the rooms of a leader";
}

TEST(Value, TheSeedMovesTimeoutsOnly) {
    const Raft one = fresh_core(1);
    const Raft two = fresh_core(2);
    EXPECT_NE(one.digest(), two.digest());
    EXPECT_TRUE(one.log() == two.log());
    EXPECT_EQ(one.current_term(), two.current_term());
}

TEST(Value, AFreshCoreDigestIsFixedByItsState) {
    Raft core = fresh_core(1);
    const uint64_t before = core.digest();
    Output output;
    core.drain(output);
    core.drain(output);
    EXPECT_EQ(core.digest(), before) << "a drain with nothing to do changes nothing";
    core.step(Instant{} + seconds(1), Wake{});
    EXPECT_NE(core.digest(), before);
}

// --- Total: any input in any state ---

struct Before {
    explicit Before(const Raft& raft)
        : term(raft.current_term()),
          vote(raft.voted_for()),
          role(raft.role()),
          commit(raft.commit_index()),
          applied(raft.last_applied()),
          log(raft.log()) {}
    Term term;
    ServerId vote;
    Role role;
    LogIndex commit;
    LogIndex applied;
    Log log;
};

// What no input may do (paper figure 2 and figure 3).
void expect_legal(const Before& before, const Raft& after, const std::string& where) {
    ASSERT_GE(after.current_term(), before.term) << where;
    if (after.current_term() == before.term && before.vote) {
        ASSERT_EQ(after.voted_for(), before.vote) << where;
    }
    ASSERT_GE(after.commit_index(), before.commit) << where;
    ASSERT_GE(after.last_applied(), before.applied) << where;
    ASSERT_LE(after.commit_index(), after.log().last_index()) << where;
    ASSERT_GE(after.log().last_index(), before.commit) << where;
    ASSERT_EQ(after.log().chain_at(before.commit), before.log.chain_at(before.commit)) << where;
    // Leader Append-Only: a leader never overwrites or deletes entries in its log.
    if (before.role == Role::Leader && after.role() == Role::Leader) {
        ASSERT_EQ(after.current_term(), before.term) << where;
        ASSERT_GE(after.log().last_index(), before.log.last_index()) << where;
        const LogIndex end = before.log.last_index();
        ASSERT_EQ(after.log().chain_at(end), before.log.chain_at(end)) << where;
    }
}

// A message that a correct server would not send changes neither term, vote nor log; neither does
// anything else but the inputs that may.
void expect_change_allowed(const Before& before, const Raft& after, const Input& input,
                           const Output& output, const std::string& where) {
    const bool same_log = after.log() == before.log;
    const bool same_state =
        after.current_term() == before.term && after.voted_for() == before.vote && same_log;
    bool nothing_may_change = std::holds_alternative<Read>(input);
    for (const Event& event : output.events) {
        nothing_may_change = nothing_may_change || std::holds_alternative<Refused>(event);
    }
    bool log_may_change = true;
    if (const auto* recv = std::get_if<Recv>(&input)) {
        nothing_may_change = nothing_may_change || std::holds_alternative<PreVote>(recv->message);
        log_may_change = std::holds_alternative<AppendEntries>(recv->message) ||
                         std::holds_alternative<RequestVoteReply>(recv->message);
    }
    ASSERT_TRUE(same_state || !nothing_may_change) << where;
    ASSERT_TRUE(same_log || log_may_change) << where;
}

class Garbage : public testing::TestWithParam<Role> {};

Raft core_in(Role role) {
    OneCore core({.term = 2, .log = {1, 2}});
    if (role == Role::PreCandidate) core.become_pre_candidate();
    if (role == Role::Candidate) core.become_candidate();
    if (role == Role::Leader) core.become_leader();
    EXPECT_EQ(core.raft.role(), role);
    return core.raft;
}

TEST_P(Garbage, NeverCrashesAndNeverBreaksTheRules) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        Raft raft = core_in(GetParam());
        Inputs inputs(seed);
        Output output;
        Instant now = Instant{} + seconds(100);
        for (int i = 0; i < 60; ++i) {
            now = now + inputs.pause();
            const Before before(raft);
            const Input input = inputs.garbage();
            raft.step(now, input);
            raft.drain(output);
            const std::string where = "seed " + std::to_string(seed) + " step " + std::to_string(i);
            expect_legal(before, raft, where);
            expect_change_allowed(before, raft, input, output, where);
            if (HasFatalFailure()) return;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(InEveryRole, Garbage,
                         testing::Values(Role::Follower, Role::PreCandidate, Role::Candidate,
                                         Role::Leader));

TEST(Value, PlausibleInputsNeverBreakTheRules) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Raft raft = fresh_core(seed);
        Inputs inputs(seed * 1000);
        Output output;
        Instant now;
        for (int i = 0; i < 1000; ++i) {
            now = now + inputs.pause();
            const Before before(raft);
            const Input input = inputs.plausible(raft);
            raft.step(now, input);
            raft.drain(output);
            inputs.saw(output);
            const std::string where = "seed " + std::to_string(seed) + " step " + std::to_string(i);
            expect_legal(before, raft, where);
            expect_change_allowed(before, raft, input, output, where);
            if (HasFatalFailure()) return;
        }
    }
}

}  // namespace
}  // namespace wavetank
