// Who is not let in by a server with certificates, and by whom a caller is not taken in: each time
// the log says why, and the connection is closed. Beyond that, see refusal_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "core/tcp/asio.h"
#include "core/tcp/lobby.h"
#include "core/tcp/peer.h"
#include "core/tcp/test/loopback_cluster.h"
#include "core/tls/test/test_authority.h"
#include "core/wire/frame.h"

namespace wavetank {
namespace {

std::string words(const std::string& rest) {
    return "--cluster " + std::to_string(LoopbackCluster::kCluster.value()) + " " + rest;
}
std::string handshake(Handshake as) {
    std::string bytes;
    append_frame(as, bytes);
    return bytes;
}
constexpr Handshake kClient{LoopbackCluster::kCluster, ServerId()};
constexpr Handshake kServer2{LoopbackCluster::kCluster, ServerId(2)};

// Certificates that all tests share: making them costs more than the tests.
struct Authorities {
    TestAuthority ours{words("--server 1 --server 2 --client x=read+write+admin")};
    TestAuthority expired{ours, words("--server 1 --client x=read --days -1")};
    TestAuthority swapped{ours, words("--server 1 --server 2 --client x=read")};
    TestAuthority of_other_cluster{ours, "--cluster 5 --server 1 --client x=read"};
    TestAuthority foreign{words("--server 1 --client x=read")};

    Authorities() {
        // Server 2 has taken the place of server 1.
        for (const char* ending : {".pem", ".key"}) {
            std::filesystem::rename(swapped.folder() + "/server-2" + ending,
                                    swapped.folder() + "/server-1" + ending);
        }
    }
};

class TlsRefusalTest : public testing::Test {
 protected:
    static void SetUpTestSuite() { made_ = new Authorities; }
    static void TearDownTestSuite() { delete made_; }

    static inline Authorities* made_ = nullptr;
};

// --- Who is called refuses ---

// A server with certificates, and somebody who calls it, by hand.
class TlsCalledTest : public TlsRefusalTest {
 protected:
    TlsCalledTest() {
        const Address& address = cluster_.addresses().at(ServerId(1));
        socket_.connect(tcp::endpoint(asio::ip::make_address(address.host), address.port));
    }
    void send_all(std::string& bytes) {
        boost::system::error_code ignored;  // whoever is refused may find the connection closed
        asio::write(socket_, asio::buffer(bytes), ignored);
        bytes.clear();
    }
    // Reads until the connection ends. Says `handshake` as soon as it can.
    void converse(TlsChannel& channel, const std::string& greeting) {
        bool said = false;
        std::string plain(4096, '\0');
        while (true) {
            send_all(channel.outgoing());
            boost::system::error_code ended;
            const std::span<char> room = channel.room();
            channel.received(socket_.read_some(asio::buffer(room.data(), room.size()), ended));
            if (ended) return;
            while (true) {
                const Result<std::size_t> count = channel.read(plain);
                if (!count.ok()) failure_ = count.error().message;
                if (!count.ok() || count.value() == 0) break;
            }
            if (channel.can_seal() && !std::exchange(said, true)) {
                ASSERT_TRUE(channel.seal(greeting));
            }
        }
    }
    // Calls with this certificate as `who`: the server says `why`, and closes the connection.
    void expect_refused(const TestAuthority& from, const std::string& name, Handshake who,
                        const std::string& why) {
        const auto channel = from.credentials(name)->channel(TlsChannel::Side::Calls);
        converse(*channel, handshake(who));
        EXPECT_TRUE(cluster_.lines().await(why)) << why;
    }
    // A caller that is no `Credentials`: `configure` says how it is different.
    void expect_refused(const std::function<void(SSL_CTX*)>& configure, const std::string& why) {
        const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_method()),
                                                                   SSL_CTX_free);
        ASSERT_EQ(
            SSL_CTX_load_verify_file(context.get(), (made_->ours.folder() + "/ca.pem").c_str()), 1);
        configure(context.get());
        TlsChannel channel(context.get(), TlsChannel::Side::Calls);
        converse(channel, handshake(kClient));
        EXPECT_TRUE(cluster_.lines().await(why)) << why;
    }

