// The rounds over the keys.
#include "sim/check/linearizability/check.h"

#include <algorithm>

#include "sim/check/linearizability/decide.h"
#include "sim/check/linearizability/evidence.h"
#include "sim/check/linearizability/partition.h"

namespace wavetank {
namespace {

using namespace linearizability;  // NOLINT: this is its front.

// Says what was tried on a key that could not be decided.
LinearizabilityReport unknown_report(const KeyPart& part, std::size_t undecided,
                                     uint64_t expansions, const LinearizabilityBudget& budget) {
    LinearizabilityReport report;
    report.verdict = Linearizability::Unknown;
    report.key = part.key;
    report.evidence =
        "key \"" + report.key + "\" (" + std::to_string(part.problem.operations().size()) +
        " operations) is undecided after " + std::to_string(expansions) +
        " expansions over all keys, of " + std::to_string(budget.expansions_max) +
        " allowed, with " + std::to_string(budget.memory_bytes_max) +
        " bytes of memory for an engine; undecided keys: " + std::to_string(undecided) + "\n";
    return report;
}

}  // namespace

const char* name_of(Linearizability verdict) {
    switch (verdict) {
        case Linearizability::Ok:
            return "ok";
        case Linearizability::Illegal:
            return "illegal";
        case Linearizability::Unknown:
            return "unknown";
    }
    return "?";
}

LinearizabilityReport check_linearizability(const std::vector<Operation>& operations,
                                            const LinearizabilityBudget& budget) {
    const std::vector<KeyPart> parts = partition(operations);
    std::vector<uint32_t> undecided(parts.size());
    for (uint32_t i = 0; i < undecided.size(); ++i) undecided[i] = i;
    std::stable_sort(undecided.begin(), undecided.end(), [&](uint32_t left, uint32_t right) {
        return parts[left].problem.events().size() < parts[right].problem.events().size();
    });
    std::vector<uint32_t> unable;
    LinearizabilityReport report;
    for (unsigned round = 0; !undecided.empty() && report.expansions < budget.expansions_max;
         ++round) {
        std::vector<uint32_t> next;
        for (const uint32_t index : undecided) {
            const KeyPart& part = parts[index];
            const DecideLimits limits{
                budget.expansions_max - std::min(budget.expansions_max, report.expansions),
                budget.memory_bytes_max};
            const Decision decision = decide_round(part.problem, round, limits);
            report.expansions += decision.expansions;
            if (decision.verdict == Decision::Verdict::Undecided) next.push_back(index);
            if (decision.verdict == Decision::Verdict::Unable) unable.push_back(index);
            if (decision.verdict != Decision::Verdict::Illegal) continue;
            const uint64_t effort = std::min(budget.expansions_max, kEvidenceExpansionsMax);
            Evidence evidence = explain(part.problem, decision, std::string(part.key), operations,
                                        {effort, budget.memory_bytes_max});
            report.verdict = Linearizability::Illegal;
            report.key = part.key;
            report.operation = evidence.operation;
            report.evidence = std::move(evidence.words);
            return report;
        }
        undecided = std::move(next);
    }
    undecided.insert(undecided.end(), unable.begin(), unable.end());
    if (undecided.empty()) return report;
    const uint64_t expansions = report.expansions;
    report = unknown_report(parts[undecided.front()], undecided.size(), expansions, budget);
    report.expansions = expansions;
    return report;
}

}  // namespace wavetank
