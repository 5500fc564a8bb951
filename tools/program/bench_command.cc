// `wavetank bench cluster` and `wavetank bench show`: throughput over real TCP and real disks.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <sstream>

#include "bench/throughput/plan.h"
#include "bench/throughput/result_file.h"
#include "bench/throughput/sitting.h"
#include "bench/throughput/wavetank_system.h"
#include "reports/throughput_comparison.h"
#include "reports/throughput_plot.h"
#include "reports/throughput_table.h"
#include "scenarios/suggest.h"
#include "tools/program/build_info.h"
#include "tools/program/commands.h"
#include "tools/program/deployed.h"

namespace wavetank {
namespace {

namespace options = boost::program_options;

constexpr const char* kUsage = R"(usage: wavetank bench cluster [OPTIONS]
       wavetank bench show FILE [--format text|markdown|csv|svg]

Measures the throughput and latency of real servers: over TCP, with every message durable on a
majority before it is answered. Cells are all combinations of what the lists name; each is measured
with new servers on empty disks, several times. Results are printed, and kept in a file.

what is measured
  --plan FILE           tables from a file (bench/throughput/bench.proto documents it, bench/plans
                        has examples); the options below then replace the lists of all its tables
  --messages LIST       numbers of messages, such as 100,2000; default 10000
  --payload LIST        bytes of a message; default 4,200,640
  --concurrency LIST    messages under way at once; default 1,64,256
  --servers LIST        sizes of the cluster; default 3
  --repeats N           measurements of each cell; the median is shown; default 3
  --warmup N            messages before each measurement; default 1000
  --time-limit SPAN     a measurement ends after it; default 60s

where
  --data DIR            the disk for the servers' data; default the current folder
  --page-bytes N        the page size of the servers' databases, a power of two from 512 to 65536;
                        default 8192; larger pages pay for large messages
  --tls DIR             connections are mutual TLS 1.3, with the certificates in DIR (tools/test-ca)
                        of the servers and of a client called client that may write; with --cluster
                        by default the folder that FILE names, if any
  --cluster FILE        measure a cluster that runs already, here or elsewhere; servers are then
                        neither started nor stopped, and keep what they are sent

results
  --out FILE            a SQLite file, which must not exist; default out/bench-DATE-TIME.sqlite in
                        the current folder; it is named before and after the measurement
  --format FORMAT       how they are printed: text (default), markdown, csv or svg
  --help                this text

`show` prints a result file again, also one of a measurement that was interrupted.

examples:
  wavetank bench cluster --messages 10000 --payload 4,4096 --concurrency 64
  wavetank bench cluster --plan bench/plans/predecessors.textproto --format markdown
  wavetank bench cluster --cluster /tmp/three/cluster.textproto --concurrency 64
  wavetank bench show out/bench-20260102-030405.sqlite --format svg > bench.svg

exit code: 0 everything was measured, 1 a cell could not be, 64 wrong usage or file
)";

struct Format {
    const char* name;
    std::string (*render)(const ThroughputSession&);
};
constexpr Format kFormats[] = {{.name = "text", .render = throughput_text},
                               {.name = "markdown", .render = throughput_markdown},
                               {.name = "csv", .render = throughput_csv},
                               {.name = "svg", .render = throughput_svg}};

Result<const Format*> format_of(const Arguments& arguments) {
    const std::string name = arguments.has("format") ? arguments.text("format") : "text";
    for (const Format& format : kFormats) {
        if (name == format.name) return &format;
    }
    return Error{fmt::format("--format is '{}'; it can be text, markdown, csv or svg", name)};
}

// --- What is measured ---

Result<std::vector<uint64_t>> read_list(const std::string& what, const std::string& text,
                                        const NumberRange& range) {
    std::vector<uint64_t> numbers;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, ',');) {
        const Result<uint64_t> number = read_number("each number of " + what, word, range);
        if (!number.ok()) return number.error();
        if (std::find(numbers.begin(), numbers.end(), number.value()) != numbers.end()) {
            return Error{fmt::format("{} has {} twice; once is enough", what, number.value())};
        }
        numbers.push_back(number.value());
    }
    if (numbers.empty()) return Error{what + " is empty; give numbers such as 4,200"};
    return numbers;
}

