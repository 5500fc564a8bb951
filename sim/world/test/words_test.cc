// What is told of messages, steps and servers: every kind has words of its own, and the numbers
// that matter are in them.
#include "sim/world/words.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/world/test/small_world.h"

namespace wavetank {
namespace {

SnapshotMeta snapshot() {
    SnapshotMeta meta;
    meta.last.index = LogIndex(40);
    meta.last.term = Term(3);
    meta.configuration = Configuration::of_voters({ServerId(1), ServerId(2)});
    meta.bytes = 900;
    return meta;
}

// Every alternative of a variant, as it is by default.
template <class Variant, std::size_t... Kinds>
std::vector<Variant> each_kind(std::index_sequence<Kinds...>) {
    return {Variant(std::in_place_index<Kinds>)...};
}
template <class Variant>
std::vector<Variant> each_kind() {
    return each_kind<Variant>(std::make_index_sequence<std::variant_size_v<Variant>>());
}

TEST(Words, EveryMessageHasItsOwn) {
    std::set<std::string> seen;
    for (const Message& message : each_kind<Message>()) {
        const std::string words = words_of(message);
        EXPECT_EQ(words.find(name_of(message)), 0U) << words;
        EXPECT_TRUE(seen.insert(words).second) << words;
    }
}

TEST(Words, EveryEventHasItsOwn) {
    std::set<std::string> seen;
    for (const Event& event : each_kind<Event>()) {
        EXPECT_TRUE(seen.insert(words_of(event)).second) << words_of(event);
    }
    for (int reason = 0; reason <= static_cast<int>(RefuseReason::WrongKind); ++reason) {
        const Event refused = Refused{ServerId(2), static_cast<RefuseReason>(reason)};
        EXPECT_TRUE(seen.insert(words_of(refused)).second || reason == 0) << words_of(refused);
        EXPECT_EQ(words_of(refused).find('?'), std::string::npos) << words_of(refused);
    }
    for (int reason = 0; reason <= static_cast<int>(StepDownReason::Removed); ++reason) {
        const Event down = SteppedDown{Term(2), static_cast<StepDownReason>(reason)};
        EXPECT_TRUE(seen.insert(words_of(down)).second) << words_of(down);
        EXPECT_EQ(words_of(down).find('?'), std::string::npos) << words_of(down);
    }
}

TEST(Words, SnapshotsAndConfigurationsAreTold) {
    InstallSnapshot install;
    install.term = Term(4);
    install.meta = snapshot();
    install.offset = 100;
    install.data = Payload::copy_of("abc");
    EXPECT_EQ(words_of(Message(install)),
              "InstallSnapshot term 4 snapshot (40, t3) of 900 bytes bytes 100..103");
    AppendEntries append;
    append.term = Term(4);
    append.prev_log_index = LogIndex(6);
    Entry entry;
    entry.term = Term(4);
    entry.kind = EntryKind::Configuration;
    Configuration::Members members;
    members.voters = {ServerId(1), ServerId(2), ServerId(4)};
    members.outgoing = {ServerId(1), ServerId(2), ServerId(3)};
    entry.payload = Payload::copy_of(encode(Configuration(members)));
    append.entries = EntryRange::of(LogIndex(7), std::vector{entry});
    EXPECT_NE(words_of(Message(append)).find("7 is the configuration {1,2,4}&&{1,2,3}"),
              std::string::npos)
        << words_of(Message(append));
}

TEST(Words, ClientsWishesAreTold) {
    ClientRequest request;
    request.client = ClientId(3);
    request.request = 9;
    request.session = SessionId(12);
    request.sequence = 4;
    KvCommand put;
    put.function = KvFunction::Put;
    put.key = "k";
    put.value = "v";
    request.body = Payload::copy_of(encode(put));
    const auto words = [&](RequestKind kind) {
        request.kind = kind;
        return words_of(request);
    };
    EXPECT_EQ(words(RequestKind::Query), "client 3 request 9: put k v");
    EXPECT_EQ(words(RequestKind::Command), "client 3 request 9: put k v (session 12, 4)");
    EXPECT_EQ(words(RequestKind::OpenSession), "client 3 request 9: open a session");
    EXPECT_EQ(words(RequestKind::KeepAlive), "client 3 request 9: keep session 12 alive");
    EXPECT_EQ(words(RequestKind::CloseSession), "client 3 request 9: close session 12");
    ClientReply reply;
    reply.client = ClientId(3);
    reply.request = 9;
    reply.status = ReplyStatus::SessionExpired;
    EXPECT_EQ(words_of(reply), "reply to client 3 request 9: the session has expired");
}

TEST(Words, AServersStateIsTold) {
    SmallWorld small({.servers = 4, .members = 3});
    small.world.start_all();
    ASSERT_TRUE(small.run_until_holds([&] { return small.has_leader(); }));
    small.run_for(milliseconds(20));
    const auto words = [&](uint32_t position) {
        return words_of_state(small.world.node(position));
    };
    const auto has = [&](uint32_t position, const std::string& part) {
        EXPECT_NE(words(position).find(part), std::string::npos) << part << "\n" << words(position);
    };
    const uint32_t leader = small.leader();
    has(leader, "disk: term 1 vote " + std::to_string(leader + 1) + ", log 1..1, 0 writes");
    has(leader, "leader in term 1");
    has(leader, "members: {1,2,3}, the configuration of 0");
    has(leader, "log: after (0, t0), last (1, t1), durable 1, commit 1, applied 1");
    has(leader, "match 1, next 2, replicating, 0 messages in flight");
    has(3, "members: {}, the configuration of 0");
    ASSERT_TRUE(small.world.take_snapshot(leader));
    small.run_for(milliseconds(20));
    has(leader, "snapshot (1, t1) of ");
    has(leader, " bytes with {1,2,3}");
    small.world.stall_disk(leader);
    has(leader, "0 writes not durable yet, it hangs");
    small.world.crash(leader);
    has(leader, "  down\n");
    has(leader, "snapshot (1, t1)");
}

// A run with all that can be told is told without a question mark.
TEST(Words, AStepTellsWhatCameOfIt) {
    class Told final : public TraceSink {
     public:
        void on_event(const TraceEvent& event) override { all += event.words + "\n"; }
        std::string all;
    };
    Told told;
    Options options;
    options.snapshot_entries = 4;
    options.snapshot_trailing_entries = 0;
    SmallWorld small({.servers = 4, .members = 3, .options = options}, nullptr, &told);
    small.world.start_all();
    ASSERT_TRUE(small.run_until_holds([&] { return small.has_leader(); }));
    ASSERT_TRUE(small.open_session(small.leader()));
    for (int i = 0; i < 10; ++i) {
        small.put(small.leader());
        small.run_for(milliseconds(5));
    }
    Configuration::Members members = small.raft(small.leader()).configuration().members();
    members.voters.push_back(ServerId(4));
    small.world.ask(small.leader(), ChangeMembers{1, members});
    small.run_for(seconds(1));
    small.world.ask(small.leader(), Transfer{2, ServerId()});
    small.run_for(seconds(1));
    EXPECT_EQ(told.all.find('?'), std::string::npos);
    for (const char* part :
         {"wants a snapshot", "is written down", "compacts its log up to", "compaction up to",
          "asked to make the members {1,2,3,4}", "goes by the configuration of",
          "{1,2,3,4}&&{1,2,3}", "the change of members: done", "InstallSnapshot",
          "installs the snapshot at", "loads the snapshot", "new log up to", "from the disk",
          "asked to hand the leadership to nobody in particular", "TimeoutNow",
          "asked for by the leader", "the transfer: done"}) {
        EXPECT_NE(told.all.find(part), std::string::npos) << part;
    }
}

}  // namespace
}  // namespace wavetank
