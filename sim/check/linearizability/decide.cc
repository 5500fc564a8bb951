// Turn-taking.
#include "sim/check/linearizability/decide.h"

#include <algorithm>

#include "sim/check/linearizability/frontier.h"
#include "sim/check/linearizability/search.h"

namespace wavetank::linearizability {
namespace {

constexpr uint64_t kFirstRound = 1'000;
constexpr uint64_t kPass = 16;  // expansions for each operation, if it is easy
constexpr unsigned kGrowthBits = 3;
constexpr unsigned kRoundsMax = 17;  // 1000 * 8^17 still fits into 64 bits

using Verdict = Decision::Verdict;

Verdict verdict_of(Progress progress) {
    switch (progress) {
        case Progress::Legal:
            return Verdict::Legal;
        case Progress::Illegal:
            return Verdict::Illegal;
        case Progress::OutOfBudget:
            return Verdict::Undecided;
        case Progress::Unable:
            return Verdict::Unable;
    }
    return Verdict::Undecided;
}

bool is_final(Verdict verdict) {
    return verdict == Verdict::Legal || verdict == Verdict::Illegal;
}

}  // namespace

uint64_t round_budget(const Problem& problem, unsigned round) {
    return (kFirstRound << (kGrowthBits * std::min(round, kRoundsMax))) +
           kPass * problem.operations().size();
}

Decision decide_round(const Problem& problem, unsigned round, const DecideLimits& limits) {
    Decision decision;
    Verdict frontier_verdict = Verdict::Undecided;
    Verdict search_verdict = Verdict::Undecided;
    const auto budget = [&] {
        const uint64_t left =
            limits.expansions_max - std::min(limits.expansions_max, decision.expansions);
        return std::min(round_budget(problem, round), left);
    };
    const auto run_frontier = [&] {
        Frontier frontier(problem, limits.memory_bytes_max);
        frontier_verdict = verdict_of(frontier.run(budget()));
        decision.expansions += frontier.expansions();
        decision.failed_at = frontier.failed_at();
        return is_final(frontier_verdict);
    };
    const auto run_search = [&] {
        Search search(problem, limits.memory_bytes_max);
        search_verdict = verdict_of(search.run(budget()));
        decision.expansions += search.expansions();
        return is_final(search_verdict);
    };
    if (!run_frontier()) run_search();
    if (is_final(frontier_verdict)) {
        decision.verdict = frontier_verdict;
    } else if (is_final(search_verdict)) {
        decision.verdict = search_verdict;
    } else if (frontier_verdict == Verdict::Unable && search_verdict == Verdict::Unable) {
        decision.verdict = Verdict::Unable;
    }
    return decision;
}

Decision decide(const Problem& problem, const DecideLimits& limits) {
    Decision result;
    for (unsigned round = 0; round < kRoundsMax; ++round) {
        if (result.expansions >= limits.expansions_max) break;
        const uint64_t spent = result.expansions;
        result =
            decide_round(problem, round, {limits.expansions_max - spent, limits.memory_bytes_max});
        result.expansions += spent;
        if (result.verdict != Verdict::Undecided) break;
    }
    return result;
}

}  // namespace wavetank::linearizability
