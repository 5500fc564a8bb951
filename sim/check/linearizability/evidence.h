// Evidence a person can use: which completion cannot be explained, and the few operations around it
// that show why. Everything left out is left out soundly: what remains is illegal by itself.
//   - What came before an instant with a single possible value is replaced by that value.
//   - Observers are removed one by one, newest first, while it stays illegal.
//   - Other operations are not removed but doubted (as if their outcome were unknown), because a
//   value
//     that nobody is left to have written would make a false proof. The doubted ones are not shown,
//     unless their value is among those observed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/check/linearizability/decide.h"
#include "sim/check/linearizability/problem.h"
#include "sim/record/history.h"

namespace wavetank::linearizability {

struct Evidence {
    uint32_t operation = 0;  // in the history: the completion that cannot be explained
    std::string words;
    uint64_t expansions = 0;
};

// Requires that `problem` is illegal, as `decision` says. Every trial is bounded by `limits`.
Evidence explain(const Problem& problem, const Decision& decision, const std::string& key,
                 const std::vector<Operation>& history, const DecideLimits& limits);

}  // namespace wavetank::linearizability
