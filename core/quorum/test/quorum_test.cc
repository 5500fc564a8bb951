// Majorities and joint majorities, also against the tables of etcd-io/raft when they are at hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/quorum/majority.h"

namespace wavetank {
namespace {

constexpr uint64_t kInfinity = UINT64_MAX;

std::vector<ServerId> ids(std::initializer_list<uint32_t> values) {
    std::vector<ServerId> result;
    for (const uint32_t value : values) result.push_back(ServerId(value));
    return result;
}

TEST(Majority, ReachedByMoreThanHalf) {
    const std::array<uint64_t, 5> match = {9, 7, 5, 3, 1};
    const auto value_of = [&](std::size_t slot) { return match[slot]; };
    const auto reached = [&](std::initializer_list<uint32_t> voters) {
        return quorum::reached_by_quorum(Configuration::of_voters(ids(voters)), kInfinity,
                                         value_of);
    };
    EXPECT_EQ(reached({1, 2, 3, 4, 5}), 5U);
    EXPECT_EQ(reached({1, 2, 3, 4}), 5U);  // four voters need three
    EXPECT_EQ(reached({1}), 9U);
}

TEST(Majority, JointNeedsBothHalves) {
    const Configuration joint(
        {.voters = ids({1, 2, 3}), .outgoing = ids({3, 4, 5}), .learners = {}});
    std::vector<quorum::Vote> votes(5, quorum::Vote::None);
    votes[0] = votes[1] = quorum::Vote::Granted;
    EXPECT_EQ(quorum::vote_result(joint, votes), quorum::VoteResult::Pending);
    votes[3] = votes[4] = quorum::Vote::Refused;
    EXPECT_EQ(quorum::vote_result(joint, votes), quorum::VoteResult::Lost);
    votes[3] = votes[4] = quorum::Vote::Granted;
    EXPECT_EQ(quorum::vote_result(joint, votes), quorum::VoteResult::Won);
}

TEST(Majority, LearnersAreNeverCounted) {
    const Configuration configuration(
        {.voters = ids({1, 3}), .outgoing = {}, .learners = ids({2})});
    std::vector<quorum::Vote> votes = {quorum::Vote::Granted, quorum::Vote::Granted,
                                       quorum::Vote::None};
    EXPECT_EQ(quorum::vote_result(configuration, votes), quorum::VoteResult::Pending);
}

// What stands in the brackets of "name=(a, b, c)"; nothing if the line has no such list.
std::vector<std::string> words_of(const std::string& line, const std::string& name) {
    std::vector<std::string> words;
    const std::size_t start = line.find(" " + name + "=(");
    if (start == std::string::npos) return words;
    const std::size_t open = line.find('(', start);
    std::string inside = line.substr(open + 1, line.find(')', open) - open - 1);
    std::replace(inside.begin(), inside.end(), ',', ' ');
    std::istringstream stream(inside);
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

std::vector<ServerId> servers_of(const std::string& line, const std::string& name) {
    std::vector<ServerId> servers;
    for (const std::string& word : words_of(line, name)) {
        servers.push_back(ServerId(static_cast<uint32_t>(std::stoul(word))));
    }
    return servers;
}

// Runs one line of a table; the values belong to the union of both halves, in order of id.
std::string answer(const std::string& line) {
    Configuration::Members members;
    members.voters = servers_of(line, "cfg");
    members.outgoing = servers_of(line, "cfgj");
    const Configuration configuration(members);
    if (line.starts_with("committed")) {
        const auto words = words_of(line, "idx");
        const auto value_of = [&](std::size_t slot) -> uint64_t {
            return words.at(slot) == "_" ? 0 : std::stoull(words.at(slot));
        };
        const uint64_t reached = quorum::reached_by_quorum(configuration, kInfinity, value_of);
        return reached == kInfinity ? "∞" : std::to_string(reached);
    }
    std::vector<quorum::Vote> votes;
    for (const std::string& word : words_of(line, "votes")) {
        votes.push_back(word == "y"   ? quorum::Vote::Granted
                        : word == "n" ? quorum::Vote::Refused
                                      : quorum::Vote::None);
    }
    switch (quorum::vote_result(configuration, votes)) {
        case quorum::VoteResult::Won:
            return "VoteWon";
        case quorum::VoteResult::Lost:
            return "VoteLost";
        case quorum::VoteResult::Pending:
            return "VotePending";
    }
    return "";
}

TEST(Quorum, AgreesWithTheTablesOfEtcdRaft) {
    const std::filesystem::path folder =
        std::filesystem::path(WAVETANK_SHARED_DIR) / "raft-etcd/quorum";
    if (!std::filesystem::exists(folder)) {
        GTEST_SKIP() << "outside data not present: " << folder;
    }
    int cases = 0;
    for (const char* name : {"majority_commit", "majority_vote", "joint_commit", "joint_vote"}) {
        std::ifstream file(folder / (std::string(name) + ".txt"));
        std::string command;
        std::string last;
        bool in_output = false;
        const auto finish = [&] {
            if (in_output && !command.empty()) {
                // Some tables put a remark in angle brackets before the answer.
                EXPECT_EQ(answer(command), last.substr(last.rfind('>') + 1))
                    << name << ": " << command << ": " << last;
                ++cases;
            }
            command.clear();
            in_output = false;
        };
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("committed") || line.starts_with("vote")) {
                finish();
                command = line;
            } else if (line == "----") {
                in_output = true;
            } else if (line.empty()) {
                finish();
            } else if (in_output) {
                last = line;
            }
        }
        finish();
    }
    EXPECT_EQ(cases, 127);
}

}  // namespace
}  // namespace wavetank