    LoopbackCluster cluster_{1, made_->ours.folder()};
    asio::io_context io_;
    tcp::socket socket_{io_};
    std::string failure_;  // why the caller cannot go on
};

TEST_F(TlsCalledTest, ACallerWithoutTls) {
    asio::write(socket_, asio::buffer(handshake(kClient)));
    EXPECT_TRUE(cluster_.lines().await("ends: it does not speak TLS, which this side does"));
    boost::system::error_code error;
    std::string rest;
    asio::read(socket_, asio::dynamic_buffer(rest), error);
    EXPECT_TRUE(error == asio::error::eof || error == asio::error::connection_reset);
}

TEST_F(TlsCalledTest, ACertificateOfAnotherAuthority) {
    // Its own trust must be in our authority, or it would not come so far.
    std::filesystem::copy_file(made_->ours.folder() + "/ca.pem",
                               made_->foreign.folder() + "/ca.pem",
                               std::filesystem::copy_options::overwrite_existing);
    expect_refused(made_->foreign, "x", kClient,
                   "ends: its certificate is refused: unable to get local issuer certificate (CN = "
                   "client x of cluster 32343)");
    EXPECT_EQ(failure_, "the other side refuses us or our certificate: unknown ca");
}

TEST_F(TlsCalledTest, ACertificateThatHasExpired) {
    expect_refused(made_->expired, "x", kClient,
                   "ends: its certificate is refused: certificate has expired (CN = client x of "
                   "cluster 32343, valid until");
    EXPECT_EQ(failure_, "the other side refuses us or our certificate: certificate expired");
}

TEST_F(TlsCalledTest, NoCertificateAtAll) {
    expect_refused([](SSL_CTX*) {}, "ends: it shows no certificate");
    EXPECT_EQ(failure_, "the other side refuses us or our certificate: certificate required");
}

TEST_F(TlsCalledTest, AnOlderTls) {
    const auto older = [](SSL_CTX* context) {
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    };
    expect_refused(older, "ends: it does not speak TLS 1.3, and nothing older is accepted");
}

TEST_F(TlsCalledTest, ACertificateOfAnotherCluster) {
    expect_refused(made_->of_other_cluster, "x", kClient,
                   "a stranger at 127.0.0.1:" + std::to_string(socket_.local_endpoint().port()) +
                       " ends: its certificate is of cluster 5, not 32343");
}

TEST_F(TlsCalledTest, AServerWithTheCertificateOfAnother) {
    expect_refused(made_->ours, "server-1", kServer2,
                   "ends: it says that it is server 2, but its certificate is that of server 1");
}

TEST_F(TlsCalledTest, AClientThatSaysItIsAServer) {
    expect_refused(made_->ours, "x", kServer2,
                   "ends: it says that it is server 2, but its certificate is that of client x");
}

TEST_F(TlsCalledTest, AServerThatSaysItIsAClient) {
    expect_refused(made_->ours, "server-2", kClient,
                   "ends: it says that it is a client, but its certificate is that of server 2");
}

// --- Who calls refuses ---

// A server, and a peer of it that cannot be content with it.
class TlsCallingTest : public TlsRefusalTest {
 protected:
    // What server 2 says when it calls server 1, which runs with the certificates in `theirs`
    // (empty: without), while it has its own in `ours` (null: none).
    std::string complaint(const std::string& theirs, const TestAuthority* ours) {
        cluster_ = std::make_unique<LoopbackCluster>(1, theirs);
        asio::io_context io;
        std::string said;
        Dialer::Setup setup{
            .ours = kServer2,
            .server = ServerId(1),
            .address = cluster_->addresses().at(ServerId(1)),
            .credentials = ours == nullptr ? nullptr : ours->credentials("server-2"),
            .pause_min = seconds(60)};
        Peer peer(io, std::move(setup), [&](const std::string& line) { said = line; });
        peer.send(Message{TimeoutNow{Term(1)}});
        peer.flush();
        while (said.empty()) io.run_one();
        peer.close();
        io.run();
        EXPECT_THAT(said, testing::HasSubstr("no connection to server 1 at 127.0.0.1:"));
        return said;
    }
    std::unique_ptr<LoopbackCluster> cluster_;
};

