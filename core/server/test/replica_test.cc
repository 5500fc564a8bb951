// One server over a fake world: when clients are answered, what they are told, and that a command
// is carried out once (thesis 6.3). Stories between servers are in replica_cluster_test.cc.
#include "core/server/replica.h"

#include <gtest/gtest.h>

#include "core/server/test/fake_environment.h"

namespace wavetank {
namespace {

class ReplicaTest : public testing::Test {
 protected:
    static Replica::Setup setup(uint32_t servers = 3) {
        std::vector<ServerId> ids;
        for (uint32_t id = 1; id <= servers; ++id) ids.push_back(ServerId(id));
        Options options;
        options.id = ServerId(1);
        options.uncommitted_bytes_max = 200;
        Recovered recovered;
        recovered.configuration = Configuration::of_voters(ids);
        return {options, std::move(recovered), 1, {}};
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
        while (const WriteId upto = environment_.sync()) replica_->handle(Written{upto});
    }
    Term term() const { return replica_->raft().current_term(); }
    uint64_t last() const { return replica_->raft().log().last_index().value(); }
    // Leads with one entry in the log, and opens session 2 with another.
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
        session_ = open();
        ASSERT_EQ(session_, SessionId(2));
        environment_.replies.clear();
        environment_.sends.clear();
    }
    SessionId open() {
        environment_.replies.clear();
        request(1, RequestKind::OpenSession, {});
        commit();
        return reply().session;
    }
    // Server 2 holds everything, and confirms the newest round.
    void acknowledge() {
        AppendEntriesReply reply;
        reply.term = term();
        reply.success = true;
        reply.match_index = replica_->raft().log().last_index();
        for (const Send& send : environment_.sends) {
            const auto* append_entries = std::get_if<AppendEntries>(&send.message);
            if (append_entries == nullptr || send.to != ServerId(2)) continue;
            reply.round = append_entries->round;
            reply.session = append_entries->session;
        }
        recv(2, reply);
    }
    // The disk of this server and server 2 hold everything.
    void commit() {
        sync();
        acknowledge();
    }
    void request(uint64_t client, RequestKind kind, SessionId session, uint64_t sequence = 0,
                 uint64_t unacknowledged = 0, Payload body = {}) {
        replica_->request({ClientId(client), ++requests_, kind, session, sequence, unacknowledged,
                           std::move(body)});
    }
    // Every write of ours keeps all replies.
    void write(uint64_t client, uint64_t sequence, Payload body) {
        request(client, RequestKind::Command, session_, sequence, 1, std::move(body));
    }
    void read(uint64_t client, Payload body) {
        request(client, RequestKind::Query, {}, 0, 0, std::move(body));
    }
    // What this server would have in its log for a write in session 1 or 2.
    static Entry entry(Term term, const SessionCommand& command) {
        return Entry{term, EntryKind::Command, encode_session_command(command)};
    }
    static SessionCommand opening() { return {.kind = SessionCommandKind::Open}; }
    static SessionCommand command(uint64_t session, uint64_t sequence, const Payload& body) {
        return {SessionCommandKind::Command,
                ClientId(9),
                SessionId(session),
                sequence,
                1,
                body.bytes()};
    }
    // Server 3 leads the next term: entries after `prev`, committed up to `commit`.
    void another_leads(uint64_t prev, const std::vector<Entry>& entries, uint64_t commit) {
        AppendEntries message;
        message.term = term() ? term().next() : Term(1);
        for (const Entry& each : entries) message.term = std::max(message.term, each.term);
        message.prev_log_index = LogIndex(prev);
        message.prev_log_term = replica_->raft().log().term_at(LogIndex(prev));
        message.leader_commit = LogIndex(commit);
        if (!entries.empty()) {
            message.entries = EntryRange::of(LogIndex(prev).next(), entries);
        }
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
    FakeEnvironment environment_;
    std::optional<Replica> replica_;
    SessionId session_;
    uint64_t requests_ = 0;
};

TEST_F(ReplicaTest, StartAsksForADeadline) {
    EXPECT_GT(environment_.deadline, environment_.clock);
    EXPECT_EQ(environment_.steps, 1U);
    EXPECT_TRUE(environment_.sends.empty());
}

TEST_F(ReplicaTest, AFollowerNamesTheLeader) {
    write(1, 1, put("k", "v"));
    EXPECT_EQ(reply().status, ReplyStatus::SessionExpired) << "no session has the id zero";
    session_ = SessionId(7);
    write(1, 1, put("k", "v"));
    const ClientReply nobody = reply();
    EXPECT_EQ(nobody.status, ReplyStatus::NotLeader);
    EXPECT_FALSE(nobody.leader);
    another_leads(0, {}, 0);
    for (const RequestKind kind :
         {RequestKind::Query, RequestKind::Command, RequestKind::OpenSession,
          RequestKind::KeepAlive, RequestKind::CloseSession}) {
        request(1, kind, SessionId(7), 2, 1, get("k"));
        const ClientReply hint = reply();
        EXPECT_EQ(hint.client, ClientId(1));
        EXPECT_EQ(hint.request, requests_);
        EXPECT_EQ(hint.status, ReplyStatus::NotLeader);
        EXPECT_EQ(hint.leader, ServerId(3));
    }
    EXPECT_EQ(last(), 0U);
}

TEST_F(ReplicaTest, ASessionIsTheIndexOfItsEntry) {
    lead();
    request(8, RequestKind::OpenSession, {});
    EXPECT_TRUE(environment_.replies.empty());
    commit();
    const ClientReply opened = reply();
    EXPECT_EQ(opened.status, ReplyStatus::Ok);
    EXPECT_EQ(opened.client, ClientId(8));
    EXPECT_EQ(opened.session, SessionId(3));
    EXPECT_EQ(last(), 3U);
}

TEST_F(ReplicaTest, SessionsAreKeptAndClosed) {
    lead();
    request(1, RequestKind::KeepAlive, session_);
    commit();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
    request(1, RequestKind::CloseSession, session_);
    commit();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
    request(1, RequestKind::KeepAlive, session_);
    commit();
    EXPECT_EQ(reply().status, ReplyStatus::SessionExpired);
    write(1, 1, put("k", "v"));
    commit();
    EXPECT_EQ(reply().status, ReplyStatus::SessionExpired);
    EXPECT_FALSE(environment_.applications.back().executed);
    read(1, get("k"));
    acknowledge();
    EXPECT_EQ(value_in(reply()), "nothing");
}

// A session that this server does not know may only be one that it has not heard of yet.
TEST_F(ReplicaTest, TheLogDecidesWhetherASessionIsThere) {
    lead();
    request(8, RequestKind::OpenSession, {});
    request(8, RequestKind::Command, SessionId(3), 1, 1, put("k", "v"));
    EXPECT_TRUE(environment_.replies.empty());
    commit();
    ASSERT_EQ(environment_.replies.size(), 2U);
    EXPECT_EQ(environment_.replies[1].status, ReplyStatus::Ok);
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
    EXPECT_EQ(done.request, requests_);
    EXPECT_EQ(done.leader, ServerId(1));
    ASSERT_TRUE(decode_kv_result(done.body).has_value());
    EXPECT_EQ(environment_.applications.back().index, 3U);
    EXPECT_TRUE(environment_.applications.back().executed);
}

TEST_F(ReplicaTest, WritesAreAnsweredInTheirOrderEachWithItsResult) {
    lead();
    for (uint64_t client = 1; client <= 3; ++client) {
        write(client, client, append("k", std::to_string(client)));
    }
    commit();
    ASSERT_EQ(environment_.replies.size(), 3U);
    for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(environment_.replies[i].client, ClientId(i + 1));
    environment_.replies.clear();
    environment_.sends.clear();
    read(4, get("k"));
    acknowledge();
    EXPECT_EQ(value_in(reply()), "123");
}

TEST_F(ReplicaTest, SeveralWritesOfASessionInAnyOrder) {
    lead();
    for (const uint64_t sequence : {3U, 1U, 2U}) {
        write(sequence, sequence, append("k", std::to_string(sequence)));
    }
    commit();
    ASSERT_EQ(environment_.replies.size(), 3U);
    for (const ClientReply& each : environment_.replies) EXPECT_EQ(each.status, ReplyStatus::Ok);
    environment_.replies.clear();
    environment_.sends.clear();
    read(4, get("k"));
    acknowledge();
    EXPECT_EQ(value_in(reply()), "312");
}

TEST_F(ReplicaTest, ARepeatedRequestIsAnsweredFromTheSession) {
    lead();
    write(1, 1, append("k", "x"));
    commit();
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
    EXPECT_EQ(last(), 4U);
    commit();
    ASSERT_EQ(environment_.replies.size(), 2U);
    EXPECT_EQ(environment_.replies[0].status, ReplyStatus::Ok);
    EXPECT_EQ(environment_.replies[0].body, environment_.replies[1].body);
    ASSERT_GE(environment_.applications.size(), 2U);
    EXPECT_TRUE(environment_.applications.end()[-2].executed);
    EXPECT_FALSE(environment_.applications.end()[-1].executed);
    environment_.replies.clear();
    environment_.sends.clear();
    read(2, get("k"));
    acknowledge();
    EXPECT_EQ(value_in(reply()), "x");
}

TEST_F(ReplicaTest, AFollowerThatHasAppliedItKnowsTheReplyToo) {
    another_leads(0, {entry(Term(1), opening()), entry(Term(1), command(1, 1, put("k", "v")))}, 2);
    sync();
    session_ = SessionId(1);
    write(1, 1, put("k", "v"));
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
}

// Whether these commit is up to the next leader: until that is known nothing is claimed.
TEST_F(ReplicaTest, StepDownAloneSaysNothing) {
    lead();
    write(1, 1, put("k", "v"));
    write(2, 2, put("k", "w"));
    const std::vector<Entry> ours = {replica_->raft().log().entry_at(LogIndex(3)),
                                     replica_->raft().log().entry_at(LogIndex(4))};
    another_leads(2, {}, 2);
    sync();
    EXPECT_TRUE(environment_.replies.empty());
    // The next leader has the first of them, and commits it by an entry of its own.
    const Entry own{term(), EntryKind::Empty, Payload()};
    AppendEntries message;
    message.term = term();
    message.prev_log_index = LogIndex(2);
    message.prev_log_term = ours[0].term;
    message.leader_commit = LogIndex(4);
    message.entries = EntryRange::of(LogIndex(3), std::vector{ours[0], own});
    recv(3, message);
    sync();
    ASSERT_EQ(environment_.replies.size(), 2U);
    EXPECT_EQ(environment_.replies[0].client, ClientId(2));
    EXPECT_EQ(environment_.replies[0].status, ReplyStatus::NotLeader) << "it had no effect";
    EXPECT_EQ(environment_.replies[0].leader, ServerId(3));
    EXPECT_EQ(environment_.replies[1].client, ClientId(1));
    EXPECT_EQ(environment_.replies[1].status, ReplyStatus::Ok);
}

// The entry at the index of the write is another one by then.
TEST_F(ReplicaTest, AWriteThatWasOverwrittenIsNeverAnsweredOk) {
    lead();
    write(1, 1, put("k", "mine"));
    ASSERT_EQ(last(), 3U);
    another_leads(2, {entry(term().next(), command(2, 9, put("k", "theirs")))}, 3);
    sync();
    EXPECT_EQ(environment_.applications.back().index, 3U);
    EXPECT_EQ(reply().status, ReplyStatus::NotLeader);
}

TEST_F(ReplicaTest, BusyIsSaidWhenTooMuchIsUncommitted) {
    lead();
    write(1, 1, put("k", std::string(100, 'v')));
    write(2, 2, put("k", std::string(100, 'v')));
    const ClientReply busy = reply();
    EXPECT_EQ(busy.client, ClientId(2));
    EXPECT_EQ(busy.status, ReplyStatus::Busy);
    commit();
    EXPECT_EQ(reply().client, ClientId(1));
    write(2, 2, put("k", "v"));
    commit();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
}

TEST_F(ReplicaTest, BusyIsSaidWhenTooManyProposalsAreOpen) {
    Replica::Setup small = setup();
    small.options.open_proposals_max = 2;
    use(std::move(small));
    lead();
    write(1, 1, put("k", "1"));
    write(2, 2, put("k", "2"));
    write(3, 3, put("k", "3"));
    const ClientReply busy = reply();
    EXPECT_EQ(busy.client, ClientId(3));
    EXPECT_EQ(busy.status, ReplyStatus::Busy);
    // Committed by the others, but not applied here: they still wait, and still count.
    acknowledge();
    AppendEntriesReply third;
    third.term = term();
    third.success = true;
    third.match_index = LogIndex(last());
    third.session = replica_->raft().progress(ServerId(3))->session;
    recv(3, third);
    ASSERT_EQ(replica_->raft().commit_index().value(), last());
    ASSERT_LT(replica_->raft().last_applied().value(), last());
    write(3, 3, put("k", "3"));
    EXPECT_EQ(reply().status, ReplyStatus::Busy);
    sync();
    EXPECT_EQ(environment_.replies.size(), 2U);
    environment_.replies.clear();
    write(3, 3, put("k", "3"));
    commit();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
}

// The refusal is in the log, so all servers agree on it; the same command is carried out when the
// client has acknowledged replies.
TEST_F(ReplicaTest, BusyIsSaidWhenTooManyRepliesAreKept) {
    Replica::Setup small = setup();
    small.sessions.replies_max = 2;
    use(std::move(small));
    lead();
    for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
        write(sequence, sequence, append("k", std::to_string(sequence)));
    }
    commit();
    ASSERT_EQ(environment_.replies.size(), 3U);
    EXPECT_EQ(environment_.replies[1].status, ReplyStatus::Ok);
    EXPECT_EQ(environment_.replies[2].status, ReplyStatus::Busy);
    EXPECT_FALSE(environment_.applications.back().executed);
    environment_.replies.clear();
    request(3, RequestKind::Command, session_, 3, 2, append("k", "3"));
    commit();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
    EXPECT_TRUE(environment_.applications.back().executed);
}

// Thesis 6.4: a read needs a round that confirms the leadership, and no log entry.
TEST_F(ReplicaTest, AReadIsAnsweredAfterItsRound) {
    lead();
    const uint64_t last_before = last();
    read(1, get("k"));
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
    other.match_index = LogIndex(3);
    other.session = replica_->raft().progress(ServerId(3))->session;
    recv(3, other);
    ASSERT_EQ(replica_->raft().commit_index(), LogIndex(3));
    ASSERT_EQ(replica_->raft().last_applied(), LogIndex(2));
    read(2, get("k"));
    acknowledge();
    EXPECT_TRUE(environment_.replies.empty()) << "confirmed, but entry 3 is not applied here";
    sync();
    ASSERT_EQ(environment_.replies.size(), 2U);
    EXPECT_EQ(environment_.replies[0].client, ClientId(1));
    EXPECT_EQ(environment_.replies[1].client, ClientId(2));
    EXPECT_EQ(value_in(environment_.replies[1]), "v");
}

TEST_F(ReplicaTest, AReadIsRefusedWhenTheLeadershipIsLostBeforeItsRound) {
    lead();
    read(1, get("k"));
    another_leads(2, {}, 2);
    EXPECT_EQ(reply().status, ReplyStatus::NotLeader);
}

TEST_F(ReplicaTest, AFailedDiskEndsTheService) {
    lead();
    write(1, 1, put("k", "v"));
    replica_->handle(WriteFailed{environment_.writes.back().id});
    EXPECT_EQ(reply().status, ReplyStatus::Unknown) << "others may have it";
    EXPECT_EQ(environment_.deadline, Instant::never());
    write(2, 2, put("k", "v"));
    EXPECT_EQ(reply().status, ReplyStatus::NotLeader);
    read(3, get("k"));
    EXPECT_EQ(reply().status, ReplyStatus::NotLeader);
}

TEST_F(ReplicaTest, ASingleServerAnswersAlone) {
    use(setup(1));
    environment_.clock = environment_.deadline;
    replica_->handle(Wake{});
    sync();
    request(1, RequestKind::OpenSession, {});
    sync();
    session_ = reply().session;
    write(1, 1, put("k", "v"));
    EXPECT_TRUE(environment_.replies.empty());
    sync();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
    read(1, get("k"));
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
        uint64_t requests = 0;
        const auto request = [&](const ClientRequest& what) {
            ClientRequest numbered = what;
            numbered.client = ClientId(1);
            numbered.request = ++requests;
            replica.request(numbered);
            while (const WriteId upto = environment.sync()) replica.handle(Written{upto});
        };
        while (const WriteId upto = environment.sync()) replica.handle(Written{upto});
        for (int i = 0; i < 3; ++i) request({.kind = RequestKind::OpenSession});
        for (uint64_t i = 1; i <= 20; ++i) {
            request({.kind = RequestKind::Command,
                     .session = SessionId(2 + i % 3),
                     .sequence = i,
                     .body = append("k", std::to_string(i))});
        }
        if (also_garbage) {
            request({.kind = RequestKind::Command,
                     .session = SessionId(2),
                     .sequence = 99,
                     .body = Payload::copy_of("?")});
        }
        EXPECT_EQ(environment.replies.size(), requests);
        return replica.machine_digest();
    };
    EXPECT_EQ(run(false), run(false));
    EXPECT_NE(run(false), run(true)) << "the session remembers the answer to the garbage";
}

