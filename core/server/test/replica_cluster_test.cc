// Stories between servers: snapshots taken, sent and loaded; entries that only storage has;
// requests that followers pass on; and servers without a state.
#include <gtest/gtest.h>

#include "core/server/test/small_cluster.h"

namespace wavetank {
namespace {

// What is in a snapshot: the same as a machine and sessions that are fed by hand.
uint64_t digest_of(const SessionLimits& limits, const std::string& data) {
    ReplicatedState state(std::make_unique<KvMachine>(), limits);
    EXPECT_TRUE(state.load(data));
    return state.digest();
}

class ReplicaClusterTest : public testing::Test {
 protected:
    static SmallCluster::Setup setup() {
        SmallCluster::Setup setup;
        setup.options.snapshot_trailing_entries = 2;
        return setup;
    }
    // Leads with server 1 and opens a session.
    void use(SmallCluster::Setup setup) {
        cluster_.emplace(std::move(setup));
        cluster_->lead(1);
        session_ = cluster_->open(1);
        ASSERT_TRUE(session_);
    }
    // Appends this to key "k", and expects that it is done.
    void write(uint32_t server, const std::string& value) {
        const auto replies = cluster_->write(server, session_, ++sequence_, append("k", value));
        ASSERT_EQ(replies.size(), 1U);
        EXPECT_EQ(replies[0].status, ReplyStatus::Ok);
    }
    void write_some(uint32_t server, int count) {
        for (int i = 0; i < count; ++i) write(server, "x");
    }
    void put_many(uint32_t server, int count) {
        for (int i = 0; i < count; ++i) {
            cluster_->write(server, session_, ++sequence_, put("key" + std::to_string(i), "v"));
        }
    }
    void expect_equal(const std::vector<uint32_t>& servers) {
        for (const uint32_t id : servers) {
            EXPECT_EQ(cluster_->raft(id).last_applied(), cluster_->raft(1).last_applied()) << id;
            EXPECT_EQ(cluster_->replica(id).machine_digest(), cluster_->replica(1).machine_digest())
                << id;
        }
    }
    FakeEnvironment& environment(uint32_t id) { return cluster_->environment(id); }
    FakeDisk& disk(uint32_t id) { return cluster_->environment(id).disk; }

