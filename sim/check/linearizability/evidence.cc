// Locating, shrinking and telling.
#include "sim/check/linearizability/evidence.h"

#include <algorithm>

#include "core/base/time.h"
#include "sim/check/linearizability/frontier.h"

namespace wavetank::linearizability {
namespace {

constexpr uint8_t kLeaveOut = 0;
constexpr uint8_t kDoubt = 1;
constexpr uint8_t kKeep = 2;
constexpr uint64_t kTrialMin = 2'000;
constexpr uint64_t kTrialFactor = 4;
constexpr std::size_t kCutsBefore = 32;
constexpr std::size_t kValuesShownMax = 5;
constexpr std::size_t kOperationsShownMax = 40;

using Verdict = Decision::Verdict;

class Shrinking {
 public:
    Shrinking(const Problem& problem, const Decision& decision, const DecideLimits& limits)
        : problem_(problem),
          limits_(limits),
          keep_(problem.operations().size(), kKeep),
          trial_max_(kTrialMin + kTrialFactor * decision.expansions) {}

    void locate(const Decision& decision);
    void cut();
    void shrink();

    uint32_t end() const { return end_; }
    ValueId initial() const { return initial_; }
    bool was_cut() const { return cut_position_ > 0; }
    const std::vector<uint8_t>& keep() const { return keep_; }
    const std::vector<ValueId>& possible_values() const { return possible_values_; }
    uint64_t expansions() const { return expansions_; }

 private:
    bool illegal(const std::vector<uint8_t>& keep, uint32_t end);
    void weaken(const std::vector<uint32_t>& operations, uint8_t to);

