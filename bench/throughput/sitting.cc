// Conditions, result file, runner and progress, tied together.
#include "bench/throughput/sitting.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "bench/throughput/machine.h"
#include "bench/throughput/result_file.h"
#include "bench/throughput/runner.h"
#include "reports/throughput_table.h"

namespace wavetank::bench {
namespace {

std::string now_utc() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

Result<ThroughputSession> head_of(const SittingSetup& setup) {
    const Plan& plan = setup.plan;
    ThroughputSession session{
        .started = now_utc(), .references = plan.references, .bars = plan.bars};
    session.conditions.emplace_back("build", to_string(setup.build));
    for (auto& condition : machine_conditions()) session.conditions.push_back(condition);
    if (setup.local) {
        const Result<std::string> disk = disk_condition(setup.directory);
        if (!disk.ok()) return disk.error();
        session.conditions.emplace_back("disk", disk.value());
    }
    session.conditions.emplace_back("servers", setup.local
                                                   ? "processes of this machine, over loopback"
                                                   : "on other machines, or started before");
    session.conditions.emplace_back(
        "method", fmt::format("closed loop, {} messages of warm-up, median of {} repeats, at most "
                              "{} a measurement",
                              plan.warmup_messages, plan.repeats, to_string(plan.time_limit)));
    for (const SystemUnderLoad* system : setup.systems) {
        session.conditions.emplace_back(system->name(), system->description());
    }
    return session;
}

std::string clock_text(Duration span) {
    const int64_t total = (span.nanos + 500'000'000) / 1'000'000'000;
    if (total >= 3'600) {
        return fmt::format("{}:{:02}:{:02}", total / 3'600, total / 60 % 60, total % 60);
    }
    return fmt::format("{}:{:02}", total / 60, total % 60);
}

std::string cell_text(const BenchStep& step) {
    const ThroughputCell& cell = step.cell;
    return fmt::format("{}, {} server{}, {} x {} B, concurrency {}", step.system, cell.servers,
                       cell.servers == 1 ? "" : "s",
                       figure_text(static_cast<double>(cell.messages)),
                       figure_text(static_cast<double>(cell.payload_bytes)), cell.concurrency);
}

std::string sample_text(const ThroughputSample& sample) {
    if (!sample.problem.empty()) return sample.problem;
    return fmt::format("{} messages/s, p99 {}{}", figure_text(messages_per_second(sample)),
                       span_text(sample.p99),
                       sample.failed == 0 ? "" : fmt::format(", {} failed", sample.failed));
}

// "[12/90, 3:20 to go] etcd, 3 servers, 1,000 x 200 B, concurrency 64: 12,345 messages/s, p99 9
// ms", the result added when it is there. On a terminal what runs now stands in a line of its own.
class Progress {
 public:
    Progress(std::ostream& out, bool is_terminal) : out_(out), is_terminal_(is_terminal) {}

    void before(const BenchStep& step) {
        const std::string left =
            step.remaining ? fmt::format(", {} to go", clock_text(*step.remaining)) : "";
        line_ = fmt::format("[{}/{}{}] {}", step.done + 1, step.total, left, cell_text(step));
        if (is_terminal_) out_ << line_ << " ..." << std::flush;
    }
    void after(const ThroughputSample& sample) {
        if (is_terminal_) out_ << "\r\x1b[K";  // ECMA-48: erase to the end of the line
        out_ << line_ << ": " << sample_text(sample) << "\n" << std::flush;
    }

 private:
    std::ostream& out_;
    bool is_terminal_;
    std::string line_;
};

}  // namespace

Result<ThroughputSession> hold_sitting(const SittingSetup& setup) {
    Result<ThroughputSession> session = head_of(setup);
    if (!session.ok()) return session;
    Result<ResultFile> file = ResultFile::create(setup.result_file, session.value());
    if (!file.ok()) return file.error();
    Progress progress(setup.progress, setup.progress_is_terminal);
    const auto error = run_plan(setup.plan, setup.systems,
                                {.before = [&](const BenchStep& step) { progress.before(step); },
                                 .after =
                                     [&](const ThroughputSample& sample) {
                                         progress.after(sample);
                                         session.value().samples.push_back(sample);
                                         return file.value().add(sample);
                                     }});
    if (error) return *error;
    return session;
}

Result<ScratchFolder> ScratchFolder::make(const std::string& parent) {
    std::string path = parent + "/wavetank-bench-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
        return Error{fmt::format("cannot make a folder in '{}': {}", parent, strerror(errno))};
    }
    return ScratchFolder(std::move(path));
}

ScratchFolder::~ScratchFolder() {
    if (path_.empty()) return;
    std::error_code ignored;  // what cannot be removed stays visible where the user put it
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace wavetank::bench
