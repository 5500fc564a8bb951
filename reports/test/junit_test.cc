// The strict form is valid under both schemas of the shared folder; the counts equal the children;
// nothing of the texts gets lost or breaks the file.
#include "reports/junit.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <pugixml.hpp>

#include "reports/test/session_builder.h"
#include "reports/text.h"

namespace wavetank {
namespace {

pugi::xml_document parsed(const std::string& xml) {
    pugi::xml_document document;
    const pugi::xml_parse_result result = document.load_buffer(xml.data(), xml.size());
    EXPECT_TRUE(result) << result.description();
    return document;
}

// True if xmllint says the file is valid under the schema.
bool is_valid(const std::string& file, const std::string& schema) {
    const std::string command = "xmllint --noout --schema " + shell_quoted(schema) + " " +
                                shell_quoted(file) + " >/dev/null 2>" + shell_quoted(file + ".log");
    return std::system(command.c_str()) == 0;
}

TEST(Junit, StrictFormIsValidUnderBothSchemas) {
    const std::string schemas = std::string(WAVETANK_SHARED_DIR) + "/junit-xsd/";
    if (std::system("xmllint --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no xmllint here";
    if (!std::filesystem::exists(schemas)) GTEST_SKIP() << "no schemas in " << schemas;
    const std::string file = testing::TempDir() + "/junit_test.xml";
    ASSERT_FALSE(write_file(file, junit_xml(example_session(), JunitFlavor::Strict)));
    EXPECT_TRUE(is_valid(file, schemas + "ant-JUnit.xsd"));
    EXPECT_TRUE(is_valid(file, schemas + "jenkins-junit-10.xsd"));
    // The schemas do bite: the other flavour has what the strict one forbids.
    ASSERT_FALSE(write_file(file, junit_xml(example_session(), JunitFlavor::Gitlab)));
    EXPECT_FALSE(is_valid(file, schemas + "ant-JUnit.xsd"));
}

TEST(Junit, CountsEqualChildrenAndSuitesAreSorted) {
    const pugi::xml_document document = parsed(junit_xml(example_session(), JunitFlavor::Strict));
    std::vector<std::string> names;
    for (const pugi::xml_node suite : document.child("testsuites")) {
        names.push_back(suite.attribute("name").value());
        std::size_t tests = 0;
        std::size_t failures = 0;
        std::size_t errors = 0;
        for (const pugi::xml_node testcase : suite.children("testcase")) {
            ++tests;
            failures += testcase.child("failure") ? 1u : 0u;
            errors += testcase.child("error") ? 1u : 0u;
        }
        EXPECT_EQ(suite.attribute("tests").as_ullong(), tests);
        EXPECT_EQ(suite.attribute("failures").as_ullong(), failures);
        EXPECT_EQ(suite.attribute("errors").as_ullong(), errors);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"election", "partition"}));
}

TEST(Junit, FailureTellsOracleMessageAndCommand) {
    const pugi::xml_document document = parsed(junit_xml(example_session(), JunitFlavor::Strict));
    const pugi::xml_node failure =
        document.select_node("//testcase[@classname='partition'][@name='seed 7']/failure").node();
    ASSERT_TRUE(failure);
    EXPECT_STREQ(failure.attribute("type").value(), "election safety");
    EXPECT_STREQ(failure.attribute("message").value(),
                 "election safety: two leaders <1> & \"2\" in term 3 ]]>");
    const std::string text = failure.text().get();
    EXPECT_NE(text.find("reproduce: wavetank run scenarios/partition.textproto --seed 7\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Junit, UnknownIsAnErrorAndNeverSkipped) {
    const std::string xml = junit_xml(example_session(), JunitFlavor::Strict);
    const pugi::xml_document document = parsed(xml);
    const pugi::xml_node error = document.select_node("//testcase[@name='seed 2']/error").node();
    ASSERT_TRUE(error);
    EXPECT_STREQ(error.attribute("type").value(), "unknown");
    EXPECT_EQ(xml.find("<skipped"), std::string::npos);
}

TEST(Junit, GitlabFlavorAddsFileAndOutput) {
    const pugi::xml_document document = parsed(junit_xml(example_session(), JunitFlavor::Gitlab));
    const pugi::xml_node testcase = document.select_node("//testcase[@name='seed 7']").node();
    EXPECT_STREQ(testcase.attribute("file").value(), "scenarios/partition.textproto");
    EXPECT_NE(std::string(testcase.child("system-out").text().get()).find("verdict fail"),
              std::string::npos);
}

}  // namespace
}  // namespace wavetank
