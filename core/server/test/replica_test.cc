// One server over a fake world: when clients are answered, what they are told, and that a command
// is carried out once (thesis 6.3).
#include "core/server/replica.h"

#include <gtest/gtest.h>

#include "core/machines/kv.h"

namespace wavetank {
namespace {

// The world as the test wants it: a clock, a disk that is done when told, a network that keeps.
class FakeEnvironment final : public Environment {
 public:
    Instant now() override { return clock; }
    void set_deadline(Instant when) override { deadline = when; }
    void send(Send& send) override { sends.push_back(std::move(send)); }
    void reply(ClientReply reply) override { replies.push_back(std::move(reply)); }
    void write(Write& write) override { writes.push_back(write.id); }
    void stepped(const Raft&, const Input&, const Output&) override { ++steps; }
    void applied(LogIndex index, const Entry&, uint64_t digest) override {
        applications.emplace_back(index.value(), digest);
    }

    Instant clock = Instant{} + seconds(1);
    Instant deadline;
    std::vector<Send> sends;
    std::vector<ClientReply> replies;
    std::vector<WriteId> writes;
    std::vector<std::pair<uint64_t, uint64_t>> applications;
    uint64_t steps = 0;
};

Payload put(const std::string& key, const std::string& value) {
    KvCommand command;
    command.function = KvFunction::Put;
    command.key = key;
    command.value = value;
    return Payload::copy_of(encode(command));
}
Payload append(const std::string& key, const std::string& value) {
    KvCommand command;
    command.function = KvFunction::Append;
    command.key = key;
    command.value = value;
    return Payload::copy_of(encode(command));
}
Payload get(const std::string& key) {
    KvCommand command;
    command.key = key;
    return Payload::copy_of(encode(command));
}

class ReplicaTest : public testing::Test {
 protected:
    static Replica::Setup setup(uint32_t servers = 3) {
        std::vector<ServerId> ids;
        for (uint32_t id = 1; id <= servers; ++id) ids.push_back(ServerId(id));
        Options options;
        options.id = ServerId(1);
        options.uncommitted_bytes_max = 200;
        return {options, Recovered{Configuration::of_voters(ids), {}, {}}, 1};
    }
    void use(Replica::Setup with) {
        replica_.emplace(environment_, std::move(with), std::make_unique<KvMachine>());
        replica_->start();
    }
    void SetUp() override { use(setup()); }

    void recv(uint32_t from, const Message& message) {
        replica_->handle(Recv{ServerId(from), message});
    }
    // The disk is done with everything it was given.
    void sync() {
        while (!environment_.writes.empty()) {
            const WriteId upto = environment_.writes.back();
            environment_.writes.clear();
            replica_->handle(Written{upto});
        }
    }
    Term term() const { return replica_->raft().current_term(); }
    uint64_t last() const { return replica_->raft().log().last_index().value(); }
    void lead() {
        environment_.clock = environment_.deadline;
        replica_->handle(Wake{});
        recv(2, PreVoteReply{term(), term().next(), true});
        sync();
        recv(2, RequestVoteReply{term(), true});
        ASSERT_EQ(replica_->raft().role(), Role::Leader);
        sync();
        acknowledge();
        ASSERT_EQ(replica_->raft().commit_index().value(), last());
        environment_.replies.clear();
        environment_.sends.clear();
    }
    // Server 2 holds everything, and confirms the newest round.
    void acknowledge() {
        AppendEntriesReply reply;
        reply.term = term();
        reply.success = true;
        reply.match_index = replica_->raft().log().last_index();
        for (const Send& send : environment_.sends) {
            const auto* append_entries = std::get_if<AppendEntries>(&send.message);
            if (append_entries != nullptr) reply.round = append_entries->round;
        }
        recv(2, reply);
    }
    void write(uint64_t client, uint64_t sequence, Payload body) {
        replica_->request({ClientId(client), sequence, false, std::move(body)});
    }
    void read(uint64_t client, uint64_t sequence, Payload body) {
        replica_->request({ClientId(client), sequence, true, std::move(body)});
    }
    // A new leader of the next term, server 3, with an empty log.
    void depose() {
        AppendEntries message;
        message.term = term().next();
        recv(3, message);
    }
    // The only reply since last asked.
    ClientReply reply() {
        EXPECT_EQ(environment_.replies.size(), 1U);
        if (environment_.replies.empty()) return {};
        ClientReply only = environment_.replies.back();
        environment_.replies.clear();
        return only;
    }
    static std::string value_in(const ClientReply& reply) {
        const auto result = decode_kv_result(reply.body);
        return result && result->ok ? result->value : "nothing";
    }

