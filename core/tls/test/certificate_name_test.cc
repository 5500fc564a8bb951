// Names in certificates, well and badly written, and what they contradict.
#include "core/tls/certificate_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wavetank {
namespace {

using testing::HasSubstr;

TEST(CertificateName, ReadsWhatItPrints) {
    for (const char* uri :
         {"wavetank:cluster/4711/server/2",
          "wavetank:cluster/18446744073709551615/server/4294967295",
          "wavetank:cluster/1/client/a.B_c-9/read", "wavetank:cluster/1/client/x/read+write+admin",
          "wavetank:cluster/1/client/x/write+admin"}) {
        const Result<CertificateName> name = parse_certificate_name(uri);
        ASSERT_TRUE(name.ok()) << uri;
        EXPECT_EQ(to_uri(name.value()), uri);
    }
}

TEST(CertificateName, RightsStandAlone) {
    const auto name = parse_certificate_name("wavetank:cluster/1/client/x/write");
    ASSERT_TRUE(name.ok());
    EXPECT_EQ(name.value().rights, (Rights{.write = true}));
    EXPECT_FALSE(name.value().server);
}

TEST(CertificateName, RefusesWhatIsNone) {
    for (const char* uri : {"",
                            "wavetank:",
                            "wavetank:cluster/",
                            "wavetank:cluster/1/server",
                            "wavetank:cluster/1/server/",
                            "wavetank:cluster/0/server/1",
                            "wavetank:cluster/1/server/0",
                            "wavetank:cluster/1/server/01",
                            "wavetank:cluster/1/server/4294967296",
                            "wavetank:cluster/18446744073709551616/server/1",
                            "wavetank:cluster/1/server/-1",
                            "wavetank:cluster/1/server/1/",
                            "wavetank:cluster/1/client/x",
                            "wavetank:cluster/1/client/x/",
                            "wavetank:cluster/1/client//read",
                            "wavetank:cluster/1/client/x y/read",
                            "wavetank:cluster/1/client/x/root",
                            "wavetank:cluster/1/client/x/read+",
                            "wavetank:cluster/1/client/x/read/write",
                            "wavetank:cluster/1/host/1",
                            "http://cluster/1/server/1"}) {
        const Result<CertificateName> name = parse_certificate_name(uri);
        ASSERT_FALSE(name.ok()) << uri;
        EXPECT_THAT(name.error().message, HasSubstr("wavetank:cluster/N/server/ID"));
    }
}

TEST(CertificateName, SaysWhatItContradicts) {
    const CertificateName server{.cluster = ClusterId(7), .server = ServerId(2)};
    const CertificateName client{.cluster = ClusterId(7), .client = "x", .rights = Rights::all()};
    EXPECT_FALSE(contradiction(server, {ClusterId(7), ServerId(2)}));
    EXPECT_FALSE(contradiction(client, {ClusterId(7), ServerId()}));
    EXPECT_EQ(contradiction(server, {ClusterId(8), ServerId(2)})->message,
              "its certificate is of cluster 7, not 8");
    EXPECT_EQ(contradiction(server, {ClusterId(7), ServerId(3)})->message,
              "it says that it is server 3, but its certificate is that of server 2");
    EXPECT_EQ(contradiction(server, {ClusterId(7), ServerId()})->message,
              "it says that it is a client, but its certificate is that of server 2");
    EXPECT_EQ(contradiction(client, {ClusterId(7), ServerId(1)})->message,
              "it says that it is server 1, but its certificate is that of client x");
}

}  // namespace
}  // namespace wavetank
