// Every path of the gateway, before a real cluster.
#include "core/http/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "core/http/test/gateway_cluster.h"
#include "core/http/test/open_metrics_reader.h"

namespace wavetank {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class GatewayTest : public testing::Test {
 protected:
    static uint16_t opened(GatewayCluster& tank) {
        tank.open();
        EXPECT_NE(tank.cluster.await_leader(), 0U);
        return tank.gateway->port();
    }

    GatewayCluster tank_{3};
    HttpCaller caller_{opened(tank_)};
};

TEST_F(GatewayTest, KeysAreStoredReadAndDeleted) {
    const auto stored = caller_.call("PUT", "/v1/kv/colour", "green");
    EXPECT_EQ(stored.status, 200U);
    EXPECT_EQ(json::parse(stored.body), json({{"stored", true}}));
    const auto read = caller_.call("GET", "/v1/kv/colour");
    EXPECT_EQ(read.status, 200U);
    EXPECT_EQ(read.field("Content-Type"), "application/json");
    EXPECT_EQ(json::parse(read.body), json({{"key", "colour"}, {"value", "green"}}));
    EXPECT_EQ(caller_.call("DELETE", "/v1/kv/colour").status, 200U);
    EXPECT_EQ(caller_.call("GET", "/v1/kv/colour").status, 404U);
    EXPECT_EQ(caller_.call("DELETE", "/v1/kv/colour").error(), "there is no such key");
}

TEST_F(GatewayTest, KeysAndValuesMayHaveAnyBytes) {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
    ASSERT_EQ(caller_.call("PUT", "/v1/kv/a%00%2f%ff/b", bytes).status, 200U);
    const auto raw = caller_.call("GET", "/v1/kv/a%00/%ff%2fb?raw");
    EXPECT_EQ(raw.status, 200U);
    EXPECT_EQ(raw.field("Content-Type"), "application/octet-stream");
    EXPECT_EQ(raw.body, bytes);
    const json said = json::parse(caller_.call("GET", "/v1/kv/a%00%2f%ff/b").body);
    EXPECT_EQ(said["key_base64"], "YQAv/y9i");
    EXPECT_THAT(said["value_base64"].get<std::string>(), testing::StartsWith("AAECAwQF"));
    ASSERT_EQ(caller_.call("PUT", "/v1/kv/empty").status, 200U);
    EXPECT_EQ(json::parse(caller_.call("GET", "/v1/kv/empty").body)["value"], "");
}

TEST_F(GatewayTest, AConditionalPutStoresOnlyOverWhatIsExpected) {
    EXPECT_EQ(caller_.call("PUT", "/v1/kv/k?expected=", "a").status, 412U);
    ASSERT_EQ(caller_.call("PUT", "/v1/kv/k", "a b").status, 200U);
    EXPECT_EQ(caller_.call("PUT", "/v1/kv/k?expected=a%20b", "c").status, 200U);
    const auto refused = caller_.call("PUT", "/v1/kv/k?expected=a%20b", "d");
    EXPECT_EQ(refused.status, 412U);
    EXPECT_THAT(refused.error(), HasSubstr("nothing was stored"));
    EXPECT_EQ(caller_.call("GET", "/v1/kv/k?raw").body, "c");
}

TEST_F(GatewayTest, HeadIsGetWithoutBody) {
    ASSERT_EQ(caller_.call("PUT", "/v1/kv/k", "12345").status, 200U);
    const auto head = caller_.call("HEAD", "/v1/kv/k?raw");
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.field("Content-Length"), "5");
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(caller_.call("HEAD", "/v1/kv/none").status, 404U);
    EXPECT_EQ(caller_.call("HEAD", "/v1/transfer").status, 405U);
    EXPECT_EQ(caller_.call("GET", "/v1/kv/k?raw").body, "12345");  // on the same connection
}

TEST_F(GatewayTest, RequestsMayBePipelined) {
    std::string bytes;
    for (int i = 0; i < 20; ++i) {
        const std::string value = std::to_string(i);
        bytes +=
            "PUT /v1/kv/k HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(value.size()) +
            "\r\n\r\n" + value + "GET /v1/kv/k?raw HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    caller_.send(bytes);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(caller_.hear().status, 200U);
        EXPECT_EQ(caller_.hear().body, std::to_string(i));
    }
}

TEST_F(GatewayTest, ManyConnectionsAtOnce) {
    std::vector<std::future<unsigned>> puts;
    for (int i = 0; i < 40; ++i) {
        puts.push_back(std::async(std::launch::async, [this, i] {
            return tank_.caller().call("PUT", "/v1/kv/k" + std::to_string(i), "v").status;
        }));
    }
    for (auto& put : puts) EXPECT_EQ(put.get(), 200U);
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(caller_.call("GET", "/v1/kv/k" + std::to_string(i) + "?raw").body, "v");
    }
}

TEST_F(GatewayTest, WritesGoOnWhenTheLeaderEnds) {
    for (int round = 0; round < 2; ++round) {
        ASSERT_EQ(caller_.call("PUT", "/v1/kv/k", std::to_string(round)).status, 200U);
        const uint32_t leader = tank_.cluster.await_leader();
        const std::size_t before = tank_.cluster.lines().size();
        EXPECT_TRUE(tank_.cluster.stop(leader).ok());
        EXPECT_EQ(caller_.call("GET", "/v1/kv/k?raw").body, std::to_string(round));
        tank_.cluster.restart(leader);
        EXPECT_TRUE(
            tank_.cluster.lines().await("[" + std::to_string(leader) + "] follows", before));
    }
}