TEST_F(TlsCallingTest, ACertificateOfAnotherAuthority) {
    const TestAuthority foreign(words("--server 1"));
    EXPECT_THAT(complaint(foreign.folder(), &made_->ours),
                testing::HasSubstr("its certificate is refused: unable to get local issuer"));
    EXPECT_TRUE(cluster_->lines().await("refuses us or our certificate: unknown ca"));
}

TEST_F(TlsCallingTest, ACertificateThatHasExpired) {
    EXPECT_THAT(complaint(made_->expired.folder(), &made_->ours),
                testing::HasSubstr("its certificate is refused: certificate has expired (CN = "
                                   "server 1 of cluster 32343, valid until"));
}

TEST_F(TlsCallingTest, ACertificateOfAnotherServer) {
    EXPECT_THAT(
        complaint(made_->swapped.folder(), &made_->ours),
        testing::HasSubstr("it says that it is server 1, but its certificate is that of server 2"));
}

TEST_F(TlsCallingTest, ACertificateOfAnotherCluster) {
    EXPECT_THAT(complaint(made_->of_other_cluster.folder(), &made_->ours),
                testing::HasSubstr("its certificate is of cluster 5, not 32343"));
}

TEST_F(TlsCallingTest, AServerWithoutTls) {
    EXPECT_THAT(complaint("", &made_->ours),
                testing::HasSubstr("it does not speak TLS, which this side does"));
    EXPECT_TRUE(cluster_->lines().await("ends: it speaks TLS, which this side does not"));
}

TEST_F(TlsCallingTest, AServerWithTlsByACallerWithout) {
    EXPECT_THAT(
        complaint(made_->ours.folder(), nullptr),
        testing::HasSubstr("the other side has closed it before it was open: it refuses us, "
                           "or wants TLS, and its log says why"));
    EXPECT_TRUE(cluster_->lines().await("ends: it does not speak TLS, which this side does"));
}

// --- Who says nothing ---

class NoUser : public Lobby::User {
    bool knows(ServerId) override { return true; }
    void on_message(ServerId, Message&&) override { ADD_FAILURE(); }
    void on_request(const ClientRequest&) override { ADD_FAILURE(); }
};

TEST_F(TlsRefusalTest, ACallerThatDoesNotFinishTheHandshakeInTime) {
    asio::io_context io;
    NoUser user;
    std::string said;
    auto acceptor = Lobby::listen(io, {"127.0.0.1", 0});
    ASSERT_TRUE(acceptor.ok());
    Lobby lobby(std::move(acceptor.value()),
                {.ours = {LoopbackCluster::kCluster, ServerId(1)},
                 .credentials = made_->ours.credentials("server-1"),
                 .handshake_timeout = milliseconds(20)},
                user, [&](const std::string& line) { said = line; });
    lobby.open();
    // It says hello in TLS, and then nothing.
    const auto channel = made_->ours.credentials("x")->channel(TlsChannel::Side::Calls);
    asio::io_context other;
    tcp::socket socket(other);
    socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), lobby.port()));
    asio::write(socket, asio::buffer(channel->outgoing()));
    while (said.empty()) io.run_one();
    EXPECT_THAT(said, testing::HasSubstr("the connection from a stranger at 127.0.0.1:"));
    EXPECT_THAT(said, testing::HasSubstr("ends: it says nothing"));
    lobby.close();
    io.poll();
    boost::system::error_code error;
    std::string rest;
    asio::read(socket, asio::dynamic_buffer(rest), error);
    EXPECT_TRUE(error == asio::error::eof || error == asio::error::connection_reset);
}

}  // namespace
}  // namespace wavetank
