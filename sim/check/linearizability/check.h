// The linearizability oracle: can the results that the clients saw be explained by the operations
// having taken effect one at a time, each at some instant between its invocation and its
// completion? (Herlihy & Wing 1990; Raft promises it, thesis 6.3.) It looks at the clients' history
// only and has its own sequential model of the key-value machine (core/machines/kv.h says the
// semantics): an absent key is a state of its own, a failed compare-and-set is an observation,
// operations that failed had no effect, and those of unknown outcome may take effect at any time
// after their invocation, or never.
//
// Keys are checked apart, smallest first, in rounds with growing budgets over all undecided keys;
// the first illegal key ends the check. Work is counted, never timed: the report is a function of
// the history and the budget.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/record/history.h"

namespace wavetank {

enum class Linearizability : uint8_t { Ok, Illegal, Unknown };
const char* name_of(Linearizability verdict);  // "ok", "illegal", "unknown"

struct LinearizabilityBudget {
    // Configurations and steps tried, over all keys. The effort for evidence comes on top: at most
    // the same again, and never more than kEvidenceExpansionsMax.
    uint64_t expansions_max = 20'000'000;
    // For one engine on one key, beside the history itself.
    uint64_t memory_bytes_max = uint64_t{1} << 30;
};

constexpr uint64_t kEvidenceExpansionsMax = 1'000'000;

struct LinearizabilityReport {
    Linearizability verdict = Linearizability::Ok;
    std::string key;                       // the illegal key, or the smallest undecided one
    std::optional<std::size_t> operation;  // Illegal: the first completion that cannot be explained
    std::string evidence;                  // for people; empty if Ok
    uint64_t expansions = 0;               // spent on the verdict
};

// Requires positions (`invoked`, `completed`) that are all different, and no completion before its
// invocation. An Ok history whose budget did not suffice is Unknown, never Ok or Illegal.
LinearizabilityReport check_linearizability(const std::vector<Operation>& operations,
                                            const LinearizabilityBudget& budget);

}  // namespace wavetank
