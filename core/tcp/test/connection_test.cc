// Two connections in one loop, plain and in TLS: what is sent arrives, whole and in order, also
// when the kernel is full for a while.
#include "core/tcp/connection.h"

#include <gtest/gtest.h>

#include "core/tcp/asio.h"
#include "core/tls/test/test_authority.h"
#include "core/wire/client_codec.h"
#include "core/wire/frame.h"

namespace wavetank {
namespace {

// Notes all that happens to a connection.
class Witness final : public Connection::User {
 public:
    std::optional<Error> on_frame(const Frame& frame) override {
        if (frame.kind != FrameKind::ClientReply) return std::nullopt;
        const Result<ClientReply> reply = decode_reply(frame.buffer, frame.body);
        if (!reply.ok()) return reply.error();
        bodies.push_back(reply.value().body);
        return std::nullopt;
    }
    void on_room() override { ++rooms; }
    void on_end(const std::string& why) override { ended = why; }

    std::vector<std::string> bodies;
    int rooms = 0;
    std::string ended;
};

class ConnectionTest : public testing::TestWithParam<bool> {
 protected:
    ConnectionTest() {
        tcp::acceptor acceptor(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        tcp::socket calling(io_);
        calling.connect(acceptor.local_endpoint());
        tcp::socket called = acceptor.accept();
        // Small, so that the kernel is full soon.
        calling.set_option(tcp::socket::send_buffer_size(16 << 10));
        called.set_option(tcp::socket::receive_buffer_size(16 << 10));
        std::unique_ptr<TlsChannel> one;
        std::unique_ptr<TlsChannel> other;
        if (GetParam()) {
            one = authority().credentials("x")->channel(TlsChannel::Side::Calls);
            other = authority().credentials("server-1")->channel(TlsChannel::Side::IsCalled);
        }
        caller_ = Connection::make(Stream(std::move(calling), std::move(one)), at_caller_);
        called_ = Connection::make(Stream(std::move(called), std::move(other)), at_called_);
        for (const auto& each : {caller_, called_}) append_frame(Handshake{}, each->out());
    }
    ~ConnectionTest() override {
        caller_->close();
        called_->close();
        io_.poll();
    }
    static const TestAuthority& authority() {
        static const TestAuthority made("--cluster 1 --server 1 --client x=read");
        return made;
    }
    static void say(Connection& connection, const std::string& body) {
        ASSERT_TRUE(append_frame(ClientReply{.body = body}, connection.out()).ok());
    }
    void start() {
        caller_->flush();
        called_->flush();
        caller_->start();
        called_->start();
    }

    asio::io_context io_;
    Witness at_caller_;
    Witness at_called_;
    std::shared_ptr<Connection> caller_;
    std::shared_ptr<Connection> called_;
};

TEST_P(ConnectionTest, WhatIsSaidArrivesInOrder) {
    start();
    std::vector<std::string> said;
    for (const std::size_t size : {0U, 1U, 100U, 16'384U, 100'000U}) {
        said.emplace_back(size, static_cast<char>('a' + said.size()));
        say(*caller_, said.back());
        caller_->flush();
        say(*called_, said.back());
    }
    called_->flush();
    while (at_called_.bodies.size() < said.size() || at_caller_.bodies.size() < said.size()) {
        ASSERT_EQ(at_called_.ended + at_caller_.ended, "");
        io_.run_one();
    }
    EXPECT_EQ(at_called_.bodies, said);
    EXPECT_EQ(at_caller_.bodies, said);
}

TEST_P(ConnectionTest, AFullKernelIsWaitedFor) {
    start();
    say(*called_, "ready");
    called_->flush();
    while (at_caller_.bodies.empty()) io_.run_one();
    // Nobody reads while this is said, so most of it has to stay.
    std::vector<std::string> said;
    for (int i = 0; i < 40; ++i) {
        said.emplace_back(500'000, static_cast<char>('a' + i % 26));
        say(*caller_, said.back());
        caller_->flush();
    }
    EXPECT_TRUE(caller_->stuck());
    EXPECT_GT(caller_->unsent(), 1'000'000U);
    while (at_called_.bodies.size() < said.size()) {
        ASSERT_EQ(at_called_.ended + at_caller_.ended, "");
        io_.run_one();
    }
    EXPECT_TRUE(at_called_.bodies == said);
    while (at_caller_.rooms == 0) io_.run_one();
    EXPECT_EQ(caller_->unsent(), 0U);
    EXPECT_FALSE(caller_->stuck());
}

TEST_P(ConnectionTest, WhoClosesIsSeenToHaveClosed) {
    start();
    say(*called_, "ready");
    called_->flush();
    while (at_caller_.bodies.empty()) io_.run_one();
    say(*caller_, "the last word");
    caller_->close();
    while (at_called_.ended.empty()) io_.run_one();
    EXPECT_EQ(at_called_.ended, kClosedByOther);
    EXPECT_EQ(at_called_.bodies, std::vector<std::string>{"the last word"});
    EXPECT_EQ(at_caller_.ended, "");
}

INSTANTIATE_TEST_SUITE_P(Plain, ConnectionTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Tls, ConnectionTest, testing::Values(true));

}  // namespace
}  // namespace wavetank
