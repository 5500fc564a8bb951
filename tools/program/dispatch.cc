// The table of subcommands, the help of the whole, the version.
#include <fmt/format.h>

#include "scenarios/suggest.h"
#include "tools/program/build_info.h"
#include "tools/program/commands.h"

namespace wavetank {
namespace {

constexpr const char* kUsage = R"(usage: wavetank COMMAND [OPTIONS]

A deterministic simulation testbed for Raft: a scenario file and a seed decide a run to the last byte.

  wavetank run FILE|DIR... [--seeds A..B]   run scenarios, judge them, write reports
  wavetank run --swarm [--seeds A..B]       the same with scenarios drawn from the seeds
  wavetank replay SEED FILE                 make one run again: verify, narrate, look inside
  wavetank check FILE|DIR...                read scenarios and explain them, without running
  wavetank serve --id N --cluster FILE --data DIR [--create|--join]
                                            run one server of a real cluster, over TCP
  wavetank client --cluster FILE get|put|...
                                            one operation on a real cluster
  wavetank cluster start|stop|... --dir DIR
                                            a cluster of processes on this machine
  wavetank torture --dir DIR                the same under load, killed, paused, cut and judged
  wavetank bench cluster|show               throughput over real TCP and real disks
  wavetank inspect DIR|FILE                 show what a server has on its disk, and verify it
  wavetank --version                        version, compiler, build type, commit
  wavetank COMMAND --help                   the options of a command, with examples

examples:
  wavetank run scenarios/library --seeds 1..100
  wavetank run --swarm --seeds 1..1000
  wavetank replay 7 scenarios/library/elections/leader_crash.textproto --narrate 1..40

exit code: 0 all passed, 1 a failure, 2 unknown, 64 wrong usage or file
)";

struct Command {
    const char* name;
    int (*run)(const Program&, const std::vector<std::string>&);
};
constexpr Command kCommands[] = {
    {.name = "run", .run = run_command},         {.name = "replay", .run = replay_command},
    {.name = "check", .run = check_command},     {.name = "serve", .run = serve_command},
    {.name = "client", .run = client_command},   {.name = "cluster", .run = cluster_command},
    {.name = "torture", .run = torture_command}, {.name = "bench", .run = bench_command},
    {.name = "inspect", .run = inspect_command},
};

int unknown_command(const Program& program, const std::string& word) {
    std::vector<std::string> names;
    for (const Command& command : kCommands) names.emplace_back(command.name);
    const std::string suggestion = nearest(word, names);
    std::string message = fmt::format("there is no command '{}'", word);
    if (!suggestion.empty()) message += fmt::format("; did you mean '{}'?", suggestion);
    return usage_error(program, "", message);
}

}  // namespace

int dispatch(const Program& program, const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        program.err << kUsage;
        return kExitUsage;
    }
    const std::string& word = arguments.front();
    std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
    if (word == "--version") {
        program.out << to_string(build_info()) << "\n";
        return kExitPassed;
    }
    if (word == "--help" || word == "-h" || word == "help") {
        if (word != "help" || rest.empty()) {
            program.out << kUsage;
            return kExitPassed;
        }
        return dispatch(program, {rest.front(), "--help"});
    }
    for (const Command& command : kCommands) {
        if (word == command.name) return command.run(program, rest);
    }
    return unknown_command(program, word);
}

}  // namespace wavetank
