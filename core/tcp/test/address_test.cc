// Addresses as people write them.
#include "core/tcp/address.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

TEST(Address, ReadsWhatItPrints) {
    for (const char* text : {"127.0.0.1:7001", "[::1]:65535", "db3.example.org:1"}) {
        const Result<Address> address = parse_address(text);
        ASSERT_TRUE(address.ok()) << text;
        EXPECT_EQ(to_string(address.value()), text);
    }
}

TEST(Address, RefusesWhatIsNone) {
    for (const char* text : {"", "host", ":7", "host:", "host:65536", "host:-1", "host:7x", "::1:7",
                             "[::1:7", "[]:7"}) {
        const Result<Address> address = parse_address(text);
        ASSERT_FALSE(address.ok()) << text;
        EXPECT_NE(address.error().message.find("write host:port"), std::string::npos);
    }
}

TEST(Address, KnowsTheLoopback) {
    EXPECT_TRUE(is_loopback("127.0.0.1"));
    EXPECT_TRUE(is_loopback("127.9.9.9"));
    EXPECT_TRUE(is_loopback("::1"));
    EXPECT_TRUE(is_loopback("localhost"));
    EXPECT_FALSE(is_loopback("0.0.0.0"));
    EXPECT_FALSE(is_loopback("192.0.2.1"));
    EXPECT_FALSE(is_loopback("example.org"));
}

}  // namespace
}  // namespace wavetank
