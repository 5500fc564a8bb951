// Targets of requests, good and bad.
#include "core/http/target.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

std::string why_not(std::string_view text) {
    const Result<Target> target = parse_target(text);
    return target.ok() ? "" : target.error().message;
}

TEST(TargetTest, PathAndQueryAreTakenApart) {
    const Result<Target> target = parse_target("/v1/kv/a%2fb/c?raw&expected=x%3Dy+z&&empty=");
    ASSERT_TRUE(target.ok());
    EXPECT_EQ(target.value().path, "/v1/kv/a%2fb/c");
    ASSERT_EQ(target.value().query.size(), 3U);
    ASSERT_NE(target.value().find("raw"), nullptr);
    EXPECT_EQ(*target.value().find("raw"), "");
    ASSERT_NE(target.value().find("expected"), nullptr);
    EXPECT_EQ(*target.value().find("expected"), "x=y+z");
    EXPECT_EQ(*target.value().find("empty"), "");
    EXPECT_EQ(target.value().find("other"), nullptr);
}

TEST(TargetTest, AHostBeforeThePathIsCutOff) {
    EXPECT_EQ(parse_target("http://127.0.0.1:80/x?y").value().path, "/x");
    EXPECT_EQ(parse_target("https://host").value().path, "/");
}

TEST(TargetTest, WhatIsNoTargetIsRefused) {
    EXPECT_EQ(why_not(""), "the target must begin with a slash");
    EXPECT_EQ(why_not("*"), "the target must begin with a slash");
    EXPECT_EQ(why_not("v1/kv"), "the target must begin with a slash");
    for (const std::string_view text : {"/a b", "/a#b", "/\x7f", "/\xc3\xa9", "/a\tb"}) {
        EXPECT_EQ(why_not(text), "the target has a character that must be percent-encoded") << text;
    }
    EXPECT_EQ(why_not("/a?x=1&x=2"), "the query has \"x\" twice");
    EXPECT_EQ(why_not("/a?x=%zz"), "\"%zz\" is no percent-encoding; write %25 for a percent sign");
    EXPECT_NE(why_not("/a?%=1"), "");
}

TEST(TargetTest, EveryByteCanBePercentEncoded) {
    for (int byte = 0; byte < 256; ++byte) {
        for (const char* digits : {"0123456789abcdef", "0123456789ABCDEF"}) {
            const std::string text = {'%', digits[byte / 16], digits[byte % 16]};
            ASSERT_EQ(percent_decoded(text).value(), std::string(1, static_cast<char>(byte)));
        }
    }
}

TEST(TargetTest, HalfAnEncodingIsRefused) {
    for (const std::string_view text : {"%", "%4", "a%", "%4g", "%g4", "%%41"}) {
        EXPECT_FALSE(percent_decoded(text).ok()) << text;
    }
    EXPECT_EQ(percent_decoded("%25a+b").value(), "%a+b");
}

}  // namespace
}  // namespace wavetank
