// `wavetank run`: load, run in workers, write the reports, say the verdict.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <map>
#include <set>

#include "core/base/sometimes.h"
#include "reports/failure_folder.h"
#include "reports/record_format.h"
#include "reports/reproduction.h"
#include "reports/summary.h"
#include "reports/text.h"
#include "tools/program/build_info.h"
#include "tools/program/commands.h"
#include "tools/program/one_run.h"
#include "tools/program/progress_line.h"
#include "tools/program/run_request.h"
#include "tools/program/worker_pool.h"

namespace wavetank {
namespace {

constexpr uint64_t kRunsMax = 1'000'000'000;

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts = {};
    ::gmtime_r(&now, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts)};
}

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof(name) - 1) == 0 ? printable(name) : "localhost";
}

std::vector<std::string> all_marks() {
    std::set<std::string> names;
    for (const SometimesMark* mark : sometimes_marks()) names.insert(mark->name);
    return {names.begin(), names.end()};
}

// One call of `wavetank run`.
class RunSession {
 public:
    RunSession(const Program& program, RunRequest request, SelectedScenarios selected);
    int run();

 private:
    uint64_t seeds() const { return request_.seeds.last - request_.seeds.first + 1; }
    bool is_single() const { return session_.planned == 1; }
    void print_head();
    std::optional<RunTask> next_task();
    RunRecord make_in_worker(const RunTask& task) const;
    void take(TaskResult result);
    void tell_problem(const RunEntry& entry);
    void tell_drawn(const RunRecord& record);
    void print_next_drawn();
    std::optional<std::string> write_reports() const;
    std::optional<std::string> write_failures() const;

    const Program& program_;
    const RunRequest request_;
    const std::string head_;
    const std::vector<Selected> scenarios_;
    Session session_;
    ProgressLine progress_;
    VerdictCounts counts_;
    uint64_t handed_out_ = 0;
    // Of a swarm: the lines of the runs that have ended, by seed, but not yet printed, because one
    // before them has not ended.
    std::map<uint64_t, std::string> drawn_;
    uint64_t next_drawn_;
};

RunSession::RunSession(const Program& program, RunRequest request, SelectedScenarios selected)
    : program_(program),
      request_(std::move(request)),
      head_(std::move(selected.head)),
      scenarios_(std::move(selected.scenarios)),
      progress_(program.err, program.err_is_terminal, seeds() * scenarios_.size()),
      next_drawn_(request_.seeds.first) {
    session_.program = program.name;
    session_.build = build_info();
    session_.started = utc_now();
    session_.host = host_name();
    session_.timeout = request_.timeout;
    session_.check_determinism = request_.check_determinism;
    session_.planned = seeds() * scenarios_.size();
}

// Scenario, seed and build come first, so that even a log that is cut off tells how to continue.
void RunSession::print_head() {
    program_.out << head_;
    if (seeds() == 1)
        program_.out << fmt::format("seed {}\n", request_.seeds.first);
    else
        program_.out << fmt::format("seeds {}..{}\n", request_.seeds.first, request_.seeds.last);
    program_.out << fmt::format("build {}\n", to_string(session_.build)) << std::flush;
}

// Seed by seed over all scenarios: a hunt that is stopped early has seen something of each.
std::optional<RunTask> RunSession::next_task() {
    const bool stopped = request_.stop_on_failure && counts_.failed > 0;
    if (handed_out_ == session_.planned || stopped) return std::nullopt;
    const uint64_t number = handed_out_++;
    return RunTask{.file = static_cast<uint32_t>(number % scenarios_.size()),
                   .seed = request_.seeds.first + number / scenarios_.size()};
}

RunRecord RunSession::make_in_worker(const RunTask& task) const {
    const Selected& scenario = scenarios_[task.file];
    const Setup setup = setup_of(program_.engine, scenario, task.seed);
    OneRunOptions options{.trace_file = request_.trace_file,
                          .event_digests_file = "",
                          .check_determinism = request_.check_determinism};
    if (!request_.out_directory.empty()) {
        const std::string folder =
            failure_folder(request_.out_directory, {.scenario = scenario.name, .seed = task.seed});
        options.event_digests_file = folder + "/" + kEventDigestsFile;
    }
    return make_run({.engine = program_.engine, .setup = setup, .seed = task.seed}, options);
}

