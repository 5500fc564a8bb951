// A run that is not the same twice is a failure of the testbed or the system under test, whatever
// its verdict: no seed could be trusted.
#include "tools/program/one_run.h"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "core/base/sometimes.h"
#include "reports/event_digests.h"
#include "reports/narration.h"
#include "reports/record_format.h"
#include "reports/reproduction.h"
#include "reports/text.h"
#include "reports/trace_file.h"

namespace wavetank {
namespace {

RunRecord run_to_end(const OneRun& run, const RunOptions& options) {
    reset_sometimes();
    return run.engine.run(run.setup, run.seed, options, {}).record;
}

Finding not_the_same(const OneRun& run, const RunRecord& first, const RunRecord& second,
                     std::optional<uint64_t> event) {
    Finding finding{.oracle = kDeterminismOracle, .verdict = Verdict::Fail};
    finding.message = fmt::format("two runs of seed {} differ: digests {} and {}, {} and {} events",
                                  run.seed, digest_text(first.digest), digest_text(second.digest),
                                  first.events, second.events);
    if (!event) {
        finding.message += "; no event differs, so the records do (what was counted or found)";
        return finding;
    }
    finding.event = *event;
    // The run is made twice more for the words; what varies may be another thing then.
    finding.message +=
        fmt::format("; the first event that differs is {}\nonce:  {}\nagain: {}", *event,
                    event_in_words(run, *event), event_in_words(run, *event));
    return finding;
}

// Runs again and compares with the first run.
void compare_with_second(const OneRun& run, RunRecord& record,
                         const std::vector<uint64_t>& digests) {
    std::vector<uint64_t> again;
    const RunRecord second = run_to_end(run, {.trace = nullptr, .event_digests = &again});
    const std::optional<uint64_t> event = first_different_event(digests, again);
    if (!event && encode_record(record) == encode_record(second)) return;
    record.findings.insert(record.findings.begin(), not_the_same(run, record, second, event));
    record.verdict = Verdict::Fail;
}

void warn(const std::optional<std::string>& problem) {
    if (problem) std::cerr << *problem << "\n";
}

}  // namespace

RunRecord make_run(const OneRun& run, const OneRunOptions& options) {
    std::unique_ptr<TraceFile> trace;
    if (!options.trace_file.empty()) {
        Result<std::unique_ptr<TraceFile>> file = TraceFile::create(options.trace_file);
        if (file.ok())
            trace = std::move(file.value());
        else
            warn(file.error().message);
    }
    const bool keeps_digests = !options.event_digests_file.empty() || options.check_determinism;
    std::vector<uint64_t> digests;
    RunRecord record = run_to_end(
        run, {.trace = trace.get(), .event_digests = keeps_digests ? &digests : nullptr});
    if (trace != nullptr && !trace->ok()) {
        warn(fmt::format("the trace '{}' is not complete: writing failed", options.trace_file));
    }
    if (options.check_determinism) compare_with_second(run, record, digests);
    if (record.verdict != Verdict::Pass && !options.event_digests_file.empty()) {
        std::error_code error;  // if the folder cannot be made, writing the file fails and tells
        std::filesystem::create_directories(
            std::filesystem::path(options.event_digests_file).parent_path(), error);
        warn(write_event_digests(options.event_digests_file,
                                 {.seed = run.seed, .digests = std::move(digests)}));
    }
    return record;
}

std::string event_in_words(const OneRun& run, uint64_t event) {
    std::string words;
    Narrator narrator({.first = event, .last = event},
                      [&](const std::string& line) { words += line; });
    run.engine.run(run.setup, run.seed, {.trace = &narrator}, {.event = event, .describe = {}});
    if (words.empty()) return fmt::format("event {} does not exist or has no words", event);
    words.pop_back();  // the last newline
    return words;
}

}  // namespace wavetank