    const Problem& problem_;
    DecideLimits limits_;
    std::vector<uint8_t> keep_;  // per operation of the problem
    ValueId initial_ = kAbsent;
    uint32_t end_ = 0;  // behind the completion to blame
    uint32_t cut_position_ = 0;
    std::vector<ValueId> possible_values_;
    uint64_t expansions_ = 0;
    // A part that is much harder than the whole is not a good proof: give up on it early.
    uint64_t trial_max_;
};

bool Shrinking::illegal(const std::vector<uint8_t>& keep, uint32_t end) {
    if (expansions_ >= limits_.expansions_max) return false;
    const Problem part = problem_.part({initial_, end, keep});
    const uint64_t left = limits_.expansions_max - expansions_;
    const Decision decision = decide(part, {std::min(left, trial_max_), limits_.memory_bytes_max});
    // Building the part costs too.
    expansions_ += decision.expansions + part.operations().size() / 4 + 1;
    return decision.verdict == Verdict::Illegal;
}

// Linearizability is prefix-closed: the shortest illegal beginning ends with the completion to
// blame.
void Shrinking::locate(const Decision& decision) {
    initial_ = problem_.initial();
    if (decision.failed_at != kNever) {
        end_ = decision.failed_at + 1;
        return;
    }
    uint32_t legal = 0;  // or not known to be illegal
    uint32_t bad = static_cast<uint32_t>(problem_.events().size());
    while (legal + 1 < bad) {
        const uint32_t middle = legal + (bad - legal) / 2;
        (illegal(keep_, middle) ? bad : legal) = middle;
    }
    // An invocation explains nothing away: what is illegal with it is illegal without it.
    while (!problem_.events()[bad - 1].is_completion) --bad;
    end_ = bad;
}

// Lets the frontier walk to the end and begins at an instant at which all was certain.
void Shrinking::cut() {
    const Problem part = problem_.part({initial_, end_, keep_, true});
    Frontier frontier(part, limits_.memory_bytes_max);
    frontier.remember_cuts(kCutsBefore);
    const Progress progress = frontier.run(kTrialFactor * trial_max_);
    expansions_ += frontier.expansions();
    possible_values_ = frontier.possible_values();
    if (progress != Progress::Illegal) {
        possible_values_.clear();
        return;
    }
    // Not at the very last one: who made the value what it was belongs to the story.
    if (frontier.cuts().size() < kCutsBefore) return;
    const Frontier::Cut& cut = frontier.cuts().front();
    // The part has its own numbering; the numbers in the history are common.
    std::vector<uint32_t> unused;
    for (const uint32_t each : cut.unused) unused.push_back(part.operations()[each].number);
    std::sort(unused.begin(), unused.end());
    const Event first = part.events()[cut.position];
    const uint32_t first_number = part.operations()[first.operation].number;
    for (std::size_t i = 0; i < keep_.size(); ++i) {
        const KeyOperation& operation = problem_.operations()[i];
        if (operation.number >= first_number) {
            if (operation.number == first_number) cut_position_ = operation.invoked;
            continue;
        }
        const bool may_come = std::binary_search(unused.begin(), unused.end(), operation.number);
        keep_[i] = may_come ? kKeep : kLeaveOut;
    }
    initial_ = cut.value;
}

// Takes chunks of `operations` down to `to` while it stays illegal: halves, quarters, ..., single
// ones.
void Shrinking::weaken(const std::vector<uint32_t>& operations, uint8_t to) {
    if (operations.empty()) return;
    for (std::size_t chunk = operations.size();; chunk = (chunk + 1) / 2) {
        for (std::size_t begin = 0; begin < operations.size(); begin += chunk) {
            std::vector<uint8_t> trial = keep_;
            bool any = false;
            const std::size_t stop = std::min(begin + chunk, operations.size());
            for (std::size_t i = begin; i < stop; ++i) {
                any = any || trial[operations[i]] == kKeep;
                trial[operations[i]] = std::min(trial[operations[i]], to);
            }
            if (any && illegal(trial, end_)) keep_ = trial;
        }
        if (chunk == 1) return;
    }
}

void Shrinking::shrink() {
    std::vector<uint32_t> observers;
    std::vector<uint32_t> mutators;
    const uint32_t blamed = problem_.events()[end_ - 1].operation;
    for (std::size_t i = keep_.size(); i-- > 0;) {
        const KeyOperation& operation = problem_.operations()[i];
        const bool gone = keep_[i] == kLeaveOut || operation.invoked >= end_;
        if (gone || i == blamed || operation.optional) continue;
        (is_observer(operation.kind) ? observers : mutators).push_back(static_cast<uint32_t>(i));
    }
    weaken(observers, kLeaveOut);
    weaken(mutators, kDoubt);
}

std::string quoted(const std::string& text) {
    constexpr std::size_t kShownMax = 60;
    if (text.size() <= kShownMax) return '"' + text + '"';
    return '"' + text.substr(0, kShownMax / 2) + "..." + text.substr(text.size() - kShownMax / 2) +
           "\" (" + std::to_string(text.size()) + " bytes)";
}

std::string result_words(const Operation& operation) {
    if (operation.outcome != OperationOutcome::Ok) return "outcome unknown";
    switch (operation.command.function) {
        case KvFunction::Get:
            return operation.result.ok ? "returned " + quoted(operation.result.value)
                                       : "found no key";
        case KvFunction::CompareAndSet:
            return operation.result.ok ? "stored" : "did not match";
        case KvFunction::Delete:
            return operation.result.ok ? "deleted" : "found no key";
        case KvFunction::Put:
        case KvFunction::Append:
            return "done";
    }
    return "?";
}

std::string operation_words(const Operation& operation) {
    const KvCommand& command = operation.command;
    std::string words = "client " + std::to_string(operation.client.value()) + " #" +
                        std::to_string(operation.number) + "  " + name_of(command.function);
    if (command.function == KvFunction::CompareAndSet) {
        words += " " + quoted(command.expected) + " ->";
    }
    if (command.function != KvFunction::Get && command.function != KvFunction::Delete) {
        words += " " + quoted(command.value);
    }
    const bool open = operation.completed == UINT64_MAX;
    return words + "  [" + to_string(operation.invoked_at) + ", " +
           (open ? std::string("open") : to_string(operation.completed_at)) + "]  " +
           result_words(operation);
}

// The operations to show, in invocation order. Those doubted are shown if their value is observed
// by one that is kept: the reader would ask for them.
std::vector<uint32_t> shown_operations(const Problem& problem, const Shrinking& shrinking) {
    std::vector<ValueId> observed;
    for (std::size_t i = 0; i < shrinking.keep().size(); ++i) {
        const KeyOperation& operation = problem.operations()[i];
        if (operation.invoked >= shrinking.end() || shrinking.keep()[i] != kKeep) continue;
        const bool asks = operation.kind == Kind::Read || operation.kind == Kind::Cas;
        if (asks && !operation.optional) observed.push_back(operation.a);
    }
    std::sort(observed.begin(), observed.end());
    const auto is_observed = [&](const KeyOperation& operation) {
        const ValueId written = operation.written;
        if (operation.kind == Kind::Take) return false;
        if (!problem.appends())
            return std::binary_search(observed.begin(), observed.end(), written);
        return std::any_of(observed.begin(), observed.end(), [&](ValueId each) {
            const ValueTable& values = problem.values();
            return values.bytes(each).find(values.bytes(written)) != std::string_view::npos;
        });
    };
    std::vector<uint32_t> shown;
    for (uint32_t i = 0; i < shrinking.keep().size(); ++i) {
        const KeyOperation& operation = problem.operations()[i];
        if (operation.invoked >= shrinking.end() || shrinking.keep()[i] == kLeaveOut) continue;
        const bool doubted = shrinking.keep()[i] == kDoubt || operation.optional;
        if (!doubted || is_observed(operation)) shown.push_back(operation.number);
    }
    return shown;
}

std::string tell(const Problem& problem, const Shrinking& shrinking, const std::string& key,
                 const std::vector<Operation>& history, uint32_t blamed) {
    const ValueTable& values = problem.values();
    std::string words =
        "key " + quoted(key) + ": no order explains  " + operation_words(history[blamed]) + "\n";
    if (!shrinking.possible_values().empty()) {
        words += "when it completed, without it the value could only be ";
        for (std::size_t i = 0; i < shrinking.possible_values().size(); ++i) {
            if (i > 0) words += ", or ";
            if (i == kValuesShownMax) {
                words +=
                    "one of " + std::to_string(shrinking.possible_values().size() - i) + " more";
                break;
            }
            words += values.describe(shrinking.possible_values()[i]);
        }
        words += "\n";
    }
    words += shrinking.was_cut() ? "before these operations the value was certainly "
                                 : "at the beginning the value was ";
    words += values.describe(shrinking.initial()) + "\n";
    std::vector<uint32_t> shown = shown_operations(problem, shrinking);
    const std::size_t left_out =
        shown.size() > kOperationsShownMax ? shown.size() - kOperationsShownMax : 0;
    if (left_out > 0) {
        words += "  (" + std::to_string(left_out) + " earlier operations)\n";
        shown.erase(shown.begin(), shown.begin() + static_cast<std::ptrdiff_t>(left_out));
    }
    for (const uint32_t number : shown) {
        words += "  " + operation_words(history[number]) + (number == blamed ? "   <--\n" : "\n");
    }
    return words +
           "every order of these that respects their times contradicts a result; operations not "
           "shown "
           "cannot help, whether they took effect or not\n";
}

}  // namespace

Evidence explain(const Problem& problem, const Decision& decision, const std::string& key,
                 const std::vector<Operation>& history, const DecideLimits& limits) {
    Shrinking shrinking(problem, decision, limits);
    shrinking.locate(decision);
    shrinking.cut();
    shrinking.shrink();
    const Event last = problem.events()[shrinking.end() - 1];
    Evidence evidence;
    evidence.operation = problem.operations()[last.operation].number;
    evidence.words = tell(problem, shrinking, key, history, evidence.operation);
    evidence.expansions = shrinking.expansions();
    return evidence;
}

}  // namespace wavetank::linearizability