// An entry that no code of ours wrote changes nothing, on any server.
TEST_F(ReplicaTest, ACommandThatCannotBeDecodedIsSkipped) {
    const uint64_t before = replica_->machine_digest();
    another_leads(0, {Entry{Term(1), EntryKind::Command, Payload::copy_of("short")}}, 1);
    sync();
    ASSERT_EQ(environment_.applications.size(), 1U);
    EXPECT_FALSE(environment_.applications[0].executed);
    EXPECT_EQ(replica_->machine_digest(), before);
}

// The bytes were verified when they came. What has changed since is our own memory.
TEST_F(ReplicaTest, ACommandThatHasChangedStopsTheServer) {
    lead();
    write(1, 1, put("k", "v"));
    const Payload& payload = replica_->raft().log().entry_at(LogIndex(3)).payload;
    const_cast<char*>(payload.bytes().data())[payload.size() - 1] ^= 1;
    acknowledge();
    EXPECT_DEATH(sync(), "CHECK failed");
}

TEST_F(ReplicaTest, AnAcknowledgedRequestCostsNothingAndGetsNoAnswer) {
    lead();
    request(7, RequestKind::Command, session_, 5, 5, put("k", "v"));
    commit();
    EXPECT_EQ(reply().status, ReplyStatus::Ok);
    const uint64_t before = last();
    request(7, RequestKind::Command, session_, 4, 1, put("k", "old"));
    EXPECT_EQ(last(), before);
    EXPECT_TRUE(environment_.replies.empty());
}

