// Both engines on one problem, in turns with growing budgets: each is fast where the other blows
// up, and none can tell beforehand. Budgets are counted in expansions, never in seconds, so the
// verdict is a function of the history alone.
#pragma once

#include <cstdint>

#include "sim/check/linearizability/problem.h"

namespace wavetank::linearizability {

struct Decision {
    enum class Verdict : uint8_t { Undecided, Legal, Illegal, Unable };
    Verdict verdict = Verdict::Undecided;  // Unable: more budget does not help
    uint32_t failed_at = kNever;           // Illegal, if the frontier found it: the event to blame
    uint64_t expansions = 0;
};

struct DecideLimits {
    uint64_t expansions_max;
    std::size_t memory_bytes_max;
};

// What one round may cost each engine: from about a thousand expansions, eight times more each
// time, and enough for a single pass over the problem.
uint64_t round_budget(const Problem& problem, unsigned round);

// One turn of each engine; both together stay within the limits.
Decision decide_round(const Problem& problem, unsigned round, const DecideLimits& limits);

// Rounds until it is decided or the limits are reached.
Decision decide(const Problem& problem, const DecideLimits& limits);

}  // namespace wavetank::linearizability
