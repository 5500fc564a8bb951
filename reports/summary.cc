// Plain text, no colours: it goes into CI logs as it is.
#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/reproduction.h"
#include "reports/text.h"

namespace wavetank {
namespace {

double in_seconds(Duration span) {
    return static_cast<double>(span.nanos) / 1e9;
}

std::string finding_text(const Finding& finding) {
    std::string where;
    if (finding.at != Instant()) where = fmt::format(" at {} s", to_string(finding.at));
    if (finding.event != 0) where += fmt::format(" (event {})", finding.event);
    const std::string message = printable(finding.message);
    const auto lines = lines_of(message);
    std::string out = fmt::format("  {}{}: {}\n", finding.oracle, where,
                                  lines.empty() ? std::string_view("no message") : lines.front());
    for (std::size_t i = 1; i < lines.size(); ++i) out += fmt::format("    {}\n", lines[i]);
    return out;
}

std::string figures(const RunEntry& entry) {
    const RunRecord& record = entry.record;
    std::string out = fmt::format("{} events, {} s of virtual time in {:.3f} s\n", record.events,
                                  to_string(record.ended), in_seconds(entry.wall));
    out += fmt::format("{} messages sent between servers, {} deliveries\n", record.messages_sent,
                       record.deliveries);
    out += fmt::format("operations: {} ok, {} fail, {} info\n", record.operations_ok,
                       record.operations_fail, record.operations_info);
    out += fmt::format("{} elections won, {} crashes, highest term {}, highest commit {}\n",
                       record.elections_won, record.crashes, record.highest_term,
                       record.highest_commit);
    const uint64_t rarer = record.changes_done + record.transfers_done + record.snapshots_taken +
                           record.snapshots_installed + record.lease_reads;
    if (rarer > 0) {
        out += fmt::format(
            "{} membership changes, {} transfers, {} snapshots taken and {} installed, {} lease "
            "reads\n",
            record.changes_done, record.transfers_done, record.snapshots_taken,
            record.snapshots_installed, record.lease_reads);
    }
    if (record.lease_margin && record.lease_drift_ppm) {
        out += fmt::format("closest lease: {} from breaking, or clocks drifting apart by {} ppm\n",
                           to_string(*record.lease_margin), *record.lease_drift_ppm);
    }
    out += fmt::format("longest unavailability {}\n", to_string(record.longest_unavailability));
    return out;
}

std::string unreached_marks(const Session& session) {
    const std::size_t unreached = session.sometimes_not_reached.size();
    const std::size_t all = unreached + session.sometimes_reached.size();
    if (unreached == 0) return "";
    std::string out =
        fmt::format("{} of {} SOMETIMES marks were reached by no run:\n", unreached, all);
    for (const std::string& mark : session.sometimes_not_reached) {
        out += fmt::format("  {}\n", printable(mark));
    }
    return out;
}

// A line per scenario file.
std::string scenario_lines(const Session& session) {
    const std::span<const RunEntry> runs = session.runs;
    std::size_t width = 0;
    for (const RunEntry& entry : runs) width = std::max(width, entry.record.scenario.size());
    std::string out;
    std::size_t begin = 0;
    while (begin < runs.size()) {
        std::size_t end = begin;
        uint64_t events = 0;
        const RunRecord* worst = &runs[begin].record;
        const auto same_scenario = [&](const RunEntry& entry) {
            return entry.file == runs[begin].file &&
                   entry.record.scenario == runs[begin].record.scenario;
        };
        for (; end < runs.size() && same_scenario(runs[end]); ++end) {
            const RunRecord& record = runs[end].record;
            events += record.events;
            if (record.longest_unavailability > worst->longest_unavailability) worst = &record;
        }
        out += fmt::format("{:<{}}  {}, {} events", runs[begin].record.scenario, width,
                           to_string(count_verdicts(runs.subspan(begin, end - begin))), events);
        if (worst->longest_unavailability > Duration{}) {
            out += fmt::format(", longest unavailability {} ms (seed {})",
                               worst->longest_unavailability.nanos / 1'000'000, worst->seed);
        }
        out += "\n";
        begin = end;
    }
    return out;
}

std::string totals(const Session& session, const VerdictCounts& counts) {
    const double elapsed = std::max(in_seconds(session.wall), 1e-6);
    std::string out =
        fmt::format("{} runs in {:.1f} s ({:.1f} per second): {}\n", session.runs.size(), elapsed,
                    static_cast<double>(session.runs.size()) / elapsed, to_string(counts));
    if (session.runs.size() < session.planned) {
        out += fmt::format("{} of {} runs were not made: {}\n",
                           session.planned - session.runs.size(), session.planned,
                           session.interrupted ? "interrupted" : "stopped after a failure");
    }
    return out;
}

}  // namespace

std::string problem_text(const Session& session, const RunEntry& entry) {
    const RunRecord& record = entry.record;
    std::string out =
        fmt::format("{} {} seed {}\n", record.verdict == Verdict::Fail ? "FAILED" : "UNKNOWN",
                    record.scenario, record.seed);
    for (const Finding& finding : record.findings) out += finding_text(finding);
    out += fmt::format("  reproduce: {}\n", reproduction_command(session, entry));
    return out;
}

std::string run_summary(const Session& session, const RunEntry& entry) {
    const RunRecord& record = entry.record;
    std::string out = died(record) ? "" : figures(entry);
    if (!died(record)) out += unreached_marks(session);
    if (record.verdict != Verdict::Pass) out += problem_text(session, entry);
    out += fmt::format("verdict {}\n", name_of(record.verdict));
    out += fmt::format("digest {}\n", died(record) ? "none" : digest_text(record.digest));
    return out;
}

std::string session_summary(const Session& session) {
    const VerdictCounts counts = count_verdicts(session.runs);
    std::string out = scenario_lines(session);
    out += unreached_marks(session);
    for (const RunEntry& entry : session.runs) {
        if (entry.record.verdict != Verdict::Pass) out += problem_text(session, entry);
    }
    out += totals(session, counts);
    out += fmt::format("verdict {}\n", name_of(verdict_of(counts)));
    out += fmt::format("digest {}\n", digest_text(digest_of(session)));
    return out;
}

}  // namespace wavetank
