// Commands are quoted for a POSIX shell; options at their default are left out.
#include "reports/reproduction.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text.h"

namespace wavetank {
namespace {

constexpr uint64_t kEventsBeforeFinding = 40;

bool hung(const RunRecord& record) {
    return std::any_of(record.findings.begin(), record.findings.end(),
                       [](const Finding& finding) { return finding.oracle == kHangOracle; });
}

// The first event a finding speaks of, or 0.
uint64_t first_event(const RunRecord& record) {
    for (const Finding& finding : record.findings) {
        if (finding.event != 0) return finding.event;
    }
    return 0;
}

// "x.textproto", "--swarm", "x.textproto --matrix --row 3".
std::string selection_of(const RunEntry& entry) {
    return entry.selection.empty() ? shell_quoted(entry.file) : entry.selection;
}

}  // namespace

bool died(const RunRecord& record) {
    return std::any_of(record.findings.begin(), record.findings.end(), [](const Finding& finding) {
        return finding.oracle == kCrashOracle || finding.oracle == kHangOracle;
    });
}

std::string reproduction_command(const Session& session, const RunEntry& entry) {
    std::string out = fmt::format("{} run {} --seed {}", shell_quoted(session.program),
                                  selection_of(entry), entry.record.seed);
    if (session.check_determinism) out += " --check-determinism";
    if (hung(entry.record)) {
        out += fmt::format(" --timeout {}", session.timeout.nanos / seconds(1).nanos);
    }
    return out;
}

std::string reproduction_guide(const Session& session, const RunEntry& entry) {
    const RunRecord& record = entry.record;
    std::string out =
        fmt::format("# The same run again:\n{}\n", reproduction_command(session, entry));
    const std::string replay = fmt::format("{} replay {} {}", shell_quoted(session.program),
                                           record.seed, selection_of(entry));
    if (died(record)) {
        out += fmt::format(
            "\n# The process died, so there is no digest. Its last events, as far as it came:\n"
            "{} --trace trace.ndjson; tail trace.ndjson\n",
            reproduction_command(session, entry));
        return out;
    }
    out += fmt::format("\n# Is it still the same to the last event?\n{} --digest {}\n", replay,
                       digest_text(record.digest));
    const uint64_t event = first_event(record);
    if (event != 0) {
        const uint64_t from = event > kEventsBeforeFinding ? event - kEventsBeforeFinding : 1;
        out +=
            fmt::format("\n# The story before the first finding, in words:\n{} --narrate {}..{}\n",
                        replay, from, event);
        out += fmt::format("\n# A server's state right there:\n{} --until {} --server 1\n", replay,
                           event);
    }
    return out;
}

}  // namespace wavetank
