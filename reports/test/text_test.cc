// Text from elsewhere never breaks a report.
#include "reports/text.h"

#include <gtest/gtest.h>

namespace wavetank {
namespace {

const std::string kReplaced = "\xEF\xBF\xBD";

TEST(Text, ControlCharactersAreReplaced) {
    EXPECT_EQ(printable("a\tb\nc"), "a\tb\nc");
    EXPECT_EQ(printable("\x1b[31mred"), kReplaced + "[31mred");
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a" + kReplaced + "b");
    EXPECT_EQ(printable("\r\x7f"), kReplaced + kReplaced);
    EXPECT_EQ(printable("\xC2\x85"), kReplaced);  // a C1 control character
}

TEST(Text, InvalidUtf8IsReplaced) {
    EXPECT_EQ(printable("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
              "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    EXPECT_EQ(printable("\xFF"), kReplaced);
    EXPECT_EQ(printable("\xC0\xAF"), kReplaced + kReplaced);                  // overlong
    EXPECT_EQ(printable("\xED\xA0\x80"), kReplaced + kReplaced + kReplaced);  // surrogate
    EXPECT_EQ(printable("\xE2\x82"), kReplaced + kReplaced);                  // cut off
    EXPECT_EQ(printable("\xEF\xBF\xBF"), kReplaced);                          // no XML character
}

TEST(Text, DigestsAreReadAsTheyAreWritten) {
    EXPECT_EQ(digest_text(0x1f), "000000000000001f");
    EXPECT_EQ(parse_digest("000000000000001f"), 0x1fu);
    EXPECT_EQ(parse_digest("0xFFFFFFFFFFFFFFFF"), UINT64_MAX);
    for (const char* wrong : {"", "0x", "12345678901234567", "xyz", "-1", "12 "}) {
        EXPECT_FALSE(parse_digest(wrong)) << wrong;
    }
}

TEST(Text, ShellWordsAreQuotedWhenTheyNeedIt) {
    EXPECT_EQ(shell_quoted("scenarios/a_b-1.textproto"), "scenarios/a_b-1.textproto");
    EXPECT_EQ(shell_quoted("two words"), "'two words'");
    EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_quoted(""), "''");
}

}  // namespace
}  // namespace wavetank