struct ListOption {
    const char* name;
    std::vector<uint64_t> bench::PlanTable::*list;
    uint64_t max;
};
constexpr ListOption kLists[] = {
    {"messages", &bench::PlanTable::messages, bench::PlanLimits::kMessages},
    {"payload", &bench::PlanTable::payload_bytes, bench::PlanLimits::kPayloadBytes},
    {"concurrency", &bench::PlanTable::concurrency, bench::PlanLimits::kConcurrency},
    {"servers", &bench::PlanTable::servers, bench::PlanLimits::kServers},
};

bench::Plan default_plan() {
    bench::Plan plan;
    plan.tables = {{.title = "Throughput",
                    .servers = {3},
                    .messages = {10'000},
                    .payload_bytes = {4, 200, 640},
                    .concurrency = {1, 64, 256}}};
    return plan;
}

std::optional<Error> read_numbers(const Arguments& arguments, bench::Plan* plan) {
    if (arguments.has("repeats")) {
        const auto number = read_number("--repeats", arguments.text("repeats"),
                                        {.min = 1, .max = bench::PlanLimits::kRepeats});
        if (!number.ok()) return number.error();
        plan->repeats = static_cast<uint32_t>(number.value());
    }
    if (arguments.has("warmup")) {
        const auto number = read_number("--warmup", arguments.text("warmup"),
                                        {.min = 0, .max = bench::PlanLimits::kMessages});
        if (!number.ok()) return number.error();
        plan->warmup_messages = number.value();
    }
    if (arguments.has("time-limit")) {
        const std::string text = arguments.text("time-limit");
        const auto span = parse_duration(text);
        if (!span || span->nanos == 0) {
            return Error{fmt::format("--time-limit is '{}'; write it as 60s, 500ms or 2m", text)};
        }
        plan->time_limit = *span;
    }
    return std::nullopt;
}

Result<bench::Plan> read_plan(const Arguments& arguments) {
    Result<bench::Plan> plan = arguments.has("plan") ? bench::load_plan(arguments.text("plan"))
                                                     : Result<bench::Plan>(default_plan());
    if (!plan.ok()) return plan;
    for (const ListOption& option : kLists) {
        if (!arguments.has(option.name)) continue;
        const auto list = read_list(fmt::format("--{}", option.name), arguments.text(option.name),
                                    {.min = 1, .max = option.max});
        if (!list.ok()) return list.error();
        for (bench::PlanTable& table : plan.value().tables) table.*option.list = list.value();
    }
    if (auto error = read_numbers(arguments, &plan.value())) return *error;
    return plan;
}

// --- Where ---

// Where results go; the folder of the default is made.
Result<std::string> result_file(const Arguments& arguments) {
    if (arguments.has("out")) return arguments.text("out");
    std::error_code failure;
    std::filesystem::create_directories("out", failure);
    if (failure) {
        return Error{fmt::format("cannot make the folder 'out' for results: {}; give --out FILE",
                                 failure.message())};
    }
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    return fmt::format("out/bench-{:%Y%m%d-%H%M%S}.sqlite", fmt::gmtime(now));
}

Result<uint32_t> read_page_bytes(const Arguments& arguments) {
    if (!arguments.has("page-bytes")) return Deployment().page_bytes;
    const auto number =
        read_number("--page-bytes", arguments.text("page-bytes"), {.min = 512, .max = 65'536});
    if (!number.ok()) return number.error();
    if ((number.value() & (number.value() - 1)) != 0) {
        return Error{fmt::format("--page-bytes is {}; it must be a power of two", number.value())};
    }
    return static_cast<uint32_t>(number.value());
}

// The cluster that runs already, or servers of our own; these need `folder`.
Result<std::unique_ptr<bench::SystemUnderLoad>> make_system(const Arguments& arguments,
                                                            const std::string& folder) {
    const Result<uint32_t> page_bytes = read_page_bytes(arguments);
    if (!page_bytes.ok()) return page_bytes.error();
    if (!arguments.has("cluster")) {
        return std::unique_ptr<bench::SystemUnderLoad>(new bench::LocalWavetank(
            {.program = std::filesystem::read_symlink("/proc/self/exe").string(),
             .directory = folder,
             .page_bytes = page_bytes.value(),
             .tls = arguments.has("tls") ? std::filesystem::absolute(arguments.text("tls")).string()
                                         : std::string()}));
    }
    for (const char* option : {"page-bytes", "data", "servers"}) {
        if (!arguments.has(option)) continue;
        return Error{fmt::format(
            "--{} is for servers that are started here, not for those of --cluster", option)};
    }
    const Result<Deployed> deployed =
        load_deployed(arguments.text("cluster"), {.folder = arguments.text("tls")});
    if (!deployed.ok()) return deployed.error();
    return std::unique_ptr<bench::SystemUnderLoad>(
        new bench::DeployedWavetank(deployed.value(), deployed.value().credentials));
}

// A cluster that runs has the size it has.
void use_size_of(const std::string& file, bench::Plan* plan) {
    const Result<Deployment> deployment = load_deployment(file);
    if (!deployment.ok()) return;
    for (bench::PlanTable& table : plan->tables) {
        table.servers = {deployment.value().configuration().all().size()};
    }
}

int report(const Program& program, const ThroughputSession& session, const Format& format) {
    program.out << format.render(session);
    for (const ThroughputSample& sample : session.samples) {
        if (!sample.problem.empty() || sample.failed > 0) return kExitFailed;
    }
    return kExitPassed;
}

int bench_cluster(const Program& program, const Arguments& arguments) {
    const Result<const Format*> format = format_of(arguments);
    if (!format.ok()) return usage_error(program, "bench", format.error().message);
    if (arguments.words.size() > 1) {
        return usage_error(program, "bench",
                           fmt::format("'{}' belongs to no option", arguments.words[1]));
    }
    Result<bench::Plan> plan = read_plan(arguments);
    if (!plan.ok()) return usage_error(program, "bench", plan.error().message);
    const bool local = !arguments.has("cluster");
    if (!local) use_size_of(arguments.text("cluster"), &plan.value());
    const Result<bench::ScratchFolder> folder = bench::ScratchFolder::make(
        arguments.has("data") ? arguments.text("data") : std::string("."));
    if (!folder.ok()) return usage_error(program, "bench", folder.error().message);
    const auto system =
        make_system(arguments, std::filesystem::absolute(folder.value().path()).string());
    if (!system.ok()) return usage_error(program, "bench", system.error().message);
    const Result<std::string> out = result_file(arguments);
    if (!out.ok()) return usage_error(program, "bench", out.error().message);
    program.err << "results go to " << out.value() << "\n" << std::flush;
    const Result<ThroughputSession> session =
        bench::hold_sitting({.plan = plan.value(),
                             .systems = {system.value().get()},
                             .build = build_info(),
                             .directory = folder.value().path(),
                             .local = local,
                             .result_file = out.value(),
                             .progress = program.err,
                             .progress_is_terminal = program.err_is_terminal});
    if (!session.ok()) return usage_error(program, "bench", session.error().message);
    program.err << "results are in " << out.value()
                << "; `wavetank bench show` prints them again\n";
    return report(program, session.value(), *format.value());
}

int bench_show(const Program& program, const Arguments& arguments) {
    const Result<const Format*> format = format_of(arguments);
    if (!format.ok()) return usage_error(program, "bench", format.error().message);
    if (arguments.words.size() != 2) {
        return usage_error(program, "bench", "which result file? Give exactly one");
    }
    const Result<ThroughputSession> session = bench::read_result_file(arguments.words[1]);
    if (!session.ok()) return usage_error(program, "bench", session.error().message);
    return report(program, session.value(), *format.value());
}

}  // namespace

int bench_command(const Program& program, const std::vector<std::string>& arguments) {
    options::options_description known;
    known.add_options()("help", "");
    for (const char* option :
         {"plan", "messages", "payload", "concurrency", "servers", "repeats", "warmup",
          "time-limit", "data", "page-bytes", "tls", "cluster", "out", "format"}) {
        known.add_options()(option, options::value<std::string>());
    }
    const Result<Arguments> read = read_arguments(known, arguments);
    if (!read.ok()) return usage_error(program, "bench", read.error().message);
    if (read.value().has("help")) {
        program.out << kUsage;
        return kExitPassed;
    }
    const std::vector<std::string>& words = read.value().words;
    if (!words.empty() && words[0] == "cluster") return bench_cluster(program, read.value());
    if (!words.empty() && words[0] == "show") return bench_show(program, read.value());
    return usage_error(program, "bench",
                       words.empty() ? "what? Say cluster or show"
                                     : fmt::format("'{}' is neither cluster nor show", words[0]));
}

}  // namespace wavetank
