// The description of a real cluster: what it means, and what is said of its mistakes.
#include "scenarios/deployment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace wavetank {
namespace {

using testing::HasSubstr;

Deployment good(const std::string& text) {
    auto parsed = parse_deployment(text, "f");
    if (auto* deployment = std::get_if<Deployment>(&parsed)) return *deployment;
    ADD_FAILURE() << to_string(std::get<std::vector<ScenarioError>>(parsed));
    return {};
}

std::string mistakes(const std::string& text) {
    auto parsed = parse_deployment(text, "f");
    if (std::holds_alternative<Deployment>(parsed)) return "none";
    return to_string(std::get<std::vector<ScenarioError>>(parsed));
}

constexpr const char* kThree = R"(cluster: 4711
servers { id: 1 host: "10.0.0.1" port: 7001 }
servers { id: 2 host: "10.0.0.2" port: 7002 priority: 1 }
servers { id: 3 host: "10.0.0.3" port: 7003 role: WITNESS }
servers { id: 4 host: "10.0.0.4" port: 7004 role: LEARNER }
servers { id: 5 host: "10.0.0.5" port: 7005 role: SPARE }
options { heartbeat_interval: "50ms" }
sessions { replies_max: 8 }
page_bytes: 16384
)";

TEST(Deployment, IsWhatTheFileSays) {
    const Deployment deployment = good(kThree);
    EXPECT_EQ(deployment.cluster, 4711U);
    EXPECT_EQ(deployment.servers.size(), 5U);
    EXPECT_EQ(deployment.find(ServerId(2))->host, "10.0.0.2");
    EXPECT_EQ(deployment.find(ServerId(2))->port, 7002);
    EXPECT_EQ(deployment.find(ServerId(6)), nullptr);
    EXPECT_EQ(deployment.configuration().to_string(), "{1,2,3} learners {4} witnesses {3}");
    EXPECT_EQ(deployment.sessions.replies_max, 8U);
    EXPECT_EQ(deployment.page_bytes, 16384U);
}

TEST(Deployment, EachServerHasItsOwnOptions) {
    const Deployment deployment = good(kThree);
    EXPECT_EQ(deployment.options_of(ServerId(1)).heartbeat_interval, milliseconds(50));
    EXPECT_EQ(deployment.options_of(ServerId(1)).priority, Options::kPriorityMax);
    EXPECT_EQ(deployment.options_of(ServerId(2)).priority, 1U);
    EXPECT_FALSE(deployment.options_of(ServerId(2)).witness);
    EXPECT_TRUE(deployment.options_of(ServerId(3)).witness);
}

TEST(Deployment, DefaultsAreForRealDisksAndNetworks) {
    const Deployment deployment =
        good("cluster: 1 servers { id: 1 host: \"localhost\" port: 7001 }");
    EXPECT_EQ(deployment.options, Deployment::defaults());
    EXPECT_GT(deployment.options.snapshot_entries, 0U);
    EXPECT_GT(deployment.options.log_memory_entries, 0U);
}

TEST(Deployment, WhatIsPrintedIsReadAgain) {
    Deployment deployment;
    deployment.cluster = 9;
    deployment.page_bytes = 8192;
    deployment.tls = "certificates";
    deployment.servers = {{ServerId(1), "127.0.0.1", 7001},
                          {ServerId(2), "::1", 7002, DeployedRole::Learner, 0, 7102}};
    const Deployment again = good(print_deployment(deployment));
    EXPECT_EQ(again.cluster, 9U);
    EXPECT_EQ(again.page_bytes, 8192U);
    EXPECT_EQ(again.tls, "certificates");
    ASSERT_EQ(again.servers.size(), 2U);
    EXPECT_EQ(again.servers[1].host, "::1");
    EXPECT_EQ(again.servers[1].role, DeployedRole::Learner);
    EXPECT_EQ(again.servers[1].priority, 0U);
    EXPECT_EQ(again.servers[0].http_port, 0);
    EXPECT_EQ(again.servers[1].http_port, 7102);
}

TEST(Deployment, CertificatesAreBesideTheFile) {
    const std::string folder = testing::TempDir() + "/deployment_test";
    std::filesystem::create_directories(folder);
    const auto tls_of = [&](const std::string& tls) {
        std::ofstream(folder + "/cluster.textproto")
            << "cluster: 1 servers { id: 1 host: \"a\" port: 1 }" << tls;
        const Result<Deployment> deployment = load_deployment(folder + "/cluster.textproto");
        return deployment.ok() ? deployment.value().tls : deployment.error().message;
    };
    EXPECT_EQ(tls_of(""), "");
    EXPECT_EQ(tls_of(" tls: \"x/y\""), folder + "/x/y");
    EXPECT_EQ(tls_of(" tls: \"/x/y\""), "/x/y");
    EXPECT_THAT(tls_of(" tls: \"\""), HasSubstr(":1:48: error: tls is empty"));
    std::filesystem::remove_all(folder);
}

TEST(Deployment, EveryMistakeHasItsPlace) {
    const std::string told = mistakes(R"(cluster: 0
servers { id: 1 host: "a" port: 70000 }
servers { id: 1 host: "" port: 7002 }
servers { host: "b" prot: 7003 }
page_bytes: 5000
servers { id: 3 host: "c" port: 7003 http_port: 7003 }
servers { id: 4 host: "d" port: 7004 http_port: 0 }
)");
    EXPECT_THAT(told, HasSubstr("f:1:1: error: cluster is 0; it must be at least 1"));
    EXPECT_THAT(told, HasSubstr("f:2:27: error: port is 70000; it must be from 1 to 65535"));
    EXPECT_THAT(told, HasSubstr("f:3:11: error: there is a server 1 already"));
    EXPECT_THAT(told, HasSubstr("f:3:17: error: host is empty"));
    EXPECT_THAT(told, HasSubstr("f:4:21: error: unknown field \"prot\" in servers; did you mean "
                                "\"port\"?"));
    EXPECT_THAT(told, HasSubstr("f:5:1: error: page_bytes is a power of two"));
    EXPECT_THAT(told, HasSubstr("f:6:38: error: http_port is that of the server itself"));
    EXPECT_THAT(told, HasSubstr("f:7:38: error: http_port is 0; it must be from 1 to 65535"));
}

TEST(Deployment, WhatCannotWorkIsRefused) {
    EXPECT_THAT(mistakes("cluster: 1"), HasSubstr("the cluster has no servers"));
    EXPECT_THAT(mistakes("servers { id: 1 host: \"a\" port: 1 }"),
                HasSubstr("the cluster needs \"cluster\"; add for example cluster: 4711"));
    EXPECT_THAT(mistakes("cluster: 1 servers { id: 1 host: \"a\" port: 1 role: LEARNER }"),
                HasSubstr("these servers make no cluster: "));
    EXPECT_THAT(
        mistakes("cluster: 1 servers { id: 1 host: \"a\" port: 1 } options { "
                 "heartbeat_interval: \"1h\" }"),
        HasSubstr("f:1:58: error: election_timeout_min is 600ms (the default), not longer"));
    EXPECT_THAT(mistakes("cluster: 1 servers {"), HasSubstr("f:1:"));
}

}  // namespace
}  // namespace wavetank