TEST_F(ReplicaTest, NumberZeroIsIgnored) {
    lead();
    const uint64_t before = last();
    write(7, 0, put("k", "v"));
    replica_->request({.client = ClientId(7), .request = 0, .kind = RequestKind::OpenSession});
    EXPECT_EQ(last(), before);
    EXPECT_TRUE(environment_.replies.empty());
}

TEST_F(ReplicaTest, ALeaderWithTooManyReadsIsBusy) {
    Replica::Setup small = setup();
    small.options.pending_reads_max = 0;
    use(std::move(small));
    lead();
    read(7, get("k"));
    EXPECT_EQ(reply().status, ReplyStatus::Busy);
}

// The core bounds the reads that wait for their round; those that wait for our disk are bounded,
// too.
TEST_F(ReplicaTest, ReadsThatWaitToBeAppliedAreBounded) {
    Replica::Setup small = setup();
    small.options.pending_reads_max = 1;
    use(std::move(small));
    lead();
    write(1, 1, put("k", "v"));
    acknowledge();
    AppendEntriesReply other;
    other.term = term();
    other.success = true;
    other.match_index = LogIndex(last());
    other.session = replica_->raft().progress(ServerId(3))->session;
    recv(3, other);
    for (int i = 0; i < 2; ++i) {
        read(2, get("k"));
        acknowledge();
        EXPECT_TRUE(environment_.replies.empty());
    }
    read(2, get("k"));
    EXPECT_EQ(reply().status, ReplyStatus::Busy);
    sync();
    EXPECT_EQ(environment_.replies.size(), 3U);
}

