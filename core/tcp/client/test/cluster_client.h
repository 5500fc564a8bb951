// A client of a cluster in this process, as the tests of this folder need it.
#pragma once

#include <gtest/gtest.h>

#include "core/client/session.h"
#include "core/env/administration.h"
#include "core/tcp/client/client_loop.h"
#include "core/tcp/test/loopback_cluster.h"

namespace wavetank {

class ClusterClientTest : public testing::Test {
 protected:
    // With certificates in `tls`, the cluster uses these.
    explicit ClusterClientTest(const std::string& tls = "") : cluster_(3, tls) {}

    std::unique_ptr<ClientLoop> client() {
        return ClientLoop::make({.cluster = LoopbackCluster::kCluster,
                                 .servers = cluster_.addresses(),
                                 .credentials = credentials_,
                                 .log = [](const std::string&) {}});
    }
    static ClientSession session(ClientLoop& loop, ClientLoop::Lane& lane, SharedSession& shared) {
        return ClientSession(lane, shared,
                             {.client = lane.id(),
                              .servers = loop.servers_from(0),
                              .request_timeout = seconds(1),
                              .operation_timeout = seconds(30)});
    }
    static bool put(ClientSession& session, const std::string& key, const std::string& value) {
        const KvCommand command{.function = KvFunction::Put, .key = key, .value = value};
        return session.call(false, encode(command)).has_value();
    }
    static std::string get(ClientSession& session, const std::string& key) {
        const auto reply =
            session.call(true, encode(KvCommand{.function = KvFunction::Get, .key = key}));
        const auto result = reply ? decode_kv_result(*reply) : std::nullopt;
        return result && result->ok ? result->value : "nothing";
    }
    // Puts keys `first` to `last`, each from a lane of its own; how many were acknowledged.
    uint32_t put_from_lanes(uint32_t first, uint32_t last) {
        auto loop = client();
        SharedSession shared;
        uint32_t acknowledged = 0;
        for (uint32_t i = first; i <= last; ++i) {
            loop->add([&, i](ClientLoop::Lane& lane) {
                ClientSession mine = session(*loop, lane, shared);
                acknowledged += put(mine, "k" + std::to_string(i), std::to_string(i)) ? 1U : 0U;
            });
        }
        loop->run();
        return acknowledged;
    }
    void expect_all_there(uint32_t last) {
        auto loop = client();
        SharedSession shared;
        loop->add([&](ClientLoop::Lane& lane) {
            ClientSession mine = session(*loop, lane, shared);
            for (uint32_t i = 1; i <= last; ++i) {
                EXPECT_EQ(get(mine, "k" + std::to_string(i)), std::to_string(i));
            }
        });
        loop->run();
    }
    std::optional<ClientReply> administer(RequestKind kind, const std::string& body) {
        auto loop = client();
        SharedSession shared;
        std::optional<ClientReply> reply;
        loop->add([&](ClientLoop::Lane& lane) {
            reply = session(*loop, lane, shared).administer(kind, body);
        });
        loop->run();
        return reply;
    }

    LoopbackCluster cluster_;
    std::shared_ptr<Credentials> credentials_;  // of the client
};

}  // namespace wavetank
