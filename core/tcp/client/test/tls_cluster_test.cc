// A cluster whose connections are all in TLS: it works as a plain one does, and does for each
// client what his certificate has rights for, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/tcp/client/test/cluster_client.h"
#include "core/tls/test/test_authority.h"

namespace wavetank {
namespace {

const TestAuthority& authority() {
    static const TestAuthority made(
        "--cluster " + std::to_string(LoopbackCluster::kCluster.value()) +
        " --server 1 --server 2 --server 3 --client all=read+write+admin --client reader=read"
        " --client writer=write --client operator=admin");
    return made;
}

class TlsClusterTest : public ClusterClientTest {
 protected:
    TlsClusterTest() : ClusterClientTest(authority().folder()) { become("all"); }
    void become(const std::string& name) { credentials_ = authority().credentials(name); }

    struct Outcome {
        bool done = false;
        std::string forbidden;
    };
    Outcome call(bool read_only) {
        auto loop = client();
        SharedSession shared;
        Outcome outcome;
        loop->add([&](ClientLoop::Lane& lane) {
            ClientSession mine = session(*loop, lane, shared);
            const KvCommand command{.function = read_only ? KvFunction::Get : KvFunction::Put,
                                    .key = "k",
                                    .value = "v"};
            outcome.done = mine.call(read_only, encode(command)).has_value();
            outcome.forbidden = mine.forbidden();
        });
        loop->run();
        return outcome;
    }
    void expect_forbidden(const Outcome& outcome, const std::string& words) {
        EXPECT_FALSE(outcome.done);
        EXPECT_EQ(outcome.forbidden, words);
    }
};

TEST_F(TlsClusterTest, ManyLanesShareASessionAndAConnection) {
    EXPECT_EQ(put_from_lanes(1, 100), 100U);
    expect_all_there(100);
}

TEST_F(TlsClusterTest, LargeValuesPassInManyRecords) {
    auto loop = client();
    SharedSession shared;
    loop->add([&](ClientLoop::Lane& lane) {
        ClientSession mine = session(*loop, lane, shared);
        for (const std::size_t size : {1U, 100'000U, 4'000'000U}) {
            const std::string value(size, 'v');
            EXPECT_TRUE(put(mine, "large", value));
            EXPECT_EQ(get(mine, "large"), value);
        }
    });
    loop->run();
}

TEST_F(TlsClusterTest, AServerThatWasAwayCatchesUp) {
    const uint32_t leader = cluster_.await_leader();
    const uint32_t follower = leader % 3 + 1;
    EXPECT_TRUE(cluster_.stop(follower).ok());
    EXPECT_EQ(put_from_lanes(1, 20), 20U);
    const std::size_t before = cluster_.lines().size();
    cluster_.restart(follower);
    EXPECT_TRUE(cluster_.lines().await("[" + std::to_string(follower) + "] follows", before));
    expect_all_there(20);
}

TEST_F(TlsClusterTest, AReaderReadsAndNothingElse) {
    ASSERT_TRUE(call(false).done);
    become("reader");
    EXPECT_TRUE(call(true).done);
    const std::string words =
        "the certificate of client reader has the rights read, which is not enough";
    expect_forbidden(call(false), words);
    const auto transfer = administer(RequestKind::Transfer, encode(TransferWish{}));
    ASSERT_TRUE(transfer.has_value());
    EXPECT_EQ(transfer->status, ReplyStatus::Forbidden);
    EXPECT_EQ(transfer->body, words);
    const auto change = administer(RequestKind::ChangeMembers, encode(MembersWish{}));
    ASSERT_TRUE(change.has_value());
    EXPECT_EQ(change->status, ReplyStatus::Forbidden);
}

TEST_F(TlsClusterTest, AWriterWritesAndNothingElse) {
    become("writer");
    EXPECT_TRUE(call(false).done);
    expect_forbidden(call(true),
                     "the certificate of client writer has the rights write, which is not enough");
}

TEST_F(TlsClusterTest, AnOperatorAdministersAndNothingElse) {
    const ServerId target(cluster_.await_leader() % 3 + 1);
    become("operator");
    const std::size_t before = cluster_.lines().size();
    const auto reply = administer(RequestKind::Transfer, encode(TransferWish{target}));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, ReplyStatus::Ok) << reply->body;
    EXPECT_TRUE(cluster_.lines().await("[" + std::to_string(target.value()) + "] leads", before));
    const std::string words =
        "the certificate of client operator has the rights admin, which is not enough";
    expect_forbidden(call(true), words);
    expect_forbidden(call(false), words);
}

TEST_F(TlsClusterTest, EverybodyWithACertificateSeesTheStatus) {
    cluster_.await_leader();
    for (const char* name : {"reader", "writer", "operator"}) {
        become(name);
        const auto reply = administer(RequestKind::Status, "");
        ASSERT_TRUE(reply.has_value()) << name;
        EXPECT_EQ(reply->status, ReplyStatus::Ok);
        EXPECT_TRUE(decode_server_status(reply->body).has_value());
    }
}

}  // namespace
}  // namespace wavetank
