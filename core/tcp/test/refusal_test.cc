// What a server does with those who do not speak its language: the connection ends, and its log
// says why. Everybody here is a plain socket that sends bytes.
#include <gtest/gtest.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "core/base/bytes.h"
#include "core/tcp/asio.h"
#include "core/tcp/test/loopback_cluster.h"
#include "core/wire/crc32c.h"
#include "core/wire/frame.h"

namespace wavetank {
namespace {

class RefusalTest : public testing::Test {
 protected:
    RefusalTest() {
        const Address& address = cluster_.addresses().at(ServerId(1));
        socket_.connect(tcp::endpoint(asio::ip::make_address(address.host), address.port));
    }
    static std::string handshake(Handshake as) {
        std::string bytes;
        append_frame(as, bytes);
        return bytes;
    }
    static std::string client() { return handshake({LoopbackCluster::kCluster, ServerId()}); }
    // Sends the bytes, and sees that the server says `why` and closes the connection.
    void expect_refused(const std::string& bytes, const std::string& why) {
        asio::write(socket_, asio::buffer(bytes));
        EXPECT_TRUE(cluster_.lines().await(why)) << why;
        boost::system::error_code error;
        std::string rest;
        asio::read(socket_, asio::dynamic_buffer(rest), error);
        EXPECT_TRUE(error == asio::error::eof || error == asio::error::connection_reset);
    }

    LoopbackCluster cluster_{1};
    asio::io_context io_;
    tcp::socket socket_{io_};
};

TEST_F(RefusalTest, SomebodyWhoSpeaksSomethingElse) {
    expect_refused("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "the connection from a stranger");
}

TEST_F(RefusalTest, AnotherCluster) {
    expect_refused(handshake({ClusterId(0xbad), ServerId()}), "is of cluster 0000000000000bad");
}

TEST_F(RefusalTest, AnUnknownServer) {
    expect_refused(handshake({LoopbackCluster::kCluster, ServerId(9)}),
                   "server 9 is none of this cluster");
}

TEST_F(RefusalTest, AServerOfOurOwnName) {
    expect_refused(handshake({LoopbackCluster::kCluster, ServerId(1)}), "it is server 1 as we are");
}

TEST_F(RefusalTest, ALaterVersion) {
    std::string frame = client();
    frame[kFrameHeaderBytes + 8] = 9;
    const uint32_t checksum = little_endian(crc32c(std::string_view(frame).substr(4)));
    std::memcpy(frame.data(), &checksum, sizeof checksum);
    expect_refused(frame, "the other side speaks version 9, not 1");
}

TEST_F(RefusalTest, ADamagedFrame) {
    std::string request;
    ASSERT_TRUE(append_frame(ClientRequest{.request = 1}, request).ok());
    request.back() = static_cast<char>(request.back() ^ 1);
    expect_refused(client() + request, "is damaged: its checksum is");
}

TEST_F(RefusalTest, AFrameThatIsTooLarge) {
    std::string request;
    ASSERT_TRUE(append_frame(ClientRequest{.request = 1}, request).ok());
    request.replace(4, 4, "\xff\xff\xff\xff");
    expect_refused(client() + request, "over the limit of");
}

TEST_F(RefusalTest, AClientThatTalksLikeAServer) {
    std::string message;
    ASSERT_TRUE(append_frame(Message{TimeoutNow{Term(1)}}, message).ok());
    expect_refused(client() + message, "a client sends something else than requests");
}

TEST_F(RefusalTest, AStreamThatIsCutOff) {
    std::string request;
    ASSERT_TRUE(append_frame(ClientRequest{.request = 1}, request).ok());
    asio::write(socket_, asio::buffer(client() + request.substr(0, request.size() - 1)));
    socket_.shutdown(tcp::socket::shutdown_send);
    EXPECT_TRUE(cluster_.lines().await("in the middle of a frame"));
}

TEST_F(RefusalTest, TheServerShowsItsOwnHandshakeFirst) {
    std::string bytes(handshake({}).size(), '\0');
    asio::read(socket_, asio::buffer(bytes));
    EXPECT_EQ(bytes, handshake({LoopbackCluster::kCluster, ServerId(1)}));
}

}  // namespace
}  // namespace wavetank
