// Only the other side of the same version and cluster is welcome.
#include "core/wire/handshake.h"

#include <gtest/gtest.h>

#include "core/base/bytes.h"

namespace wavetank {
namespace {

constexpr ClusterId kCluster{0xabcdef};
constexpr Expected kAnybody{.cluster = kCluster, .server = std::nullopt, .ourselves = ServerId(1)};

std::string handshake_of(uint32_t server, ClusterId cluster = kCluster) {
    std::string bytes;
    encode(Handshake{cluster, ServerId(server)}, bytes);
    return bytes;
}

// Why it is refused; empty if it is not.
std::string refusal_of(std::string_view bytes, const Expected& expected = kAnybody) {
    const Result<Handshake> handshake = decode_handshake(bytes, expected);
    return handshake.ok() ? "" : handshake.error().message;
}

TEST(Handshake, OfServersAndClientsComesBackEqual) {
    const Handshake server{kCluster, ServerId(UINT32_MAX)};
    EXPECT_EQ(decode_handshake(handshake_of(UINT32_MAX), kAnybody).value(), server);
    const Handshake client{kCluster, ServerId()};
    EXPECT_EQ(decode_handshake(handshake_of(0), kAnybody).value(), client);
}

TEST(Handshake, RefusesOtherProgramsAndVersions) {
    EXPECT_EQ(refusal_of("SSH-2.0-OpenSSH_9.2p1"), "the other side does not speak Wavetank");
    EXPECT_EQ(refusal_of(""), "the other side does not speak Wavetank");
    EXPECT_EQ(refusal_of("WAVETANK"), "the handshake is cut off before its version");
    // A later version may look different behind its version.
    Encoder later;
    later.rest("WAVETANK").u32(2).rest("whatever it may be");
    EXPECT_EQ(refusal_of(later.view()),
              "the other side speaks version 2, not 1: use the same release");
    EXPECT_EQ(refusal_of(handshake_of(2) + "x"),
              "the handshake has 25 bytes, which version 1 never has");
    EXPECT_EQ(refusal_of(std::string_view(handshake_of(2)).substr(0, 20)),
              "the handshake has 20 bytes, which version 1 never has");
}

TEST(Handshake, RefusesOtherClustersAndServers) {
    EXPECT_EQ(refusal_of(handshake_of(2)), "");
    EXPECT_EQ(refusal_of(handshake_of(2, ClusterId(0xabcdee))),
              "server 2 is of cluster 0000000000abcdee, not 0000000000abcdef: see the addresses");
    const Expected third{.cluster = kCluster, .server = ServerId(3), .ourselves = ServerId(1)};
    EXPECT_EQ(refusal_of(handshake_of(3), third), "");
    EXPECT_EQ(refusal_of(handshake_of(2), third),
              "server 2 is at the address of server 3: see the addresses");
    EXPECT_EQ(refusal_of(handshake_of(1)), "the other side says that it is server 1 as we are");
    const Expected by_client{.cluster = kCluster, .server = ServerId(3), .ourselves = ServerId()};
    EXPECT_EQ(refusal_of(handshake_of(0), by_client),
              "server 0 is at the address of server 3: see the addresses");
}

}  // namespace
}  // namespace wavetank
