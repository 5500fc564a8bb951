// The relay carries bytes, and cuts links in the ways it says, over real sockets.
#include "tools/relay/relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "core/base/check.h"
#include "tools/relay/control.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

const Link kForth{ServerId(1), ServerId(2)};
const Link kBack{ServerId(2), ServerId(1)};

// A blocking TCP socket of the loopback; reading gives up after 20 s.
class Socket {
 public:
    explicit Socket(int number) : number_(number) {
        const timeval patience{.tv_sec = 20, .tv_usec = 0};
        ::setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Socket& operator=(Socket&&) = delete;
    ~Socket() { close(); }
    void close() {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }
    static Socket listener() {
        Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in place = loopback(0);
        CHECK(::bind(socket.number_, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0);
        CHECK(::listen(socket.number_, 8) == 0);
        return socket;
    }
    static Socket connected(uint16_t port) {
        Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in place = loopback(port);
        CHECK(::connect(socket.number_, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0);
        return socket;
    }
    Socket accept() const { return Socket(::accept(number_, nullptr, nullptr)); }
    uint16_t port() const {
        sockaddr_in place{};
        socklen_t size = sizeof place;
        CHECK(::getsockname(number_, reinterpret_cast<sockaddr*>(&place), &size) == 0);
        return ntohs(place.sin_port);
    }
    void say(const std::string& words) const {
        CHECK(::send(number_, words.data(), words.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(words.size()));
    }
    // So many bytes; less only if the connection ends before.
    std::string hear(std::size_t count) const {
        std::string words(count, '\0');
        std::size_t got = 0;
        while (got < count) {
            const ssize_t more = ::recv(number_, words.data() + got, count - got, 0);
            CHECK(more >= 0 || errno == ECONNRESET);  // or it has taken too long
            if (more <= 0) break;
            got += static_cast<std::size_t>(more);
        }
        words.resize(got);
        return words;
    }
    bool nothing_to_hear() const {
        char byte = 0;
        return ::recv(number_, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }
    // How much is taken if nobody reads.
    std::size_t fill() const {
        const std::string piece(1 << 16, 'x');
        std::size_t sum = 0;
        const timeval patience{.tv_sec = 0, .tv_usec = 300'000};
        ::setsockopt(number_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        for (;;) {
            const ssize_t count = ::send(number_, piece.data(), piece.size(), MSG_NOSIGNAL);
            if (count < 0) return sum;
            sum += static_cast<std::size_t>(count);
        }
    }

 private:
    static sockaddr_in loopback(uint16_t port) {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        place.sin_port = htons(port);
        return place;
    }
    int number_;
};

class RelayTest : public testing::Test {
 protected:
    RelayTest() {
        std::string pattern = testing::TempDir() + "/relay_test_XXXXXX";
        CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        {
            const Socket any = Socket::listener();
            port_ = any.port();
        }
        auto relay = Relay::make({.routes = {{.link = kForth,
                                              .listen = {"127.0.0.1", port_},
                                              .target = {"127.0.0.1", server_.port()}}},
                                  .control = control()});
        CHECK(relay.ok());
        relay_ = std::move(relay.value());
        thread_ = std::thread([this] { relay_->run(); });
    }
    void TearDown() override {
        relay_->stop();
        thread_.join();
        std::filesystem::remove_all(folder_);
    }
    std::string control() const { return folder_ + "/relay.sock"; }
    void tell(const std::string& order, const Cuts& cuts) {
        const Result<Cuts> now = tell_relay(control(), order, cuts);
        ASSERT_TRUE(now.ok()) << now.error().message;
    }

    Socket server_ = Socket::listener();
    std::string folder_;
    uint16_t port_ = 0;
    std::unique_ptr<Relay> relay_;
    std::thread thread_;
};

TEST_F(RelayTest, CarriesBothWays) {
    const Socket one = Socket::connected(port_);
    const Socket two = server_.accept();
    one.say("ping");
    EXPECT_EQ(two.hear(4), "ping");
    two.say("pong");
    EXPECT_EQ(one.hear(4), "pong");
}

TEST_F(RelayTest, AnEndIsPassedOn) {
    std::optional<Socket> one = Socket::connected(port_);
    const Socket two = server_.accept();
    one->say("last");
    one.reset();
    EXPECT_EQ(two.hear(5), "last");
}

TEST_F(RelayTest, NobodyThereIsAnEnd) {
    server_.close();
    EXPECT_EQ(Socket::connected(port_).hear(1), "");
}

TEST_F(RelayTest, DroppedBytesAreGoneAndTheOtherDirectionLives) {
    const Socket one = Socket::connected(port_);
    const Socket two = server_.accept();
    one.say("seen");
    EXPECT_EQ(two.hear(4), "seen");
    tell(kOrderCut, {{kForth, Cut::Drop}});
    one.say("gone");
    two.say("pong");
    EXPECT_EQ(one.hear(4), "pong");
    EXPECT_TRUE(two.nothing_to_hear());
    tell(kOrderHeal, {});
    EXPECT_EQ(two.hear(1), "") << "a stream with a gap must end, not go on";
    EXPECT_EQ(one.hear(1), "");
    const Socket again = Socket::connected(port_);
    again.say("back");
    EXPECT_EQ(server_.accept().hear(4), "back");
}

TEST_F(RelayTest, StalledBytesArriveLate) {
    const Socket one = Socket::connected(port_);
    const Socket two = server_.accept();
    tell(kOrderCut, {{kBack, Cut::Stall}});
    two.say("late");
    one.say("ping");
    EXPECT_EQ(two.hear(4), "ping");
    EXPECT_TRUE(one.nothing_to_hear());
    tell(kOrderHeal, {});
    EXPECT_EQ(one.hear(4), "late");
}

TEST_F(RelayTest, AResetEndsConnectionsAndRefusesNewOnes) {
    const Socket one = Socket::connected(port_);
    const Socket two = server_.accept();
    tell(kOrderCut, {{kForth, Cut::Reset}});
    EXPECT_EQ(one.hear(1), "");
    EXPECT_EQ(two.hear(1), "");
    EXPECT_EQ(Socket::connected(port_).hear(1), "");
    tell(kOrderHeal, {{kBack, Cut::Reset}});
    EXPECT_EQ(Socket::connected(port_).hear(1), "");
}

TEST_F(RelayTest, ASlowReceiverSlowsTheSenderDown) {
    const Socket one = Socket::connected(port_);
    const Socket two = server_.accept();
    const std::size_t taken = one.fill();
    EXPECT_LT(taken, std::size_t{64} << 20);
    EXPECT_EQ(two.hear(taken).size(), taken);
}

TEST_F(RelayTest, OrdersAddUpUntilTheyAreHealed) {
    tell(kOrderCut, {{kForth, Cut::Drop}});
    tell(kOrderCut, {{kBack, Cut::Stall}});
    const Cuts both = {{kForth, Cut::Drop}, {kBack, Cut::Stall}};
    EXPECT_EQ(tell_relay(control(), kOrderShow, {}).value(), both);
    tell(kOrderHeal, {{kBack, Cut::Reset}});
    EXPECT_EQ(to_string(tell_relay(control(), kOrderShow, {}).value()), "2 1 reset\n");
    EXPECT_THAT(tell_relay(control(), "dance", {}).error().message,
                HasSubstr("there is no order 'dance'"));
}

TEST(RelayControlTest, SaysWhyNothingCanBeTold) {
    EXPECT_THAT(tell_relay("/nowhere/relay.sock", kOrderShow, {}).error().message,
                HasSubstr("the relay does not answer at /nowhere/relay.sock"));
    EXPECT_THAT(tell_relay("/" + std::string(200, 'x'), kOrderShow, {}).error().message,
                HasSubstr("choose a shorter --dir"));
}

TEST(CutsTest, AreText) {
    const Cuts cuts = {{{ServerId(1), ServerId(2)}, Cut::Drop},
                       {{ServerId(3), ServerId(1)}, Cut::Stall}};
    EXPECT_EQ(to_string(cuts), "1 2 drop\n3 1 stall\n");
    EXPECT_EQ(parse_cuts(to_string(cuts)).value(), cuts);
    for (const char* wrong : {"1 2", "1 x drop", "0 1 drop", "1 2 drop more", "1 2 saw"}) {
        EXPECT_FALSE(parse_cuts(wrong).ok()) << wrong;
    }
}

TEST(CutsTest, GroupsAreLinks) {
    const std::vector<std::vector<ServerId>> groups = {{ServerId(1)}, {ServerId(2), ServerId(3)}};
    EXPECT_EQ(links_out_of_first(groups),
              (std::vector<Link>{{ServerId(1), ServerId(2)}, {ServerId(1), ServerId(3)}}));
    EXPECT_EQ(links_between(groups), (std::vector<Link>{{ServerId(1), ServerId(2)},
                                                        {ServerId(1), ServerId(3)},
                                                        {ServerId(2), ServerId(1)},
                                                        {ServerId(3), ServerId(1)}}));
}

}  // namespace
}  // namespace wavetank
