// `wavetank` over a stub: a scenario file holds a word for each seed that is not to pass, such as
//   fail 3 / unknown 4 / abort 5 / hang 6 / waver 7
// one a line. "mistake" anywhere makes the file none. A run has ten events. The swarm draws the
// same words for every seed; of the two rows of a matrix, seed 9 fails in the second.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/sometimes.h"
#include "scenarios/files.h"
#include "scenarios/summarize.h"
#include "tools/program/commands.h"

namespace wavetank {
namespace {

constexpr uint64_t kEvents = 10;

class StubEngine : public Engine {
 public:
    Result<std::vector<std::string>> find(const std::vector<std::string>& paths) const override {
        return find_scenarios(paths);
    }

    Result<Setup> parse(std::string_view text, const std::string& file) const override {
        if (text.find("mistake") != std::string_view::npos) {
            return Error{file + ":1:1: error: a mistake; there should be none"};
        }
        Setup setup;
        setup.name = std::filesystem::path(file).stem();
        // The engine is asked for a run with a setup: the words travel in its first step.
        setup.timeline.push_back(Step{.label = std::string(text)});
        return setup;
    }

    std::string summarize(const Setup& setup) const override { return "setup of " + setup.name; }

    std::string print(const Setup& setup) const override {
        return "# " + setup.name + "\n" + setup.timeline.at(0).label;
    }

    Setup draw(uint64_t seed) const override {
        Setup setup;
        setup.name = "swarm_" + std::to_string(seed);
        setup.timeline.push_back(Step{.label = "fail 3\nunknown 4\nabort 5\n"});
        return setup;
    }

    std::vector<MatrixRow> matrix(const Setup& scenario) const override {
        MatrixRow first{.number = 1, .choices = {{"window", "wide"}}, .setup = scenario};
        first.setup.name += "[1]";
        MatrixRow second{.number = 2, .choices = {{"window", "narrow"}}, .setup = scenario};
        second.setup.name += "[2]";
        second.setup.timeline[0].label += "fail 9\n";
        return {first, second};
    }

    std::string table(const std::vector<MatrixRow>& rows) const override { return table_of(rows); }

    std::string explain(const Setup& setup) const override {
        return "three servers, named " + setup.name + "\n";
    }

    StoppedRun run(const Setup& setup, uint64_t seed, const RunOptions& options,
                   const StopAt& stop) const override {
        const std::string word = word_of(setup, seed);
        if (word == "hang") {
            while (true) ::pause();
        }
        StoppedRun out;
        RunRecord& record = out.record;
        record.scenario = setup.name;
        record.seed = seed;
        Digest digest(seed);
        if (word != "fail") SOMETIMES("a run of the stub did not fail");
        if (word == "never") SOMETIMES("nobody asks for this");
        static uint64_t runs = 0;
        ++runs;
        while (record.events < std::min(kEvents, stop.event)) {
            const uint64_t number = ++record.events;
            CHECK(word != "abort" || number < 5);
            const uint64_t value = word == "waver" && number == 6 ? runs : number;
            digest.add(value);
            if (options.event_digests != nullptr) options.event_digests->push_back(digest.value());
            if (options.trace == nullptr) continue;
            options.trace->on_event({.number = number,
                                     .at = Instant{static_cast<int64_t>(number) * 1'000'000},
                                     .server = ServerId(2),
                                     .peer = ServerId(1),
                                     .words = "value " + std::to_string(value)});
        }
        record.digest = digest.value();
        if (word == "fail") {
            record.findings.push_back({.oracle = "election safety",
                                       .verdict = Verdict::Fail,
                                       .message = "two leaders",
                                       .at = Instant{7'000'000},
                                       .event = 7});
            record.verdict = Verdict::Fail;
        } else if (word == "unknown") {
            record.findings.push_back({.oracle = "linearizability",
                                       .verdict = Verdict::Unknown,
                                       .message = "the budget ran out"});
            record.verdict = Verdict::Unknown;
        }
        for (const SometimesMark* mark : sometimes_marks()) {
            if (mark->reached) record.sometimes_reached.emplace_back(mark->name);
        }
        for (const ServerId server : stop.describe) {
            out.states.push_back("role follower of " + std::to_string(server.value()) + "\n");
        }
        return out;
    }

 private:
    static std::string word_of(const Setup& setup, uint64_t seed) {
        std::istringstream lines(setup.timeline.at(0).label);
        std::string word;
        uint64_t number = 0;
        while (lines >> word >> number) {
            if (number == seed) return word;
        }
        return "pass";
    }
};

}  // namespace
}  // namespace wavetank

int main(int count, char** words) {
    const wavetank::StubEngine engine;
    const wavetank::Program program{
        .name = "wavetank", .engine = engine, .out = std::cout, .err = std::cerr};
    return wavetank::dispatch(program, {words + 1, words + count});
}