void RunSession::take(TaskResult result) {
    const Selected& scenario = scenarios_[result.task.file];
    RunEntry entry{.file = scenario.file,
                   .selection = scenario.words,
                   .record = std::move(result.record),
                   .wall = result.wall};
    // What a worker's death leaves knows no scenario, and the engine need not know our naming.
    entry.record.scenario = scenario.name;
    add(counts_, entry.record.verdict);
    const bool is_told = died(entry.record);  // its last words are in the finding
    if (!result.output.empty() && !is_told) {
        progress_.line(
            fmt::format("{} seed {} printed:", entry.record.scenario, entry.record.seed));
        progress_.line(indented(result.output, "  "));
    }
    if (entry.record.verdict != Verdict::Pass && !is_single()) tell_problem(entry);
    if (!scenario.setup) tell_drawn(entry.record);
    add_run(session_, std::move(entry));
    if (!is_single()) progress_.show(counts_);
}

// At once, in a line; the summary has the details.
void RunSession::tell_problem(const RunEntry& entry) {
    std::string what = "no finding";
    for (const Finding& finding : entry.record.findings) {
        if (finding.verdict != entry.record.verdict) continue;
        what = finding.oracle + ": " +
               printable(finding.message.substr(0, finding.message.find('\n')));
        break;
    }
    progress_.line(fmt::format("{} {} seed {}: {}",
                               entry.record.verdict == Verdict::Fail ? "FAILED" : "UNKNOWN",
                               entry.record.scenario, entry.record.seed, what));
}

// What the swarm drew, a line for each seed, in the order of the seeds, whatever ends first.
void RunSession::tell_drawn(const RunRecord& record) {
    drawn_[record.seed] = fmt::format("seed {} {}: {}\n", record.seed, name_of(record.verdict),
                                      program_.engine.summarize(program_.engine.draw(record.seed)));
    if (drawn_.begin()->first != next_drawn_) return;
    progress_.clear();
    while (!drawn_.empty() && drawn_.begin()->first == next_drawn_) print_next_drawn();
    program_.out << std::flush;
}

void RunSession::print_next_drawn() {
    const auto first = drawn_.begin();
    program_.out << first->second;
    next_drawn_ = first->first + 1;
    drawn_.erase(first);
}

std::optional<std::string> RunSession::write_failures() const {
    if (request_.out_directory.empty()) return std::nullopt;
    std::optional<std::string> problem = make_folder(request_.out_directory);
    for (const RunEntry& entry : session_.runs) {
        if (entry.record.verdict == Verdict::Pass || problem) continue;
        const std::string folder = failure_folder(
            request_.out_directory, {.scenario = entry.record.scenario, .seed = entry.record.seed});
        for (const Selected& scenario : scenarios_) {
            if (scenario.name != entry.record.scenario) continue;
            problem = write_failure(folder, session_, entry,
                                    text_of(program_.engine, scenario, entry.record.seed));
        }
    }
    return problem;
}

// All reports are tried, whatever goes wrong with one of them. The last problem, if any.
std::optional<std::string> RunSession::write_reports() const {
    std::optional<std::string> problem = write_failures();
    const auto write = [&](const std::string& path, const auto& content) {
        if (path.empty()) return;
        if (auto failed = write_file(path, content())) problem = failed;
    };
    write(request_.junit_file, [&] { return junit_xml(session_, request_.junit_flavor); });
    write(request_.json_file, [&] { return session_to_json(session_); });
    write(request_.digests_file, [&] { return digest_list(session_); });
    return problem;
}

