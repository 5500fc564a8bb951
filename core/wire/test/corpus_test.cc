// The kept corpus of the fuzzers: the same properties in every build, and a corpus that still says
// something. After a change of the format it is written anew (fuzz/make_corpus.cc).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "core/wire/test/properties.h"

namespace wavetank {
namespace {

std::vector<std::string> corpus(const std::string& target) {
    std::set<std::filesystem::path> paths;
    const std::string folder = WAVETANK_SOURCE_DIR "/core/wire/fuzz/corpus/" + target;
    for (const auto& file : std::filesystem::directory_iterator(folder)) paths.insert(file.path());
    std::vector<std::string> contents;
    for (const std::filesystem::path& path : paths) {
        std::ifstream file(path, std::ios::binary);
        contents.emplace_back(std::istreambuf_iterator<char>(file),
                              std::istreambuf_iterator<char>());
    }
    return contents;
}

TEST(Corpus, HasAMessageOfEveryKind) {
    std::set<std::string> kinds;
    for (const std::string& bytes : corpus("message")) {
        try_as_message(bytes);
        const Payload received = Payload::copy_of(bytes);
        const Result<Message> message = decode_message(received, {0, received.size()});
        ASSERT_TRUE(message.ok()) << message.error().message;
        kinds.insert(name_of(message.value()));
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<Message>);
}

TEST(Corpus, HasClientsMessages) {
    int requests = 0;
    int replies = 0;
    for (const std::string& bytes : corpus("client")) {
        try_as_client_message(bytes);
        const Payload received = Payload::copy_of(bytes);
        if (decode_request(received, {0, received.size()}).ok()) ++requests;
        if (decode_reply(received, {0, received.size()}).ok()) ++replies;
    }
    EXPECT_GE(requests, 4);
    EXPECT_GE(replies, 4);
}

TEST(Corpus, HasStreams) {
    for (const std::string& bytes : corpus("frame")) {
        try_as_stream(bytes);
        const StreamContent content = content_of(std::string_view(bytes).substr(1), 1000);
        EXPECT_EQ(content.frames.size(), 4U);
        EXPECT_EQ(content.refusal, "");
        EXPECT_EQ(content.pending, 0U);
    }
}

}  // namespace
}  // namespace wavetank