// A write that the others have committed waits for our disk, and a snapshot of a later state comes
// first. Its session is closed in it: whether the command was carried out before does not show.
TEST_F(ReplicaTest, AWriteThatALaterSnapshotContainsMayBeUnknown) {
    lead();
    write(1, 1, put("k", "v"));
    write(2, 2, put("k", "w"));
    acknowledge();
    AppendEntriesReply other;
    other.term = term();
    other.success = true;
    other.match_index = LogIndex(last());
    other.session = replica_->raft().progress(ServerId(3))->session;
    recv(3, other);
    ASSERT_EQ(replica_->raft().commit_index(), LogIndex(4));
    ASSERT_EQ(replica_->raft().last_applied(), LogIndex(2));

    ReplicatedState later(std::make_unique<KvMachine>(), SessionLimits{});
    later.apply(LogIndex(9), Entry{Term(1), EntryKind::Empty, Payload()});
    std::string data;
    later.freeze();
    ASSERT_TRUE(later.save_some(data, SIZE_MAX));
    InstallSnapshot message;
    message.term = term().next();
    message.meta.last = {LogIndex(9), message.term, 77, Instant{}};
    message.meta.configuration = replica_->raft().configuration();
    message.meta.bytes = data.size();
    message.data = Payload::copy_of(data);
    message.meta.digest = message.data.digest();
    recv(3, message);
    EXPECT_TRUE(environment_.replies.empty());
    sync();
    ASSERT_EQ(environment_.restorations.size(), 1U);
    ASSERT_EQ(environment_.replies.size(), 2U);
    for (const ClientReply& each : environment_.replies) {
        EXPECT_EQ(each.status, ReplyStatus::Unknown);
    }
}