int RunSession::run() {
    print_head();
    const auto started = std::chrono::steady_clock::now();
    const uint64_t workers = std::min<uint64_t>(request_.jobs, session_.planned);
    const Result<int> signal =
        run_in_workers({.workers = static_cast<uint32_t>(workers), .timeout = request_.timeout},
                       {.next = [this] { return next_task(); },
                        .run = [this](const RunTask& task) { return make_in_worker(task); },
                        .done = [this](TaskResult result) { take(std::move(result)); },
                        .tick =
                            [this] {
                                if (!is_single()) progress_.show(counts_);
                            }});
    progress_.clear();
    // After an interruption some are missing in between.
    while (!drawn_.empty()) print_next_drawn();
    if (!signal.ok()) {
        program_.err << signal.error().message << "\n";
        return kExitUsage;
    }
    session_.wall =
        nanoseconds(std::chrono::nanoseconds(std::chrono::steady_clock::now() - started).count());
    session_.interrupted = signal.value() != 0;
    complete(session_, all_marks());
    const std::optional<std::string> problem = write_reports();
    const bool whole = is_single() && session_.runs.size() == 1;
    program_.out << (whole ? run_summary(session_, session_.runs[0]) : session_summary(session_))
                 << std::flush;
    if (problem) program_.err << *problem << "\n";
    if (session_.interrupted) return kExitSignal + signal.value();
    const int code = exit_code(verdict_of(counts_));
    return code == kExitPassed && problem ? kExitUsage : code;
}

// Nothing if all reports can be written: it would be a pity to learn that after the last run.
std::optional<std::string> try_reports(const RunRequest& request) {
    std::optional<std::string> problem;
    if (!request.out_directory.empty()) problem = make_folder(request.out_directory);
    for (const std::string* path :
         {&request.junit_file, &request.json_file, &request.trace_file, &request.digests_file}) {
        if (!path->empty() && !problem) problem = write_file(*path, "");
    }
    return problem;
}

int print_scenario(const Program& program, const RunRequest& request,
                   const SelectedScenarios& selected) {
    const bool drawn = !selected.scenarios[0].setup;
    const uint64_t seeds = drawn ? request.seeds.last - request.seeds.first + 1 : 1;
    if (selected.scenarios.size() != 1 || seeds != 1) {
        return usage_error(program, "run",
                           fmt::format("--print-scenario is for a single one, but there are {}; "
                                       "choose one {}",
                                       std::max<uint64_t>(seeds, selected.scenarios.size()),
                                       drawn                      ? "--seed"
                                       : request.selection.matrix ? "--row"
                                                                  : "file"));
    }
    program.out << program.engine.print(
        setup_of(program.engine, selected.scenarios[0], request.seeds.first));
    return kExitPassed;
}

}  // namespace

int run_command(const Program& program, const std::vector<std::string>& arguments) {
    Result<RunRequest> request = read_run_request(arguments);
    if (!request.ok()) return usage_error(program, "run", request.error().message);
    if (request.value().help) {
        program.out << kRunUsage;
        return kExitPassed;
    }
    const SeedRange& seeds = request.value().seeds;
    if (seeds.last - seeds.first >= kRunsMax) {
        return usage_error(program, "run",
                           fmt::format("--seeds {}..{} are too many; at most {} at once",
                                       seeds.first, seeds.last, kRunsMax));
    }
    auto selected = load_selection(program.engine, request.value().selection);
    if (!selected.ok()) {
        program.err << selected.error().message << "\n";
        return kExitUsage;
    }
    const uint64_t runs = (seeds.last - seeds.first + 1) * selected.value().scenarios.size();
    if (request.value().print_scenario) {
        return print_scenario(program, request.value(), selected.value());
    }
    if (!request.value().trace_file.empty() && runs != 1) {
        return usage_error(program, "run",
                           fmt::format("--trace is for a single run, but there are {}; choose one "
                                       "scenario and one --seed",
                                       runs));
    }
    if (const auto problem = try_reports(request.value())) {
        program.err << *problem << "\n";
        return kExitUsage;
    }
    return RunSession(program, std::move(request.value()), std::move(selected.value())).run();
}

}  // namespace wavetank
