// Counting and ordering.
#include "reports/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/base/hash.h"
#include "reports/text.h"

namespace wavetank {

std::string to_string(const BuildInfo& build) {
    return fmt::format("wavetank {}, {}, {}, commit {}", build.version, build.compiler,
                       build.build_type, build.commit);
}

void add_run(Session& session, RunEntry entry) {
    const auto& reached = entry.record.sometimes_reached;
    session.sometimes_reached.insert(reached.begin(), reached.end());
    if (entry.record.verdict == Verdict::Pass) entry.record.sometimes_reached = {};
    session.runs.push_back(std::move(entry));
}

void complete(Session& session, std::span<const std::string> all_marks) {
    const auto place = [](const RunEntry& entry) {
        return std::tie(entry.record.scenario, entry.file, entry.record.seed);
    };
    std::stable_sort(session.runs.begin(), session.runs.end(),
                     [&](const RunEntry& a, const RunEntry& b) { return place(a) < place(b); });
    session.sometimes_not_reached.clear();
    for (const std::string& mark : all_marks) {
        if (!session.sometimes_reached.contains(mark)) session.sometimes_not_reached.insert(mark);
    }
}

void add(VerdictCounts& counts, Verdict verdict) {
    switch (verdict) {
        case Verdict::Pass:
            ++counts.passed;
            break;
        case Verdict::Fail:
            ++counts.failed;
            break;
        case Verdict::Unknown:
            ++counts.unknown;
            break;
    }
}

VerdictCounts count_verdicts(std::span<const RunEntry> runs) {
    VerdictCounts counts;
    for (const RunEntry& entry : runs) add(counts, entry.record.verdict);
    return counts;
}

Verdict verdict_of(const VerdictCounts& counts) {
    if (counts.failed > 0) return Verdict::Fail;
    if (counts.unknown > 0) return Verdict::Unknown;
    return Verdict::Pass;
}

uint64_t digest_of(const Session& session) {
    Digest digest;
    for (const RunEntry& entry : session.runs) {
        digest.add_bytes(entry.record.scenario).add(entry.record.seed).add(entry.record.digest);
    }
    return digest.value();
}

std::string to_string(const VerdictCounts& counts) {
    std::string out;
    const auto add_count = [&](uint64_t count, const char* word) {
        if (count == 0) return;
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, word);
    };
    add_count(counts.passed, "passed");
    add_count(counts.failed, "failed");
    add_count(counts.unknown, "unknown");
    return out.empty() ? "0 runs" : out;
}

std::string digest_list(const Session& session) {
    std::string out;
    for (const RunEntry& entry : session.runs) {
        out += fmt::format("{} {} {}\n", entry.record.scenario, entry.record.seed,
                           digest_text(entry.record.digest));
    }
    return out;
}

}  // namespace wavetank