TEST_F(GatewayTest, MembersAreListedRemovedAndAdded) {
    const json listed = json::parse(caller_.call("GET", "/v1/members").body);
    const uint32_t leader = listed["leader"];
    ASSERT_EQ(listed["members"].size(), 3U);
    const uint32_t other = leader % 3 + 1;
    const auto removed = caller_.post("/v1/members", "{\"remove\": " + std::to_string(other) + "}");
    ASSERT_EQ(removed.status, 200U) << removed.body;
    EXPECT_EQ(json::parse(caller_.call("GET", "/v1/members").body)["members"].size(), 2U);
    const auto again = caller_.post("/v1/members", "{\"remove\": " + std::to_string(other) + "}");
    EXPECT_EQ(again.status, 409U);
    EXPECT_THAT(again.error(), HasSubstr("is no member"));
    const auto added = caller_.post(
        "/v1/members", "{\"add\": " + std::to_string(other) + ", \"as\": \"learner\"}");
    ASSERT_EQ(added.status, 200U) << added.body;
    EXPECT_THAT(caller_.call("GET", "/v1/members").body, HasSubstr("\"role\":\"learner\""));
    EXPECT_THAT(caller_.post("/v1/members", R"({"add": 9})").error(), HasSubstr("has no server 9"));
}

TEST_F(GatewayTest, TheLeadershipIsTransferred) {
    const uint32_t leader = json::parse(caller_.call("GET", "/v1/members").body)["leader"];
    const uint32_t target = leader % 3 + 1;
    const std::size_t before = tank_.cluster.lines().size();
    const auto done = caller_.post("/v1/transfer", "{\"to\": " + std::to_string(target) + "}");
    ASSERT_EQ(done.status, 200U) << done.body;
    // It is done when the old leader has given way; the votes may still be on their way.
    EXPECT_TRUE(tank_.cluster.lines().await("[" + std::to_string(target) + "] leads term", before));
    EXPECT_EQ(json::parse(caller_.call("GET", "/v1/members").body)["leader"], target);
    EXPECT_EQ(caller_.post("/v1/transfer", "{\"to\": " + std::to_string(target) + "}").status,
              409U);
    EXPECT_EQ(caller_.post("/v1/transfer", "{\"to\": 9}").status, 400U);
}

TEST_F(GatewayTest, HealthOfAServerThatKnowsItsLeader) {
    auto health = caller_.call("GET", "/healthz");
    // A follower hears of its leader a little later than we do.
    while (health.status == 503) {
        ASSERT_THAT(health.error(), HasSubstr("it knows no leader"));
        health = caller_.call("GET", "/healthz");
    }
    ASSERT_EQ(health.status, 200U) << health.body;
    const json said = json::parse(health.body);
    EXPECT_EQ(said["status"], "ok");
    EXPECT_EQ(said["server"], 1);
    EXPECT_NE(said["leader"], nullptr);
}

// A cluster of one has applied what it has answered.
class LonelyGatewayTest : public testing::Test {
 protected:
    LonelyGatewayTest() { tank_.open(); }
    std::map<std::string, std::string> metrics() const {
        const auto said = tank_.caller().call("GET", "/metrics");
        EXPECT_EQ(said.status, 200U);
        EXPECT_EQ(said.field("Content-Type"), OpenMetricsText::kContentType);
        OpenMetricsReader reader;
        EXPECT_EQ(reader.read(said.body), "");
        return reader.samples();
    }
    GatewayCluster tank_{1};
};

TEST_F(LonelyGatewayTest, MetricsAreOpenMetricsAndCount) {
    HttpCaller caller = tank_.caller();
    ASSERT_EQ(caller.call("PUT", "/v1/kv/k", "v").status, 200U);
    ASSERT_EQ(caller.call("GET", "/v1/kv/none").status, 404U);
    const auto samples = metrics();
    EXPECT_EQ(samples.at("wavetank_up"), "1");
    EXPECT_EQ(samples.at("wavetank_loop_steps_total"), "22");
    EXPECT_EQ(samples.at(R"(wavetank_http_answers_total{status="200"})"), "1");
    EXPECT_EQ(samples.at(R"(wavetank_http_answers_total{status="404"})"), "1");
    EXPECT_EQ(samples.at("wavetank_http_connections_open"), "2");
    EXPECT_EQ(samples.at("wavetank_sessions"), "1");
    EXPECT_EQ(samples.at(R"(wavetank_raft_role{wavetank_raft_role="leader"})"), "1");
    EXPECT_EQ(samples.at(R"(wavetank_build_info{version="test"})"), "1");
}

TEST_F(LonelyGatewayTest, AnEndedGatewayHasClosedItsSessionAndItsConnections) {
    HttpCaller caller = tank_.caller();
    ASSERT_EQ(caller.call("PUT", "/v1/kv/k", "v").status, 200U);
    std::promise<void> ended;
    tank_.gateway->stop([&] { ended.set_value(); });
    ended.get_future().wait();
    EXPECT_TRUE(caller.closed());
    tank_.open();
    EXPECT_EQ(metrics().at("wavetank_sessions"), "0");
}

}  // namespace
}  // namespace wavetank