    std::optional<SmallCluster> cluster_;
    SessionId session_;
    uint64_t sequence_ = 0;
};

// --- Taking ---

TEST_F(ReplicaClusterTest, ASnapshotIsTakenWhenTheLogHasGrown) {
    SmallCluster::Setup with = setup();
    with.options.snapshot_entries = 10;
    use(with);
    write_some(1, 20);
    for (const uint32_t id : {1U, 2U, 3U}) {
        ASSERT_TRUE(disk(id).recovered.snapshot.has_value()) << id;
        const SnapshotMeta& meta = *disk(id).recovered.snapshot;
        EXPECT_GE(meta.index(), LogIndex(10));
        EXPECT_EQ(meta.bytes, disk(id).snapshot_bytes.size());
        EXPECT_GT(cluster_->raft(id).log().base().index, LogIndex(7)) << "but for two entries";
        EXPECT_EQ(digest_of({}, disk(id).snapshot_bytes),
                  environment(id).applications[meta.index().value() - 1].digest)
            << "the state as of that entry";
    }
    expect_equal({2, 3});
}

// The state is marked at one entry; later ones are applied while it is written down, a slice with
// each input.
TEST_F(ReplicaClusterTest, TheServerGoesOnWhileASnapshotIsTaken) {
    SmallCluster::Setup with = setup();
    with.servers = 1;
    with.snapshot_slice_bytes = 100;
    use(with);
    for (uint64_t i = 0; i < 20; ++i) {
        cluster_->write(1, session_, ++sequence_,
                        put("key" + std::to_string(i), std::string(40, 'v')));
    }
    Replica& replica = cluster_->replica(1);
    const LogIndex marked = cluster_->raft(1).last_applied();
    const uint64_t digest = replica.machine_digest();
    EXPECT_TRUE(replica.take_snapshot());
    EXPECT_TRUE(replica.taking_snapshot());
    EXPECT_FALSE(replica.take_snapshot()) << "one at a time";
    EXPECT_LE(environment(1).deadline, environment(1).clock) << "it goes on at once";
    int inputs = 0;
    while (replica.taking_snapshot()) {
        ASSERT_LT(++inputs, 50);
        const std::string key = "key" + std::to_string(inputs % 30);
        replica.request({.client = ClientId(1),
                         .request = 1000,
                         .kind = RequestKind::Command,
                         .session = session_,
                         .sequence = ++sequence_,
                         .unacknowledged = sequence_,
                         .body = put(key, "changed")});
        if (const WriteId upto = environment(1).sync()) replica.handle(Written{upto});
        const bool more_at_once = environment(1).deadline <= environment(1).clock;
        EXPECT_EQ(more_at_once, replica.taking_snapshot());
    }
    EXPECT_GT(inputs, 5);
    EXPECT_GT(cluster_->raft(1).last_applied(), marked.plus(5));
    cluster_->run();
    EXPECT_GT(environment(1).deadline, environment(1).clock);
    ASSERT_TRUE(disk(1).recovered.snapshot.has_value());
    EXPECT_EQ(disk(1).recovered.snapshot->index(), marked);
    EXPECT_EQ(digest_of({}, disk(1).snapshot_bytes), digest);
    EXPECT_EQ(cluster_->read(1, "key1"), "changed");
    // What a restart finds is that snapshot and the entries after it.
    cluster_->crash(1);
    cluster_->start(1);
    EXPECT_EQ(environment(1).restorations,
              (std::vector<std::pair<uint64_t, uint64_t>>{{marked.value(), digest}}));
    cluster_->lead(1);
    EXPECT_EQ(cluster_->read(1, "key1"), "changed");
    EXPECT_EQ(cluster_->write(1, session_, sequence_, put("key1", "again"))[0].status,
              ReplyStatus::Ok)
        << "a repetition: the sessions are in the snapshot";
    EXPECT_EQ(cluster_->read(1, "key1"), "changed");
}

TEST_F(ReplicaClusterTest, ASnapshotOfNothingNewIsNotTaken) {
    SmallCluster::Setup with = setup();
    cluster_.emplace(with);
    EXPECT_FALSE(cluster_->replica(1).take_snapshot()) << "nothing is applied";
    use(with);
    write_some(1, 3);
    EXPECT_TRUE(cluster_->replica(1).take_snapshot());
    cluster_->run_for(milliseconds(100));
    EXPECT_FALSE(cluster_->replica(1).taking_snapshot());
    EXPECT_EQ(cluster_->raft(1).snapshot()->index(), cluster_->raft(1).last_applied());
    EXPECT_FALSE(cluster_->replica(1).take_snapshot());
    write(1, "more");
    EXPECT_TRUE(cluster_->replica(1).take_snapshot());
}

TEST_F(ReplicaClusterTest, AFailedDiskTakesNoSnapshot) {
    SmallCluster::Setup with = setup();
    with.snapshot_slice_bytes = 1;
    use(with);
    put_many(1, 20);
    ASSERT_TRUE(cluster_->replica(1).take_snapshot());
    cluster_->replica(1).request(
        {.client = ClientId(1), .request = 1000, .kind = RequestKind::OpenSession});
    cluster_->replica(1).handle(WriteFailed{environment(1).writes.back().id});
    cluster_->replica(1).handle(Wake{});
    EXPECT_FALSE(cluster_->replica(1).taking_snapshot());
    EXPECT_EQ(environment(1).deadline, Instant::never());
}

// --- Sending and loading ---

TEST_F(ReplicaClusterTest, AFollowerThatIsBehindLoadsTheLeadersSnapshot) {
    SmallCluster::Setup with = setup();
    with.options.snapshot_entries = 10;
    with.options.snapshot_piece_bytes = 50;
    with.snapshot_slice_bytes = 64;
    use(with);
    cluster_->cut(3);
    write_some(1, 30);
    ASSERT_GT(cluster_->raft(1).log().base().index, cluster_->raft(3).last_applied());
    const LogIndex before = cluster_->raft(3).last_applied();
    cluster_->heal();
    cluster_->run_for(seconds(2));
    ASSERT_EQ(environment(3).restorations.size(), 1U);
    const auto [index, digest] = environment(3).restorations[0];
    EXPECT_GT(index, before.value());
    EXPECT_EQ(digest, environment(1).applications[index - 1].digest);
    EXPECT_EQ(environment(3).largest_piece, 64U) << "read back in slices";
    EXPECT_EQ(environment(1).largest_piece, 50U) << "sent in pieces";
    EXPECT_EQ(environment(3).applications.back().index, cluster_->raft(1).last_applied().value());
    expect_equal({2, 3});
    // It carries on as if it had been there all the time.
    cluster_->cut(1);
    cluster_->lead(3);
    EXPECT_EQ(cluster_->write(3, session_, sequence_, append("k", "again"))[0].status,
              ReplyStatus::Ok)
        << "a repetition";
    write(3, "!");
    EXPECT_EQ(cluster_->read(3, "k"), std::string(30, 'x') + "!");
}

TEST_F(ReplicaClusterTest, ALeadersSnapshotEndsOneThatIsBeingTaken) {
    SmallCluster::Setup with = setup();
    with.options.snapshot_entries = 10;
    with.snapshot_slice_bytes = 1;
    use(with);
    put_many(1, 60);
    cluster_->cut(3);
    write_some(1, 30);
    cluster_->run_for(seconds(3));  // the leader has written down its own
    cluster_->heal();
    const LogIndex before = cluster_->raft(3).last_applied();
    if (!cluster_->replica(3).taking_snapshot()) {
        ASSERT_TRUE(cluster_->replica(3).take_snapshot());
    }
    for (int i = 0; i < 100 && environment(3).restorations.empty(); ++i) {
        ASSERT_TRUE(cluster_->replica(3).taking_snapshot());
        cluster_->run_for(milliseconds(50));
    }
    ASSERT_EQ(environment(3).restorations.size(), 1U);
    EXPECT_GT(environment(3).restorations[0].first, before.value());
    cluster_->run_for(seconds(5));
    expect_equal({2, 3});
}

// What storage cannot give is a lost message, and comes again.
TEST_F(ReplicaClusterTest, OldEntriesComeFromStorage) {
    SmallCluster::Setup with = setup();
    with.options.log_memory_entries = 1;
    use(with);
    cluster_->cut(3);
    write_some(1, 600);
    ASSERT_GT(cluster_->raft(1).log().in_memory_from(), cluster_->raft(3).last_applied().next());
    environment(1).reads_fail = true;
    cluster_->heal();
    cluster_->run_for(milliseconds(500));
    EXPECT_GT(environment(1).entry_reads, 0U);
    EXPECT_LT(cluster_->raft(3).last_applied(), LogIndex(600)) << "storage gives nothing";
    environment(1).reads_fail = false;
    cluster_->run_for(seconds(1));
    expect_equal({2, 3});
}

TEST_F(ReplicaClusterTest, ASnapshotThatCannotBeReadIsNotSent) {
    SmallCluster::Setup with = setup();
    with.options.snapshot_entries = 10;
    use(with);
    cluster_->cut(3);
    write_some(1, 30);
    environment(1).reads_fail = true;
    cluster_->heal();
    cluster_->run_for(seconds(1));
    EXPECT_TRUE(environment(3).restorations.empty());
    environment(1).reads_fail = false;
    cluster_->run_for(seconds(2));
    EXPECT_EQ(environment(3).restorations.size(), 1U);
    expect_equal({2, 3});
}

// A disk that cannot be read is no broken promise: the server does nothing any more, and its host
// stops it.
TEST_F(ReplicaClusterTest, ASnapshotThatCannotBeReadBackLeavesTheServerStuck) {
    SmallCluster::Setup with = setup();
    with.options.snapshot_entries = 10;
    use(with);
    write_some(1, 20);
    cluster_->crash(2);
    environment(2).reads_fail = true;
    cluster_->start(2);
    EXPECT_TRUE(cluster_->replica(2).stuck());
    cluster_->run_for(seconds(2));
    EXPECT_TRUE(environment(2).sends.empty());
    EXPECT_TRUE(environment(2).restorations.empty());
    EXPECT_FALSE(cluster_->replica(2).take_snapshot());
    environment(2).reads_fail = false;
    cluster_->crash(2);
    cluster_->start(2);
    cluster_->run_for(milliseconds(200));
    EXPECT_EQ(environment(2).restorations.size(), 1U);
    expect_equal({2, 3});
}

// A snapshot that was verified when it came and does not fit now is our own broken promise.
TEST_F(ReplicaClusterTest, AWrongSnapshotStopsTheServer) {
    SmallCluster::Setup with = setup();
    with.options.snapshot_entries = 10;
    use(with);
    write_some(1, 20);
    cluster_->crash(2);
    FakeDisk& wrong = disk(2);
    const FakeDisk right = wrong;
    wrong.snapshot_bytes[20] = static_cast<char>(wrong.snapshot_bytes[20] ^ 1);
    EXPECT_DEATH(cluster_->start(2), "CHECK failed");
    wrong = right;
    cluster_->start(2);
    cluster_->run_for(milliseconds(200));
    expect_equal({2, 3});
}

// --- Outcomes ---

// A follower passes a command on and answers it from its own machine.
TEST_F(ReplicaClusterTest, AFollowerAnswersWhatItHasForwarded) {
    SmallCluster::Setup with = setup();
    with.options.forward_proposals = true;
    use(with);
    EXPECT_EQ(cluster_->open(2), SessionId(session_.value() + 1));
    write(3, "by way of 3");
    EXPECT_EQ(cluster_->read(1, "k"), "by way of 3");
    EXPECT_EQ(cluster_->write(2, session_, sequence_, append("k", "again"))[0].status,
              ReplyStatus::Ok);
    EXPECT_EQ(cluster_->read(1, "k"), "by way of 3") << "carried out once";
}

TEST_F(ReplicaClusterTest, AForwardedCommandThatNobodyTakesIsUnknown) {
    SmallCluster::Setup with = setup();
    with.options.forward_proposals = true;
    use(with);
    cluster_->cut(3);
    auto replies = cluster_->write(3, session_, ++sequence_, append("k", "x"));
    EXPECT_TRUE(replies.empty()) << "it may have arrived";
    cluster_->run_for(seconds(1));
    ASSERT_EQ(environment(3).replies.size(), 1U);
    EXPECT_EQ(environment(3).replies[0].status, ReplyStatus::Unknown);
}

// The leader's answer to a forwarded command may come late, when the entry is long applied here:
// the reply is in the sessions. If its session is closed by then, nobody can tell.
TEST_F(ReplicaClusterTest, AForwardedCommandMayBeAppliedBeforeItIsKnownWhere) {
    for (const bool closed_meanwhile : {false, true}) {
        SmallCluster::Setup with = setup();
        with.options.forward_proposals = true;
        use(with);
        Replica& follower = cluster_->replica(3);
        follower.request({.client = ClientId(1),
                          .request = 1000,
                          .kind = RequestKind::Command,
                          .session = session_,
                          .sequence = 1,
                          .unacknowledged = 1,
                          .body = append("k", "x")});
        // The request goes to the leader by hand, and the answer waits here.
        ASSERT_EQ(environment(3).sends.size(), 1U);
        const Send request = environment(3).sends[0];
        environment(3).sends.clear();
        cluster_->replica(1).handle(Recv{ServerId(3), request.message});
        std::optional<Message> answer;
        std::erase_if(environment(1).sends, [&](const Send& send) {
            const bool is_answer = std::holds_alternative<ForwardProposalReply>(send.message);
            if (is_answer) answer = send.message;
            return is_answer;
        });
        ASSERT_TRUE(answer.has_value());
        cluster_->run();
        cluster_->run_for(milliseconds(50));
        ASSERT_TRUE(environment(3).applications.back().executed);
        if (closed_meanwhile) {
            cluster_->ask(
                1, {.client = ClientId(1), .kind = RequestKind::CloseSession, .session = session_});
        }
        EXPECT_TRUE(environment(3).replies.empty());
        follower.handle(Recv{ServerId(1), *answer});
        ASSERT_EQ(environment(3).replies.size(), 1U);
        EXPECT_EQ(environment(3).replies[0].request, 1000U);
        EXPECT_EQ(environment(3).replies[0].status,
                  closed_meanwhile ? ReplyStatus::Unknown : ReplyStatus::Ok);
    }
}

// The entry that a client of a deposed leader waits for may come to it inside a snapshot.
TEST_F(ReplicaClusterTest, AWriteMayBeAnsweredByASnapshot) {
    SmallCluster::Setup with = setup();
    with.options.snapshot_entries = 10;
    use(with);
    // Server 2 gets the entry, but its acknowledgement does not come back.
    Replica& leader = cluster_->replica(1);
    leader.request({.client = ClientId(7),
                    .request = 1000,
                    .kind = RequestKind::Command,
                    .session = session_,
                    .sequence = 1,
                    .unacknowledged = 1,
                    .body = append("k", "first")});
    for (Send& send : std::exchange(environment(1).sends, {})) {
        if (send.to == ServerId(2)) cluster_->replica(2).handle(Recv{ServerId(1), send.message});
    }
    cluster_->cut(1);
    cluster_->lead(2);
    sequence_ = 1;
    write_some(2, 30);
    EXPECT_EQ(environment(1).replies.size(), 0U);
    cluster_->heal();
    cluster_->run_for(seconds(2));
    EXPECT_EQ(environment(1).restorations.size(), 1U);
    // Its place in the log is gone, so it cannot be told from another entry there.
    ASSERT_EQ(environment(1).replies.size(), 1U);
    EXPECT_EQ(environment(1).replies[0].request, 1000U);
    EXPECT_EQ(environment(1).replies[0].status, ReplyStatus::Unknown);
    EXPECT_EQ(cluster_->read(2, "k"), "first" + std::string(30, 'x'));
}

// A follower hears where the leader has put the command it has forwarded, but the entry itself
// comes to it inside a snapshot, as its last one.
TEST_F(ReplicaClusterTest, AForwardedCommandMayComeBackAsASnapshot) {
    SmallCluster::Setup with = setup();
    with.options.forward_proposals = true;
    with.options.snapshot_trailing_entries = 0;
    use(with);
    cluster_->replica(3).request({.client = ClientId(1),
                                  .request = 1000,
                                  .kind = RequestKind::Command,
                                  .session = session_,
                                  .sequence = 1,
                                  .unacknowledged = 1,
                                  .body = append("k", "x")});
    ASSERT_EQ(environment(3).sends.size(), 1U);
    cluster_->replica(1).handle(Recv{ServerId(3), environment(3).sends[0].message});
    for (const Send& send : environment(1).sends) {
        if (!std::holds_alternative<ForwardProposalReply>(send.message)) continue;
        cluster_->replica(3).handle(Recv{ServerId(1), send.message});
    }
    environment(3).sends.clear();
    cluster_->cut(3);
    cluster_->run_for(milliseconds(100));
    ASSERT_TRUE(cluster_->replica(1).take_snapshot());
    cluster_->run_for(milliseconds(100));
    EXPECT_TRUE(environment(3).replies.empty());
    cluster_->heal();
    cluster_->run_for(seconds(1));
    ASSERT_EQ(environment(3).restorations.size(), 1U);
    ASSERT_EQ(environment(3).replies.size(), 1U);
    EXPECT_EQ(environment(3).replies[0].request, 1000U);
    EXPECT_EQ(environment(3).replies[0].status, ReplyStatus::Ok);
}

TEST_F(ReplicaClusterTest, AFollowerAnswersReads) {
    SmallCluster::Setup with = setup();
    with.options.follower_reads = true;
    use(with);
    write(1, "seen by all");
    for (const uint32_t id : {1U, 2U, 3U}) EXPECT_EQ(cluster_->read(id, "k"), "seen by all");
    cluster_->cut(3);
    write(1, ", but one");
    EXPECT_EQ(cluster_->read(2, "k"), "seen by all, but one");
    EXPECT_EQ(cluster_->read(3, "k"), "no answer");
}

// --- Without a state ---

class WitnessTest : public ReplicaClusterTest {
 protected:
    static SmallCluster::Setup setup() {
        SmallCluster::Setup with = ReplicaClusterTest::setup();
        with.members.emplace();
        with.members->voters = {ServerId(1), ServerId(2), ServerId(3)};
        with.members->witnesses = {ServerId(3)};
        return with;
    }
};

TEST_F(WitnessTest, AWitnessCountsButAppliesNothing) {
    use(setup());
    cluster_->cut(2);
    write_some(1, 5);
    EXPECT_EQ(cluster_->raft(3).last_applied(), cluster_->raft(1).last_applied());
    EXPECT_TRUE(environment(3).applications.empty());
    EXPECT_FALSE(cluster_->replica(3).has_state());
    EXPECT_TRUE(cluster_->replica(1).has_state());
    for (const RequestKind kind : {RequestKind::Query, RequestKind::Command,
                                   RequestKind::OpenSession, RequestKind::KeepAlive}) {
        const auto replies = cluster_->ask(3, {.client = ClientId(1),
                                               .kind = kind,
                                               .session = session_,
                                               .sequence = 99,
                                               .body = get("k")});
        ASSERT_EQ(replies.size(), 1U);
        EXPECT_EQ(replies[0].status, ReplyStatus::NotLeader);
        EXPECT_EQ(replies[0].leader, ServerId(1));
    }
    for (const Entry& entry : disk(3).recovered.entries) {
        EXPECT_TRUE(entry.kind != EntryKind::Command || entry.payload.is_stub());
    }
}

TEST_F(WitnessTest, ItsSnapshotsAreEmpty) {
    SmallCluster::Setup with = setup();
    with.options.snapshot_entries = 10;
    use(with);
    write_some(1, 20);
    ASSERT_TRUE(disk(3).recovered.snapshot.has_value());
    EXPECT_EQ(disk(3).recovered.snapshot->bytes, 0U);
    EXPECT_GT(disk(3).recovered.base.index, LogIndex(7));
    write(1, "more");
    EXPECT_TRUE(cluster_->replica(3).take_snapshot()) << "an operator may want it";
    EXPECT_FALSE(cluster_->replica(3).taking_snapshot());
    cluster_->run();
    EXPECT_EQ(disk(3).recovered.snapshot->index(), cluster_->raft(1).last_applied());
    cluster_->crash(3);
    cluster_->start(3);
    EXPECT_TRUE(environment(3).restorations.empty()) << "there is nothing to load";
    cluster_->cut(2);
    write(1, "!");
    EXPECT_EQ(cluster_->raft(3).last_applied(), cluster_->raft(1).last_applied());
}

// A slow witness gets stubs from the leader's storage, or an empty snapshot.
TEST_F(WitnessTest, ASlowWitnessGetsStubsAndEmptySnapshots) {
    SmallCluster::Setup with = setup();
    with.options.log_memory_entries = 1;
    use(with);
    cluster_->cut(3);
    write_some(1, 300);
    cluster_->heal();
    cluster_->run_for(seconds(1));
    EXPECT_GT(environment(1).entry_reads, 0U);
    EXPECT_EQ(cluster_->raft(3).last_applied(), cluster_->raft(1).last_applied());
    std::size_t stubs = 0;
    for (const Entry& entry : disk(3).recovered.entries) {
        EXPECT_TRUE(entry.kind != EntryKind::Command || entry.payload.is_stub());
        stubs += entry.payload.is_stub() ? 1U : 0U;
    }
    EXPECT_EQ(stubs, 301U);

    cluster_->cut(3);
    write_some(1, 5);
    ASSERT_TRUE(cluster_->replica(1).take_snapshot());
    cluster_->run_for(milliseconds(200));
    ASSERT_GT(cluster_->raft(1).log().base().index, cluster_->raft(3).last_applied());
    write_some(1, 3);
    cluster_->heal();
    cluster_->run_for(seconds(2));
    EXPECT_EQ(cluster_->raft(3).last_applied(), cluster_->raft(1).last_applied());
    EXPECT_TRUE(environment(3).restorations.empty());
}

}  // namespace
}  // namespace wavetank
