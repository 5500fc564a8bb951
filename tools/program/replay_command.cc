// `wavetank replay`: one run again, in this process (so that a debugger can hold it), compared with
// what was recorded, told in words, or stopped to look at a server.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "reports/event_digests.h"
#include "reports/failure_folder.h"
#include "reports/narration.h"
#include "reports/record_format.h"
#include "reports/summary.h"
#include "reports/text.h"
#include "tools/program/build_info.h"
#include "tools/program/commands.h"
#include "tools/program/one_run.h"
#include "tools/program/selection.h"

namespace wavetank {
namespace {

namespace options = boost::program_options;

constexpr const char* kUsage = R"(usage: wavetank replay SEED FILE [OPTIONS]
       wavetank replay SEED FILE --matrix --row N [OPTIONS]
       wavetank replay SEED --swarm [OPTIONS]

Makes one run again, in this process. Same program, scenario and seed: same run, to the last byte.

which scenario, instead of FILE alone:
  --swarm                       what `run --swarm` draws from the seed
  --matrix --row N              FILE under the options of this row of `run --matrix`

is it the same:
  --digest HEX                  the digest the run had
  --record PATH                 a folder that `run --out` wrote, or its record.json
  --compare-event-digests FILE  a file that --write-event-digests or `run --out` wrote; the first event
                                that differs is named
what happened:
  --narrate A..B                print events A to B in words
  --until N                     stop after event N; the digest is not compared then
  --server ID                   with --until or without: the state of a server at the stop; several
                                servers are --server 1 --server 2
for comparing:
  --write-event-digests FILE    the digest after every event
  --help                        this text

examples:
  wavetank replay 7 my.textproto --digest 00f3a9c2d4e5b617
  wavetank replay 7 my.textproto --narrate 500..560
  wavetank replay 7 my.textproto --until 553 --server 1 --server 2
  wavetank replay 17 --swarm --narrate 1..100

exit code: with something to compare 0 the same, 1 different; else 0 passed, 1 failed, 2 unknown;
64 wrong usage or file
)";

struct ReplayRequest {
    bool help = false;
    uint64_t seed = 0;
    Selection selection;
    std::optional<uint64_t> digest;
    std::string record_path;
    std::string compare_file;
    std::string write_file;
    std::optional<EventRange> narrate;
    uint64_t until = UINT64_MAX;
    std::vector<ServerId> servers;
};

options::options_description known_options() {
    options::options_description known;
    const auto text = [] { return options::value<std::string>(); };
    auto add = known.add_options();
    add("help", "");
    add_selection_options(known);
    add("digest", text(), "");
    add("record", text(), "");
    add("compare-event-digests", text(), "");
    add("write-event-digests", text(), "");
    add("narrate", text(), "");
    add("until", text(), "");
    add("server", options::value<std::vector<std::string>>(), "");
    return known;
}

std::optional<Error> read_place(const Arguments& given, ReplayRequest& request) {
    if (given.has("narrate")) {
        const Result<SeedRange> range = read_range("--narrate", given.text("narrate"));
        if (!range.ok()) return range.error();
        request.narrate = EventRange{.first = range.value().first, .last = range.value().last};
    }
    if (given.has("until")) {
        const Result<uint64_t> until = read_number("--until", given.text("until"));
        if (!until.ok()) return until.error();
        request.until = until.value();
    }
    if (!given.has("server")) return std::nullopt;
    for (const std::string& text : given.options["server"].as<std::vector<std::string>>()) {
        const auto server = read_number("--server", text, {.min = 1, .max = UINT32_MAX});
        if (!server.ok()) return server.error();
        request.servers.emplace_back(static_cast<uint32_t>(server.value()));
    }
    return std::nullopt;
}

Result<ReplayRequest> read_request(const std::vector<std::string>& arguments) {
    const Result<Arguments> read = read_arguments(known_options(), arguments);
    if (!read.ok()) return read.error();
    const Arguments& given = read.value();
    ReplayRequest request;
    request.help = given.has("help");
    if (request.help) return request;
    const bool swarm = given.has("swarm");
    const std::size_t words = swarm ? 1 : 2;
    if (given.words.size() != words) {
        return Error{fmt::format("give a seed{}; there are {} words",
                                 swarm ? "" : " and a scenario file", given.words.size())};
    }
    const Result<uint64_t> seed = read_number("the seed", given.words[0]);
    if (!seed.ok()) return seed.error();
    request.seed = seed.value();
    Result<Selection> selection =
        read_selection(given, {given.words.begin() + 1, given.words.end()});
    if (!selection.ok()) return selection.error();
    request.selection = std::move(selection.value());
    request.record_path = given.text("record");
    request.compare_file = given.text("compare-event-digests");
    request.write_file = given.text("write-event-digests");
    if (given.has("digest")) {
        request.digest = parse_digest(given.text("digest"));
        if (!request.digest) {
            return Error{fmt::format("--digest must be 1 to 16 hexadecimal digits, but it is '{}'",
                                     given.text("digest"))};
        }
    }
    if (const auto error = read_place(given, request)) return *error;
    return request;
}

// What the run is compared with.
struct Expectation {
    std::optional<uint64_t> digest;
    std::optional<std::vector<uint64_t>> event_digests;
};

Result<Expectation> read_expectation(const ReplayRequest& request) {
    Expectation expected{.digest = request.digest, .event_digests = std::nullopt};
    std::string events_file = request.compare_file;
    if (!request.record_path.empty()) {
        const bool is_folder = std::filesystem::is_directory(request.record_path);
        const std::string folder = is_folder ? request.record_path + "/" : "";
        const std::string path = is_folder ? folder + kRecordFile : request.record_path;
        std::ifstream file(path, std::ios::binary);
        std::ostringstream json;
        json << file.rdbuf();
        if (!file) return Error{fmt::format("cannot read the record '{}'", path)};
        const Result<RunRecord> record = record_from_json(json.str());
        if (!record.ok()) return Error{fmt::format("'{}': {}", path, record.error().message)};
        if (record.value().seed != request.seed) {
            return Error{fmt::format("'{}' is the record of seed {}, not {}", path,
                                     record.value().seed, request.seed)};
        }
        if (!expected.digest) expected.digest = record.value().digest;
        const std::string beside = folder + kEventDigestsFile;
        if (is_folder && events_file.empty() && std::filesystem::exists(beside))
            events_file = beside;
    }
    if (events_file.empty()) return expected;
    Result<EventDigests> events = read_event_digests(events_file);
    if (!events.ok()) return events.error();
    if (events.value().seed != request.seed) {
        return Error{fmt::format("'{}' has the event digests of seed {}, not {}", events_file,
                                 events.value().seed, request.seed)};
    }
    expected.event_digests = std::move(events.value().digests);
    return expected;
}

// Prints whether the run was as expected, and where it was not. True if it was.
bool compare(const Program& program, const OneRun& run, const Expectation& expected,
             const RunRecord& record, const std::vector<uint64_t>& events) {
    std::optional<uint64_t> different;
    if (expected.event_digests) different = first_different_event(*expected.event_digests, events);
    const bool same_digest = !expected.digest || *expected.digest == record.digest;
    if (!different && same_digest) {
        program.out << "the same run: every digest is as recorded\n";
        return true;
    }
    program.out << fmt::format("NOT the same run: this one has digest {}",
                               digest_text(record.digest));
    if (expected.digest)
        program.out << fmt::format(", recorded is {}", digest_text(*expected.digest));
    program.out << "\n";
    if (different) {
        program.out << fmt::format("the first event that differs is {}; here it is\n{}\n",
                                   *different, event_in_words(run, *different));
    } else {
        program.out << "which event differs first tells --compare-event-digests, given the event "
                       "digests of the other run\n";
    }
    return false;
}

void print_states(const Program& program, const ReplayRequest& request, const StoppedRun& stopped) {
    for (std::size_t i = 0; i < stopped.states.size(); ++i) {
        program.out << fmt::format("server {} after event {}:\n{}", request.servers[i].value(),
                                   stopped.record.events, indented(stopped.states[i], "  "));
    }
}

int replay(const Program& program, const ReplayRequest& request, const SelectedScenarios& selected,
           const Expectation& expected) {
    const Selected& scenario = selected.scenarios[0];
    const Setup setup = setup_of(program.engine, scenario, request.seed);
    program.out << fmt::format("{}seed {}\nbuild {}\n", selected.head, request.seed,
                               to_string(build_info()))
                << std::flush;
    if (!scenario.setup) program.out << program.engine.summarize(setup) << "\n";
    std::vector<uint64_t> events;
    Narrator narrator(request.narrate.value_or(EventRange{}),
                      [&](const std::string& line) { program.out << line << std::flush; });
    const bool keeps_digests = expected.event_digests || !request.write_file.empty();
    const RunOptions run_options{.trace = request.narrate ? &narrator : nullptr,
                                 .event_digests = keeps_digests ? &events : nullptr};
    const OneRun run{.engine = program.engine, .setup = setup, .seed = request.seed};
    const StoppedRun stopped = program.engine.run(
        setup, request.seed, run_options, {.event = request.until, .describe = request.servers});
    print_states(program, request, stopped);
    const RunRecord& record = stopped.record;
    if (!request.write_file.empty()) {
        const auto problem =
            write_event_digests(request.write_file, {.seed = request.seed, .digests = events});
        if (problem) return usage_error(program, "replay", *problem);
    }
    if (record.events >= request.until) {
        program.out << fmt::format("stopped after event {} at {} s; the run is not judged\n",
                                   record.events, to_string(record.ended));
        return kExitPassed;
    }
    Session session;
    session.program = program.name;
    session.timeout = seconds(120);
    RunEntry entry{
        .file = scenario.file, .selection = scenario.words, .record = record, .wall = {}};
    entry.record.scenario = scenario.name;
    if (record.verdict != Verdict::Pass) program.out << problem_text(session, entry);
    const bool compares = expected.digest || expected.event_digests;
    const bool same = !compares || compare(program, run, expected, record, events);
    program.out << fmt::format("verdict {}\ndigest {}\n", name_of(record.verdict),
                               digest_text(record.digest));
    if (compares) return same ? kExitPassed : kExitFailed;
    return exit_code(record.verdict);
}

}  // namespace

