// The options of `wavetank run`, and its help.
#include "tools/program/run_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace wavetank {
namespace {

namespace options = boost::program_options;

constexpr uint64_t kJobsMax = 1024;
constexpr uint64_t kTimeoutSecondsMax = 1'000'000;

options::options_description known_options() {
    options::options_description known;
    const auto text = [] { return options::value<std::string>(); };
    auto add = known.add_options();
    add("help", "");
    add_selection_options(known);
    add("print-scenario", "");
    add("seed", text(), "");
    add("seeds", text(), "");
    add("jobs", text(), "");
    add("timeout", text(), "");
    add("stop-on-failure", "");
    add("check-determinism", "");
    add("out", text(), "");
    add("junit", text(), "");
    add("junit-flavor", text(), "");
    add("json", text(), "");
    add("trace", text(), "");
    add("digests", text(), "");
    return known;
}

Result<SeedRange> read_seeds(const Arguments& arguments) {
    if (arguments.has("seed") && arguments.has("seeds")) {
        return Error{"--seed and --seeds exclude each other; give one of them"};
    }
    if (arguments.has("seeds")) return read_range("--seeds", arguments.text("seeds"));
    if (!arguments.has("seed")) return SeedRange{};
    const Result<uint64_t> seed = read_number("--seed", arguments.text("seed"));
    if (!seed.ok()) return seed.error();
    return SeedRange{.first = seed.value(), .last = seed.value()};
}

// Nothing if all is well.
std::optional<Error> read_limits(const Arguments& arguments, RunRequest& request) {
    request.jobs = std::max(1u, std::thread::hardware_concurrency());
    if (arguments.has("jobs")) {
        const auto jobs =
            read_number("--jobs", arguments.text("jobs"), {.min = 1, .max = kJobsMax});
        if (!jobs.ok()) return jobs.error();
        request.jobs = static_cast<uint32_t>(jobs.value());
    }
    if (arguments.has("timeout")) {
        const auto timeout = read_number("--timeout (in seconds)", arguments.text("timeout"),
                                         {.min = 1, .max = kTimeoutSecondsMax});
        if (!timeout.ok()) return timeout.error();
        request.timeout = seconds(static_cast<int64_t>(timeout.value()));
    }
    return std::nullopt;
}

std::optional<Error> read_reports(const Arguments& arguments, RunRequest& request) {
    request.out_directory = arguments.text("out");
    request.junit_file = arguments.text("junit");
    request.json_file = arguments.text("json");
    request.trace_file = arguments.text("trace");
    request.digests_file = arguments.text("digests");
    if (!arguments.has("junit-flavor")) return std::nullopt;
    const std::string flavor = arguments.text("junit-flavor");
    const auto parsed = parse_junit_flavor(flavor);
    if (!parsed) {
        return Error{
            fmt::format("--junit-flavor must be strict or gitlab, but it is '{}'", flavor)};
    }
    request.junit_flavor = *parsed;
    return std::nullopt;
}

}  // namespace

const char* const kRunUsage = R"(usage: wavetank run FILE|DIR... [OPTIONS]
       wavetank run --matrix FILE|DIR... [OPTIONS]
       wavetank run --swarm [OPTIONS]

Runs scenarios over seeds and judges every run. A folder stands for all *.textproto files in it and
below. Each run is made in a worker process: a crash or hang is a failure of its seed only.

which runs:
  --seed N               one seed; the default is 1
  --seeds A..B           all seeds from A to B
  --matrix               each scenario under a table of options in which every two values meet: reads
                         (by a majority or a lease), forwarding, window, snapshots, writes (disk writes
                         in flight), encoded (links), priorities, loss. Storage kinds are no factor yet:
                         there is only memory. A scenario's matrix { leave_out: "loss" } keeps its own
  --row N                only this row of the matrix
  --swarm                scenarios drawn from the seeds: cluster, options, weather, clients, faults
  --print-scenario       print the one scenario that is chosen as a file, complete, and run nothing
  --stop-on-failure      start no more runs after the first failure
  --check-determinism    make each run twice; fail if they differ, and name the first event that does

how:
  --jobs N               worker processes; the default is the number of cores
  --timeout SECONDS      real time a run may take before it counts as hung; the default is 120

what is written (all in a fixed order, whatever ends first):
  --out DIR              for each run that did not pass a folder: record, scenario, digests, command
  --junit FILE           JUnit XML, for GitHub, Jenkins and others
  --junit-flavor F       strict (default) or gitlab (adds testcase/@file and system-out)
  --json FILE            the whole session as JSON
  --trace FILE           every event as a line of JSON; for a single run only
  --digests FILE         a line "scenario seed digest" for each run, to compare builds with diff
  --help                 this text

examples:
  wavetank run scenarios/library/elections/leader_crash.textproto --seed 7
  wavetank run scenarios/library --seeds 1..1000 --jobs 8 --out out --junit out/junit.xml
  wavetank run my.textproto --seeds 1..50 --check-determinism
  wavetank run --swarm --seeds 1..10000 --out out
  wavetank run --swarm --seed 17 --print-scenario > seventeen.textproto
  wavetank run --matrix scenarios/library/general --seeds 1..20

exit code: 0 all passed, 1 a failure, 2 unknown (and no failure), 64 wrong usage or file, 130 Ctrl-C
)";

Result<RunRequest> read_run_request(const std::vector<std::string>& arguments) {
    const Result<Arguments> read = read_arguments(known_options(), arguments);
    if (!read.ok()) return read.error();
    const Arguments& given = read.value();
    RunRequest request;
    request.help = given.has("help");
    if (request.help) return request;
    Result<Selection> selection = read_selection(given, given.words);
    if (!selection.ok()) return selection.error();
    request.selection = std::move(selection.value());
    request.print_scenario = given.has("print-scenario");
    const Result<SeedRange> seeds = read_seeds(given);
    if (!seeds.ok()) return seeds.error();
    request.seeds = seeds.value();
    request.stop_on_failure = given.has("stop-on-failure");
    request.check_determinism = given.has("check-determinism");
    if (const auto error = read_limits(given, request)) return *error;
    if (const auto error = read_reports(given, request)) return *error;
    return request;
}

}  // namespace wavetank