    FakeEnvironment environment_;
    std::optional<Replica> replica_;
};

TEST_F(ReplicaTest, StartAsksForADeadline) {
    EXPECT_GT(environment_.deadline, environment_.clock);
    EXPECT_EQ(environment_.steps, 1U);
    EXPECT_TRUE(environment_.sends.empty());
}

TEST_F(ReplicaTest, AFollowerNamesTheLeader) {
    write(1, 1, put("k", "v"));
    const ClientReply nobody = reply();
    EXPECT_EQ(nobody.status, ReplyStatus::NotLeader);
    EXPECT_FALSE(nobody.leader);
    AppendEntries message;
    message.term = Term(1);
    recv(3, message);
    for (const bool read_only : {false, true}) {
        replica_->request({ClientId(1), 2, read_only, get("k")});
        const ClientReply hint = reply();
        EXPECT_EQ(hint.client, ClientId(1));
        EXPECT_EQ(hint.sequence, 2U);
        EXPECT_EQ(hint.status, ReplyStatus::NotLeader);
        EXPECT_EQ(hint.leader, ServerId(3));
    }
    EXPECT_EQ(last(), 0U);
}

// Paper 5.3: the leader applies the entry to its state machine "and returns the result of that
// execution to the client", when it has been safely replicated.
TEST_F(ReplicaTest, AWriteIsAnsweredAfterItIsApplied) {
    lead();
    write(1, 1, put("k", "v"));
    EXPECT_TRUE(environment_.replies.empty());
    acknowledge();
    EXPECT_TRUE(environment_.replies.empty()) << "its own disk is not done: no majority yet";
    sync();
    const ClientReply done = reply();
    EXPECT_EQ(done.status, ReplyStatus::Ok);
    EXPECT_EQ(done.client, ClientId(1));
    EXPECT_EQ(done.sequence, 1U);
    EXPECT_EQ(done.leader, ServerId(1));
    ASSERT_TRUE(decode_kv_result(done.body).has_value());
    EXPECT_EQ(environment_.applications.back().first, 2U);
}

TEST_F(ReplicaTest, WritesAreAnsweredInTheirOrderEachWithItsResult) {
    lead();
    for (uint64_t client = 1; client <= 3; ++client) {
        write(client, 1, append("k", std::to_string(client)));
    }
    sync();
    acknowledge();
    ASSERT_EQ(environment_.replies.size(), 3U);
    for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(environment_.replies[i].client, ClientId(i + 1));
    environment_.replies.clear();
    environment_.sends.clear();
    read(4, 1, get("k"));
    acknowledge();
    EXPECT_EQ(value_in(reply()), "123");
}

TEST_F(ReplicaTest, ARepeatedRequestIsAnsweredFromTheSession) {
    lead();
    write(1, 1, append("k", "x"));
    sync();
    acknowledge();
    const ClientReply first = reply();
    const uint64_t last_before = last();
    write(1, 1, append("k", "x"));
    const ClientReply again = reply();
    EXPECT_EQ(again.status, ReplyStatus::Ok);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(last(), last_before) << "no new entry";
}

// Thesis 6.3: both copies are in the log; "the state machine ... if it receives a command whose
// serial number has already been executed, it responds immediately without re-executing".
TEST_F(ReplicaTest, TwoCopiesInTheLogAreCarriedOutOnce) {
    lead();
    write(1, 1, append("k", "x"));
    write(1, 1, append("k", "x"));
    EXPECT_EQ(last(), 3U);
    sync();
    acknowledge();
    ASSERT_EQ(environment_.replies.size(), 2U);
    EXPECT_EQ(environment_.replies[0].status, ReplyStatus::Ok);
    EXPECT_EQ(environment_.replies[0].body, environment_.replies[1].body);
    environment_.replies.clear();
    environment_.sends.clear();
    read(2, 1, get("k"));
    acknowledge();
    EXPECT_EQ(value_in(reply()), "x");
}

TEST_F(ReplicaTest, AFollowerThatHasAppliedItKnowsTheReplyToo) {
    const auto entry = [](uint64_t term, const Payload& body) {
        return Entry{Term(term), EntryKind::Command,
                     encode_session_command({ClientId(1), 1, body.bytes()})};
    };
    AppendEntries message;
    message.term = Term(1);
    message.leader_commit = LogIndex(1);
    message.entries = EntryRange::of(LogIndex(1), std::vector{entry(1, put("k", "v"))});
    recv(2, message);
    sync();
    write(1, 1, put("k", "v"));
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
}

// Whether these commit is up to the next leader: nobody knows.
TEST_F(ReplicaTest, StepDownMakesOpenWritesUnknown) {
    lead();
    write(1, 1, put("k", "v"));
    write(2, 1, put("k", "w"));
    depose();
    ASSERT_EQ(environment_.replies.size(), 2U);
    for (const ClientReply& unknown : environment_.replies) {
        EXPECT_EQ(unknown.status, ReplyStatus::Unknown);
    }
    environment_.replies.clear();
    sync();
    EXPECT_TRUE(environment_.replies.empty()) << "each is answered once";
}

// The entry at the index of a write that was given up is another one by then.
TEST_F(ReplicaTest, AWriteThatWasOverwrittenIsNeverAnsweredOk) {
    lead();
    write(1, 1, put("k", "mine"));
    ASSERT_EQ(last(), 2U);
    AppendEntries message;
    message.term = term().next();
    message.prev_log_index = LogIndex(1);
    message.prev_log_term = term();
    message.leader_commit = LogIndex(2);
    const Payload theirs = encode_session_command({ClientId(9), 1, put("k", "theirs").bytes()});
    message.entries =
        EntryRange::of(LogIndex(2), std::vector{Entry{message.term, EntryKind::Command, theirs}});
    recv(3, message);
    EXPECT_EQ(reply().status, ReplyStatus::Unknown);
    sync();
    EXPECT_EQ(environment_.applications.back().first, 2U);
    EXPECT_TRUE(environment_.replies.empty());
}

TEST_F(ReplicaTest, BusyIsSaidWhenTooMuchIsUncommitted) {
    lead();
    write(1, 1, put("k", std::string(150, 'v')));
    write(2, 1, put("k", std::string(150, 'v')));
    const ClientReply busy = reply();
    EXPECT_EQ(busy.client, ClientId(2));
    EXPECT_EQ(busy.status, ReplyStatus::Busy);
    sync();
    acknowledge();
    EXPECT_EQ(reply().client, ClientId(1));
    write(2, 1, put("k", "v"));
    sync();
    acknowledge();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
}

// Thesis 6.4: a read needs a round that confirms the leadership, and no log entry.
TEST_F(ReplicaTest, AReadIsAnsweredAfterItsRound) {
    lead();
    const uint64_t last_before = last();
    read(1, 1, get("k"));
    EXPECT_TRUE(environment_.replies.empty());
    acknowledge();
    const ClientReply done = reply();
    EXPECT_EQ(done.status, ReplyStatus::Ok);
    EXPECT_EQ(value_in(done), "nothing");
    EXPECT_EQ(last(), last_before);
}

// Thesis 6.4, step 4: "The leader waits for its state machine to advance at least as far as the
// readIndex". Here the followers have committed what the leader's own disk still writes.
TEST_F(ReplicaTest, AReadWaitsUntilItsIndexIsApplied) {
    lead();
    write(1, 1, put("k", "v"));
    acknowledge();
    AppendEntriesReply other;
    other.term = term();
    other.success = true;
    other.match_index = LogIndex(2);
    recv(3, other);
    ASSERT_EQ(replica_->raft().commit_index(), LogIndex(2));
    ASSERT_EQ(replica_->raft().last_applied(), LogIndex(1));
    read(2, 1, get("k"));
    acknowledge();
    EXPECT_TRUE(environment_.replies.empty()) << "confirmed, but entry 2 is not applied here";
    sync();
    ASSERT_EQ(environment_.replies.size(), 2U);
    EXPECT_EQ(environment_.replies[0].client, ClientId(1));
    EXPECT_EQ(environment_.replies[1].client, ClientId(2));
    EXPECT_EQ(value_in(environment_.replies[1]), "v");
}

TEST_F(ReplicaTest, AReadIsRefusedWhenTheLeadershipIsLostBeforeItsRound) {
    lead();
    read(1, 1, get("k"));
    depose();
    EXPECT_EQ(reply().status, ReplyStatus::NotLeader);
}

TEST_F(ReplicaTest, AFailedDiskEndsTheService) {
    lead();
    write(1, 1, put("k", "v"));
    replica_->handle(WriteFailed{environment_.writes.back()});
    EXPECT_EQ(reply().status, ReplyStatus::Unknown);
    EXPECT_EQ(environment_.deadline, Instant::never());
    write(2, 1, put("k", "v"));
    EXPECT_EQ(reply().status, ReplyStatus::NotLeader);
    read(3, 1, get("k"));
    EXPECT_EQ(reply().status, ReplyStatus::NotLeader);
}

TEST_F(ReplicaTest, ASingleServerAnswersAlone) {
    use(setup(1));
    environment_.clock = environment_.deadline;
    replica_->handle(Wake{});
    sync();
    write(1, 1, put("k", "v"));
    EXPECT_TRUE(environment_.replies.empty());
    sync();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
    read(1, 2, get("k"));
    EXPECT_EQ(value_in(reply()), "v");
}

// The digest is of the machine and the sessions: equal logs, equal digests, whoever leads.
TEST_F(ReplicaTest, EqualLogsGiveEqualDigests) {
    const auto run = [](bool also_garbage) {
        FakeEnvironment environment;
        Replica replica(environment, setup(1), std::make_unique<KvMachine>());
        replica.start();
        environment.clock = environment.deadline;
        replica.handle(Wake{});
        const auto sync = [&] {
            while (!environment.writes.empty()) {
                const WriteId upto = environment.writes.back();
                environment.writes.clear();
                replica.handle(Written{upto});
            }
        };
        sync();
        for (uint64_t i = 1; i <= 20; ++i) {
            replica.request({ClientId(1 + i % 3), i, false, append("k", std::to_string(i))});
            sync();
        }
        if (also_garbage) {
            const Payload garbage = Payload::copy_of("?");
            replica.request({ClientId(1), 99, false, garbage});
            sync();
        }
        return replica.machine_digest();
    };
    EXPECT_EQ(run(false), run(false));
    EXPECT_NE(run(false), run(true)) << "the session remembers the answer to the garbage";
}

// An entry that no code of ours wrote changes nothing, on any server.
TEST_F(ReplicaTest, ACommandThatCannotBeDecodedIsSkipped) {
    AppendEntries message;
    message.term = Term(1);
    message.leader_commit = LogIndex(1);
    message.entries = EntryRange::of(
        LogIndex(1), std::vector{Entry{Term(1), EntryKind::Command, Payload::copy_of("short")}});
    const uint64_t before = replica_->machine_digest();
    recv(2, message);
    sync();
    EXPECT_EQ(environment_.applications.size(), 1U);
    EXPECT_EQ(replica_->machine_digest(), before);
}

TEST_F(ReplicaTest, AnOlderRequestCostsNothingAndGetsNoAnswer) {
    lead();
    write(7, 5, put("k", "v"));
    sync();
    acknowledge();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
    const uint64_t before = last();
    write(7, 4, put("k", "old"));
    EXPECT_EQ(last(), before);
    EXPECT_TRUE(environment_.replies.empty());
}

TEST_F(ReplicaTest, SequenceZeroIsIgnored) {
    lead();
    const uint64_t before = last();
    write(7, 0, put("k", "v"));
    EXPECT_EQ(last(), before);
    EXPECT_TRUE(environment_.replies.empty());
}

TEST_F(ReplicaTest, ALeaderWithTooManyReadsIsBusy) {
    Replica::Setup small = setup();
    small.options.pending_reads_max = 0;
    use(std::move(small));
    lead();
    read(7, 1, get("k"));
    EXPECT_EQ(reply().status, ReplyStatus::Busy);
}

}  // namespace
}  // namespace wavetank
