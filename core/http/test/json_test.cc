// What the gateway writes as JSON is read again; what it reads is judged field by field.
#include "core/http/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/http/base64.h"

namespace wavetank {
namespace {

using nlohmann::json;

std::string why_not(std::string_view body) {
    const auto order = parse_members_order(body);
    return order.ok() ? "" : order.error().message;
}

TEST(Base64Test, TheVectorsOfTheRfc) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(JsonTest, TextStaysTextAndBytesAreBase64) {
    const json text = json::parse(value_json("k\xc3\xa9y", "a\"b\\c\n\xef\xbf\xbd"));
    EXPECT_EQ(text, json({{"key", "k\xc3\xa9y"}, {"value", "a\"b\\c\n\xef\xbf\xbd"}}));
    const json bytes = json::parse(value_json("\xff", std::string_view("\0\x80", 2)));
    EXPECT_EQ(bytes, json({{"key_base64", "/w=="}, {"value_base64", "AIA="}}));
}

TEST(JsonTest, ARefusalIsJsonWhateverItSays) {
    const HttpAnswer answer = refusal(400, "\"\xff\"\n");
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(json::parse(answer.body)["error"], "\"\xef\xbf\xbd\"\n");
}

TEST(JsonTest, OrdersForMembers) {
    const auto added = parse_members_order(R"({"add": 4, "as": "learner"})");
    ASSERT_TRUE(added.ok());
    EXPECT_TRUE(added.value().add);
    EXPECT_EQ(added.value().server, ServerId(4));
    EXPECT_EQ(added.value().as, MemberRole::Learner);
    const auto removed = parse_members_order(R"({"remove": 4294967295})");
    ASSERT_TRUE(removed.ok());
    EXPECT_FALSE(removed.value().add);
    EXPECT_EQ(removed.value().server, ServerId(4294967295));
}

TEST(JsonTest, OrdersThatAreRefused) {
    EXPECT_EQ(why_not(""), "the body is no JSON");
    EXPECT_EQ(why_not("{\"add\": 1"), "the body is no JSON");
    EXPECT_EQ(why_not(R"({"add": 1e999})"), "the body is no JSON");
    EXPECT_EQ(why_not("[1]"), "the body is no JSON object");
    EXPECT_EQ(why_not(std::string(100'000, '[')), "the body is no JSON");
    EXPECT_EQ(why_not("{}"), R"(write {"add": ID}, or {"remove": ID})");
    EXPECT_EQ(why_not(R"({"as": "voter"})"), R"(write {"add": ID}, or {"remove": ID})");
    EXPECT_EQ(why_not(R"({"add": 1, "remove": 2})"), R"(one server at a time: "add" or "remove")");
    for (const char* id : {"0", "-1", "1.5", "\"1\"", "null", "4294967296", "[1]"}) {
        EXPECT_EQ(why_not(std::string(R"({"add": )") + id + "}"),
                  R"("add" must be a server's id: a number from 1 on)");
    }
    EXPECT_EQ(why_not(R"({"add": 1, "as": "king"})"),
              R"("as" must be "voter", "learner" or "witness")");
    EXPECT_EQ(why_not(R"({"add": 1, "as": 7})"), R"("as" must be "voter", "learner" or "witness")");
    EXPECT_EQ(why_not(R"({"remove": 1, "as": "voter"})"), R"("as" belongs to "add")");
    EXPECT_EQ(why_not(R"({"add": 1, "force": true})"),
              R"(the body has a field that is none of "add", "remove" and "as")");
}

TEST(JsonTest, OrdersForATransfer) {
    EXPECT_EQ(parse_transfer_order("{}").value().target, ServerId());
    EXPECT_EQ(parse_transfer_order(R"({"to": 2})").value().target, ServerId(2));
    EXPECT_FALSE(parse_transfer_order(R"({"to": 0})").ok());
    EXPECT_FALSE(parse_transfer_order(R"({"target": 2})").ok());
    EXPECT_FALSE(parse_transfer_order("2").ok());
}

TEST(JsonTest, Members) {
    ServerStatus leader{.server = ServerId(1), .role = Role::Leader, .term = Term(3)};
    leader.durable = LogIndex(9);
    leader.configuration = Configuration({.voters = {ServerId(1), ServerId(2)},
                                          .learners = {ServerId(4)},
                                          .witnesses = {ServerId(2)}});
    leader.peers = {{ServerId(2), LogIndex(8), ProgressState::Replicate},
                    {ServerId(4), LogIndex(5), ProgressState::Snapshot}};
    const json said =
        json::parse(members_json(leader, {{ServerId(1), {"h", 1}}, {ServerId(2), {"h", 2}}}));
    EXPECT_EQ(said["leader"], 1);
    EXPECT_EQ(said["term"], 3);
    EXPECT_EQ(said["joint"], false);
    ASSERT_EQ(said["members"].size(), 3U);
    EXPECT_EQ(
        said["members"][0],
        json({{"id", 1}, {"role", "voter"}, {"address", "h:1"}, {"leads", true}, {"match", 9}}));
    EXPECT_EQ(said["members"][1], json({{"id", 2},
                                        {"role", "witness"},
                                        {"address", "h:2"},
                                        {"leads", false},
                                        {"match", 8},
                                        {"state", "replicate"}}));
    EXPECT_EQ(said["members"][2]["address"], nullptr);
    EXPECT_EQ(said["members"][2]["state"], "snapshot");
}

}  // namespace
}  // namespace wavetank