// Whoever drives the replica by `handle` has tickets of its own; no client is answered for them.
TEST_F(ReplicaTest, TicketsOfOthersAreTheirs) {
    lead();
    const Payload theirs = encode_session_command(command(2, 1, put("k", "v")));
    replica_->handle(Propose{Replica::kTicketsOfOthers, {&theirs, 1}});
    replica_->handle(Read{Replica::kTicketsOfOthers + 1});
    commit();
    EXPECT_TRUE(environment_.applications.back().executed);
    EXPECT_TRUE(environment_.replies.empty());
}

// What is committed comes in pages, all of them at once.
TEST_F(ReplicaTest, AppliesPageByPage) {
    Replica::Setup small = setup();
    small.options.apply_entries_max = 2;
    use(std::move(small));
    std::vector<Entry> entries = {entry(Term(1), opening())};
    for (uint64_t i = 1; i <= 6; ++i) {
        entries.push_back(entry(Term(1), command(1, i, append("k", std::to_string(i)))));
    }
    another_leads(0, entries, entries.size());
    const uint64_t steps = environment_.steps;
    sync();
    EXPECT_EQ(environment_.pages, 3U);
    EXPECT_EQ(environment_.steps, steps + 4) << "the tracer sees every page";
    ASSERT_EQ(environment_.applications.size(), 7U);
    for (uint64_t i = 0; i < 7; ++i) EXPECT_EQ(environment_.applications[i].index, i + 1);
}

}  // namespace
}  // namespace wavetank
