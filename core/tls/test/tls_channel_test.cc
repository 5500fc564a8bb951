// Two ends in one process, with nothing between them but bytes; and the files they come from.
#include "core/tls/tls_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/tls/test/test_authority.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

class TlsChannelTest : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        ours_ = new TestAuthority("--cluster 7 --server 1 --client x=read+write");
    }
    static void TearDownTestSuite() { delete ours_; }

    // One end, and what came out of it.
    struct End {
        std::unique_ptr<TlsChannel> channel;
        std::string plain;
        std::string failure;

        void take(std::string bytes) {
            while (!bytes.empty() && failure.empty()) {
                const std::span<char> room = channel->room();
                const std::size_t count = bytes.copy(room.data(), room.size());
                channel->received(count);
                bytes.erase(0, count);
                std::string piece(1000, '\0');
                while (true) {
                    const Result<std::size_t> read = channel->read(piece);
                    if (!read.ok()) failure = read.error().message;
                    if (!read.ok() || read.value() == 0) break;
                    plain.append(piece, 0, read.value());
                }
            }
        }
        std::string out() { return std::exchange(channel->outgoing(), ""); }
    };
    static void carry(End& from, End& to) { to.take(from.out()); }
    static void shake_hands(End& caller, End& called) {
        carry(caller, called);
        carry(called, caller);
        carry(caller, called);
        carry(called, caller);
    }

    static inline TestAuthority* ours_ = nullptr;
    std::shared_ptr<Credentials> server_ = ours_->credentials("server-1");
    std::shared_ptr<Credentials> client_ = ours_->credentials("x");
    End caller_{.channel = client_->channel(TlsChannel::Side::Calls)};
    End called_{.channel = server_->channel(TlsChannel::Side::IsCalled)};
};

TEST_F(TlsChannelTest, BothKnowWhoIsThere) {
    shake_hands(caller_, called_);
    ASSERT_TRUE(caller_.channel->established() && called_.channel->established());
    EXPECT_EQ(to_uri(caller_.channel->peer()), "wavetank:cluster/7/server/1");
    EXPECT_EQ(to_uri(called_.channel->peer()), "wavetank:cluster/7/client/x/read+write");
}

TEST_F(TlsChannelTest, BytesOfAnyNumberArriveInAnyPieces) {
    shake_hands(caller_, called_);
    std::string sent;
    for (const std::size_t size : {1U, 16'383U, 16'384U, 16'385U, 300'000U}) {
        const std::string part(size, static_cast<char>('a' + size % 26));
        ASSERT_TRUE(caller_.channel->seal(part));
        sent += part;
    }
    const std::string sealed = caller_.out();
    EXPECT_EQ(sealed.find("aaaa"), std::string::npos);
    for (std::size_t from = 0, size = 1; from < sealed.size(); from += size, size = size * 3 + 1) {
        called_.take(sealed.substr(from, size));
    }
    EXPECT_EQ(called_.failure, "");
    EXPECT_EQ(called_.plain, sent);
}

TEST_F(TlsChannelTest, AChangedByteEndsIt) {
    shake_hands(caller_, called_);
    ASSERT_TRUE(caller_.channel->seal("hello"));
    std::string sealed = caller_.out();
    sealed.back() = static_cast<char>(sealed.back() ^ 1);
    called_.take(sealed);
    EXPECT_THAT(called_.failure, HasSubstr("decryption failed or bad record mac"));
    EXPECT_EQ(called_.plain, "");
    EXPECT_FALSE(called_.channel->can_seal());
    called_.channel->say_goodbye();  // harmless
    carry(called_, caller_);
    EXPECT_EQ(caller_.failure, "the other side refuses us or our certificate: bad record mac");
}

// Whatever byte of whichever flight is changed: one side says so, and nothing passes.
TEST_F(TlsChannelTest, AChangedByteOfTheHandshakeLetsNobodyIn) {
    for (std::size_t place = 0; place < 3000; place += 37) {
        End caller{.channel = client_->channel(TlsChannel::Side::Calls)};
        End called{.channel = server_->channel(TlsChannel::Side::IsCalled)};
        std::size_t passed = 0;
        bool changed = false;
        for (int flight = 0; flight < 4; ++flight) {
            std::string bytes = (flight % 2 == 0 ? caller : called).out();
            if (place >= passed && place < passed + bytes.size()) {
                bytes[place - passed] = static_cast<char>(bytes[place - passed] ^ 0x20);
                changed = true;
            }
            passed += bytes.size();
            (flight % 2 == 0 ? called : caller).take(bytes);
        }
        if (!changed) break;
        const bool both = caller.channel->can_seal() && called.channel->can_seal();
        EXPECT_FALSE(both) << "byte " << place << ": " << caller.failure << called.failure;
        EXPECT_EQ(called.plain, "");
    }
}

