// What the gateway does not take: each is answered with the right status and a reason in JSON, or
// the connection ends; and what it does when the cluster does not answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/http/test/gateway_cluster.h"
#include "core/http/test/open_metrics_reader.h"

namespace wavetank {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// A cluster of one, whose gateway takes little.
class HttpRefusalTest : public testing::Test {
 protected:
    HttpRefusalTest() {
        tank_.setup.limits.body_bytes_max = 1000;
        tank_.setup.limits.header_bytes_max = 500;
        tank_.open();
    }
    void expect_refused(const HttpCaller::Said& said, unsigned status, const std::string& why) {
        EXPECT_EQ(said.status, status);
        EXPECT_THAT(said.error(), HasSubstr(why));
        EXPECT_EQ(said.field("Content-Type"), "application/json");
    }
    // Bytes on a connection of their own, which is closed after the answer.
    void expect_end(const std::string& bytes, unsigned status, const std::string& why) {
        HttpCaller caller = tank_.caller();
        caller.send(bytes);
        expect_refused(caller.hear(), status, why);
        EXPECT_TRUE(caller.closed());
    }

    GatewayCluster tank_{1};
};

TEST_F(HttpRefusalTest, WhatMeansNothing) {
    HttpCaller caller = tank_.caller();
    expect_refused(caller.call("GET", "/"), 404, "there is nothing at this path");
    expect_refused(caller.call("GET", "/v1/kv"), 404, "there is nothing at this path");
    expect_refused(caller.call("GET", "/v1/kv/"), 400, "the key is empty");
    expect_refused(caller.call("GET", "/v1/kv/%"), 400, "is no percent-encoding");
    expect_refused(caller.call("GET", "*"), 400, "must begin with a slash");
    expect_refused(caller.call("GET", "/v1/kv/k?rw"), 400, "a name that means nothing here");
    expect_refused(caller.call("GET", "/v1/kv/k?raw=1"), 400, "has no value");
    expect_refused(caller.call("GET", "/v1/kv/k?raw&raw"), 400, "twice");
    expect_refused(caller.call("GET", "/v1/kv/k?expected=1"), 400, "is for PUT");
    expect_refused(caller.call("PUT", "/v1/kv/k?raw", "v"), 400, "is for GET");
    expect_refused(caller.call("GET", "/metrics?x"), 400, "a name that means nothing here");
    expect_refused(caller.call("GET", "/v1/kv/k", "body"), 400, "a GET has no body");
    expect_refused(caller.call("DELETE", "/v1/kv/k", "body"), 400, "a DELETE has no body");
    expect_refused(caller.call("PUT", "/v1/kv/k", "v", {{"If-None-Match", "*"}}), 400,
                   "conditional requests are not supported");
}

TEST_F(HttpRefusalTest, MethodsThatAreNotAllowed) {
    HttpCaller caller = tank_.caller();
    const auto post = caller.call("POST", "/v1/kv/k", "v");
    expect_refused(post, 405, "POST is not possible here");
    EXPECT_EQ(post.field("Allow"), "GET, HEAD, PUT, DELETE");
    EXPECT_EQ(caller.call("DELETE", "/v1/members").field("Allow"), "GET, HEAD, POST");
    EXPECT_EQ(caller.call("GET", "/v1/transfer").field("Allow"), "POST");
    EXPECT_EQ(caller.call("PUT", "/healthz", "x").field("Allow"), "GET, HEAD");
    EXPECT_EQ(caller.call("POST", "/metrics", "x").status, 405U);
    EXPECT_EQ(caller.call("HE", "/metrics").status, 405U);
}

TEST_F(HttpRefusalTest, BodiesThatAreNoOrders) {
    HttpCaller caller = tank_.caller();
    expect_refused(caller.call("POST", "/v1/members", R"({"remove": 1})"), 415,
                   "Content-Type: application/json");
    expect_refused(caller.post("/v1/members", "{"), 400, "the body is no JSON");
    expect_refused(caller.post("/v1/members", "{}"), 400, "write {\"add\": ID}");
    expect_refused(caller.post("/v1/transfer", "[]"), 400, "no JSON object");
}

TEST_F(HttpRefusalTest, TooMuch) {
    const std::string head = "PUT /v1/kv/k HTTP/1.1\r\nHost: x\r\n";
    expect_end(head + "Content-Length: 1001\r\n\r\n", 413, "the body has more than 1000 bytes");
    expect_end(head + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x'), 413, "more than");
    expect_end(head + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') +
                   "\r\n0\r\n\r\n",
               413, "more than 1000 bytes");
    expect_end("GET /" + std::string(600, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", 431,
               "more than 500 bytes");
    expect_end(head + "X: " + std::string(600, 'x') + "\r\n\r\n", 431, "more than 500 bytes");
    HttpCaller caller = tank_.caller();
    EXPECT_EQ(caller.call("PUT", "/v1/kv/k", std::string(1000, 'x')).status, 200U);
}

TEST_F(HttpRefusalTest, WhatIsNoHttp) {
    expect_end("hello\r\n\r\n", 400, "this is no HTTP request");
    expect_end("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400, "this is no HTTP request");
    expect_end(std::string("\x16\x03\x01\x02\0\x01\0\r\n\r\n", 11), 400, "this is no HTTP request");
    expect_end("GET / HTTP/1.1\r\n\r\n", 400, "no field Host");
    expect_end("PUT /v1/kv/k HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400,
               "this is no HTTP request");
    expect_end("PUT /v1/kv/k HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nContent-Length: 1\r\n\r\n",
               417, "only 100-continue");
}

TEST_F(HttpRefusalTest, ContinueIsSaidBeforeTheBody) {
    HttpCaller caller = tank_.caller();
    caller.send(
        "PUT /v1/kv/k HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        "Content-Length: 2\r\n\r\n");
    EXPECT_EQ(caller.hear(true).status, 100U);
    caller.send("ab");
    EXPECT_EQ(caller.hear().status, 200U);
    EXPECT_EQ(caller.call("GET", "/v1/kv/k?raw").body, "ab");
}

TEST_F(HttpRefusalTest, AnOldClientIsServedOnce) {
    HttpCaller caller = tank_.caller();
    caller.send("PUT /v1/kv/k HTTP/1.0\r\nContent-Length: 1\r\n\r\nv");
    EXPECT_EQ(caller.hear().status, 200U);
    EXPECT_TRUE(caller.closed());
}

// --- Limits of time and number ---

TEST(HttpLimitsTest, AConnectionThatSaysNothingEnds) {
    GatewayCluster tank(1);
    tank.setup.limits.idle_timeout = milliseconds(50);
    tank.open();
    HttpCaller silent = tank.caller();
    HttpCaller slow = tank.caller();
    slow.send("GET /v1/kv/k HTTP/1.1\r\nHos");
    EXPECT_TRUE(silent.closed());
    EXPECT_TRUE(slow.closed());
}

TEST(HttpLimitsTest, ABodyThatDoesNotComeIsToldSo) {
    GatewayCluster tank(1);
    tank.setup.limits.request_timeout = milliseconds(50);
    tank.open();
    HttpCaller caller = tank.caller();
    caller.send("PUT /v1/kv/k HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nv");
    const auto said = caller.hear();
    EXPECT_EQ(said.status, 408U);
    EXPECT_EQ(said.error(), "the request's body did not come within 50ms");
    EXPECT_TRUE(caller.closed());
}

TEST(HttpLimitsTest, TooManyConnections) {
    GatewayCluster tank(1);
    tank.setup.limits.connections_max = 2;
    tank.open();
    HttpCaller first = tank.caller();
    HttpCaller second = tank.caller();
    EXPECT_EQ(first.call("PUT", "/v1/kv/k", "v").status, 200U);
    EXPECT_EQ(second.call("PUT", "/v1/kv/k", "v").status, 200U);
    HttpCaller third = tank.caller();
    const auto said = third.hear();
    EXPECT_EQ(said.status, 503U);
    EXPECT_EQ(said.error(), "too many connections");
    EXPECT_EQ(said.field("Retry-After"), "1");
    EXPECT_TRUE(third.closed());
}

// --- A cluster without majority ---

// Server 1 has the gateway; it alone is left of three.
class MinorityTest : public testing::Test {
 protected:
    MinorityTest() {
        tank_.setup.lanes.operation_timeout = milliseconds(300);
        tank_.setup.lanes.request_timeout = milliseconds(300);
        tank_.setup.lanes.data = 2;
    }
    void lose_majority() {
        EXPECT_TRUE(tank_.cluster.stop(2).ok());
        EXPECT_TRUE(tank_.cluster.stop(3).ok());
    }
    GatewayCluster tank_{3};
};

TEST_F(MinorityTest, NothingWasDoneIsSaidOnlyIfItIsTrue) {
    EXPECT_NE(tank_.cluster.await_leader(), 0U);
    lose_majority();
    tank_.open();
    HttpCaller caller = tank_.caller();
    // No session can be opened: nothing was asked.
    const auto put = caller.call("PUT", "/v1/kv/k", "v");
    EXPECT_EQ(put.status, 503U);
    EXPECT_THAT(put.error(), HasSubstr("Nothing was done"));
    EXPECT_EQ(put.field("Retry-After"), "1");
    const auto get = caller.call("GET", "/v1/kv/k");
    EXPECT_EQ(get.status, 503U);
    EXPECT_THAT(get.error(), HasSubstr("is there a majority?"));
}

TEST_F(MinorityTest, AnUnknownOutcomeIsToldAsSuch) {
    // Enough for a busy machine to answer the first write, which opens the session.
    tank_.setup.lanes.operation_timeout = seconds(3);
    tank_.open();
    HttpCaller caller = tank_.caller();
    EXPECT_NE(tank_.cluster.await_leader(), 0U);
    ASSERT_EQ(caller.call("PUT", "/v1/kv/k", "v").status, 200U);
    lose_majority();
    const auto put = caller.call("PUT", "/v1/kv/k", "w");
    EXPECT_EQ(put.status, 504U);
    EXPECT_THAT(put.error(), HasSubstr("the outcome is unknown"));
    EXPECT_THAT(put.error(), HasSubstr("it may have taken effect, or may still do so"));
}

TEST_F(MinorityTest, HealthAndMetricsGoOn) {
    EXPECT_NE(tank_.cluster.await_leader(), 0U);
    const std::size_t before = tank_.cluster.lines().size();
    lose_majority();
    tank_.setup.lanes.request_timeout = seconds(2);
    tank_.open();
    // Whatever it was, it hears nobody now.
    EXPECT_TRUE(tank_.cluster.lines().await("[1] ", before));
    HttpCaller caller = tank_.caller();
    auto health = caller.call("GET", "/healthz");
    // A follower believes in its leader until an election timeout has passed.
    while (health.status == 200) health = caller.call("GET", "/healthz");
    EXPECT_EQ(health.status, 503U);
    EXPECT_THAT(health.error(), HasSubstr("it knows no leader"));
    EXPECT_EQ(json::parse(health.body)["status"], "unavailable");
    EXPECT_EQ(caller.call("GET", "/v1/members").status, 503U);
    OpenMetricsReader reader;
    ASSERT_EQ(reader.read(caller.call("GET", "/metrics").body), "");
    EXPECT_EQ(reader.samples().at("wavetank_raft_leader_id"), "0");
}

TEST_F(MinorityTest, ADeadServerIsTold) {
    EXPECT_NE(tank_.cluster.await_leader(), 0U);
    EXPECT_TRUE(tank_.cluster.stop(1).ok());
    tank_.open();
    HttpCaller caller = tank_.caller();
    const auto health = caller.call("GET", "/healthz");
    EXPECT_EQ(health.status, 503U);
    EXPECT_THAT(health.error(), HasSubstr("server 1 does not answer"));
    OpenMetricsReader reader;
    ASSERT_EQ(reader.read(caller.call("GET", "/metrics").body), "");
    EXPECT_EQ(reader.samples().at("wavetank_up"), "0");
}

TEST_F(MinorityTest, MoreRequestsThanLanesAreRefusedAtOnce) {
    EXPECT_NE(tank_.cluster.await_leader(), 0U);
    lose_majority();
    tank_.setup.lanes.operation_timeout = seconds(60);
    tank_.setup.drain_timeout = milliseconds(20);
    tank_.open();
    HttpCaller first = tank_.caller();
    HttpCaller second = tank_.caller();
    HttpCaller third = tank_.caller();
    first.send("PUT /v1/kv/k HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    second.send("PUT /v1/kv/k HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    // Its own figures say when both are in progress, besides this request for them.
    const std::string series = "wavetank_http_requests_in_progress";
    for (std::string now; now != "3";) {
        OpenMetricsReader reader;
        ASSERT_EQ(reader.read(third.call("GET", "/metrics").body), "");
        now = reader.samples().at(series);
    }
    const auto refused = third.call("PUT", "/v1/kv/k", "v");
    EXPECT_EQ(refused.status, 503U);
    EXPECT_THAT(refused.error(), HasSubstr("too many requests are in progress"));
    EXPECT_EQ(refused.field("Retry-After"), "1");
    // Stopping does not wait for them.
    tank_.gateway.reset();
    EXPECT_TRUE(first.closed());
    EXPECT_TRUE(second.closed());
}

}  // namespace
}  // namespace wavetank