int replay_command(const Program& program, const std::vector<std::string>& arguments) {
    const Result<ReplayRequest> request = read_request(arguments);
    if (!request.ok()) return usage_error(program, "replay", request.error().message);
    if (request.value().help) {
        program.out << kUsage;
        return kExitPassed;
    }
    const auto selected = load_selection(program.engine, request.value().selection);
    if (!selected.ok()) {
        program.err << selected.error().message << "\n";
        return kExitUsage;
    }
    if (selected.value().scenarios.size() != 1) {
        return usage_error(program, "replay",
                           fmt::format("there are {} scenarios to choose from; name one file{}",
                                       selected.value().scenarios.size(),
                                       request.value().selection.matrix ? " and one --row" : ""));
    }
    const uint32_t servers =
        setup_of(program.engine, selected.value().scenarios[0], request.value().seed).servers;
    for (const ServerId server : request.value().servers) {
        if (server.value() <= servers) continue;
        return usage_error(
            program, "replay",
            fmt::format("--server {}: the scenario has servers 1 to {}", server.value(), servers));
    }
    const Result<Expectation> expected = read_expectation(request.value());
    if (!expected.ok()) return usage_error(program, "replay", expected.error().message);
    return replay(program, request.value(), selected.value(), expected.value());
}

}  // namespace wavetank
