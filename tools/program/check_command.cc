// `wavetank check`: parse and explain, run nothing.
#include "tools/program/commands.h"

namespace wavetank {
namespace {

constexpr const char* kUsage = R"(usage: wavetank check FILE|DIR...

Reads scenario files and says in words what they mean, without running them. A folder stands for all
*.textproto files in it and below. All mistakes are listed, each with its line and column.

  --help   this text

examples:
  wavetank check scenarios/library/elections/leader_crash.textproto
  wavetank check scenarios/library

exit code: 0 every file is a scenario, 64 a file has mistakes or wrong usage
)";

}  // namespace

int check_command(const Program& program, const std::vector<std::string>& arguments) {
    boost::program_options::options_description known;
    known.add_options()("help", "");
    const Result<Arguments> read = read_arguments(known, arguments);
    if (!read.ok()) return usage_error(program, "check", read.error().message);
    if (read.value().has("help")) {
        program.out << kUsage;
        return kExitPassed;
    }
    if (read.value().words.empty()) {
        return usage_error(program, "check", "which scenario? Give a file or a folder");
    }
    const auto scenarios = load_scenarios(program.engine, read.value().words);
    if (!scenarios.ok()) {
        program.err << scenarios.error().message << "\n";
        return kExitUsage;
    }
    bool first = true;
    for (const LoadedScenario& scenario : scenarios.value()) {
        if (!first) program.out << "\n";
        first = false;
        const std::string words = program.engine.explain(scenario.setup);
        program.out << scenario.file << "\n" << words;
        if (!words.ends_with('\n')) program.out << "\n";
    }
    return kExitPassed;
}

}  // namespace wavetank