TEST_F(TlsChannelTest, WhoIsRefusedIsTold) {
    const TestAuthority other("--cluster 7 --client x=read");
    End stranger{.channel = other.credentials("x")->channel(TlsChannel::Side::Calls)};
    // It does not believe the server either; so nothing of it goes further than its refusal.
    shake_hands(stranger, called_);
    EXPECT_THAT(stranger.failure, HasSubstr("its certificate is refused: "));
    EXPECT_EQ(called_.failure, "the other side refuses us or our certificate: unknown ca");
}

TEST_F(TlsChannelTest, WhatIsNoTlsIsSaidSo) {
    called_.take("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(called_.failure, "it does not speak TLS, which this side does");
    caller_.take(std::string("\x01\x02\x03\x04WAVETANK", 12));
    EXPECT_EQ(caller_.failure, "it does not speak TLS, which this side does");
}

TEST_F(TlsChannelTest, ACertificateThatNamesNobodyIsRefused) {
    const TestAuthority nobody("--cluster 7 --client x=read");
    const std::string made =
        "cd " + nobody.folder() +
        " && openssl req -new -key x.key -subj /CN=nobody -out r 2>/dev/null"
        " && openssl x509 -req -in r -CA ca.pem -CAkey ca.key -CAcreateserial -out x.pem"
        " 2>/dev/null";
    ASSERT_EQ(std::system(made.c_str()), 0);
    const auto loaded = Credentials::load(TlsFiles::in(nobody.folder(), "x"));
    ASSERT_FALSE(loaded.ok());
    EXPECT_THAT(loaded.error().message,
                HasSubstr("x.pem: the certificate (CN = nobody) has 0 names"));
}

TEST_F(TlsChannelTest, FilesThatCannotBeUsedAreNamed) {
    const auto failure = [](const TlsFiles& files) {
        const auto loaded = Credentials::load(files);
        return loaded.ok() ? "" : loaded.error().message;
    };
    TlsFiles files = TlsFiles::in(ours_->folder(), "x");
    EXPECT_THAT(failure(TlsFiles::in(ours_->folder(), "y")),
                HasSubstr("/y.pem: cannot be read: No such file or directory"));
    TlsFiles wrong = files;
    wrong.key = TlsFiles::in(ours_->folder(), "server-1").key;
    EXPECT_THAT(failure(wrong), HasSubstr("server-1.key: cannot be used as the key of"));
    wrong = files;
    wrong.certificate = files.key;
    EXPECT_THAT(failure(wrong), HasSubstr("x.key: cannot be used as a certificate"));
    wrong = files;
    wrong.key = files.certificate;
    EXPECT_THAT(failure(wrong), HasSubstr("x.pem: everybody on this machine can read this key"));
    wrong = files;
    wrong.authority = files.key;
    EXPECT_THAT(failure(wrong), HasSubstr("cannot be used as an authority's certificate"));
}

TEST_F(TlsChannelTest, RenewedFilesAreUsedFromTheNextConnectionOn) {
    const TestAuthority mine(*ours_, "--cluster 7 --client x=read --days -1");
    const auto credentials = mine.credentials("x");
    EXPECT_THAT(credentials->description(), HasSubstr("client x of cluster 7, EXPIRED since"));
    std::vector<std::string> told;
    credentials->on_renewal([&](const std::string& line) { told.push_back(line); });

    End expired{.channel = credentials->channel(TlsChannel::Side::Calls)};
    shake_hands(expired, called_);
    EXPECT_THAT(called_.failure, HasSubstr("its certificate is refused: certificate has expired "
                                           "(CN = client x of cluster 7, valid until"));
    EXPECT_EQ(expired.failure, "the other side refuses us or our certificate: certificate expired");
    EXPECT_TRUE(told.empty());

    std::filesystem::remove(mine.folder() + "/x.pem");
    mine.make("--cluster 7 --client x=read");
    End renewed{.channel = credentials->channel(TlsChannel::Side::Calls)};
    End again{.channel = server_->channel(TlsChannel::Side::IsCalled)};
    shake_hands(renewed, again);
    EXPECT_TRUE(again.channel->established()) << again.failure;
    ASSERT_EQ(told.size(), 1U);
    EXPECT_THAT(told[0],
                HasSubstr("the certificate's files have changed: read again, valid until"));
    EXPECT_THAT(credentials->description(), HasSubstr("valid until"));

    std::ofstream(mine.folder() + "/x.pem") << "half a certificate";
    End kept{.channel = credentials->channel(TlsChannel::Side::Calls)};
    End third{.channel = server_->channel(TlsChannel::Side::IsCalled)};
    shake_hands(kept, third);
    EXPECT_TRUE(third.channel->established()) << third.failure;
    ASSERT_EQ(told.size(), 2U);
    EXPECT_THAT(told[1], HasSubstr("the certificate of before stays in use"));
}

}  // namespace
}  // namespace wavetank
