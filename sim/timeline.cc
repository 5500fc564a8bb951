// Step by step.
#include "sim/timeline.h"

#include <fmt/format.h>

namespace wavetank {
namespace {

std::string range_words(const Expect& expect) {
    if (expect.min == expect.max) return fmt::format("{}", expect.min);
    if (expect.max == UINT64_MAX) return fmt::format("at least {}", expect.min);
    return fmt::format("{}..{}", expect.min, expect.max);
}

std::string question_words(const Expect& expect) {
    return fmt::format("{}{} to be {}", name_of(expect.metric),
                       expect.since_mark ? " since the mark" : "", range_words(expect));
}

}  // namespace

Timeline::Timeline(const Parts& parts, std::vector<Step> steps)
    : parts_(parts), steps_(std::move(steps)) {}

void Timeline::remind(Instant when) {
    if (reminder_ <= when) return;
    reminder_ = when;
    parts_.agenda.at(when, [this, when] {
        if (reminder_ == when) reminder_ = Instant::never();
        advance();
    });
}

// True if the step may happen now; otherwise arranges to be called again.
bool Timeline::due(const Step& step) {
    Instant earliest = previous_done_;
    if (step.at) earliest = std::max(earliest, Instant{} + *step.at);
    if (step.after) earliest = std::max(earliest, previous_done_ + *step.after);
    if (parts_.world.now() < earliest) {
        remind(earliest);
        return false;
    }
    if (!step.when) return true;
    if (!condition_started_) {
        condition_started_ = true;
        condition_since_ = parts_.world.now();
    }
    if (parts_.questions.holds(*step.when)) return true;
    const Instant limit = condition_since_ + step.within;
    if (parts_.world.now() >= limit) {
        fail(step, fmt::format("waited {} for {}; it is {}", to_string(step.within),
                               question_words(*step.when),
                               parts_.questions.answer(step.when->metric, step.when->since_mark)));
        position_ = steps_.size();  // what follows would make no sense
        return false;
    }
    waiting_ = true;
    remind(limit);
    return false;
}

void Timeline::advance() {
    waiting_ = false;
    while (!finished()) {
        const Step& step = steps_[position_];
        if (!due(step)) return;
        condition_started_ = false;
        previous_done_ = parts_.world.now();
        ++position_;
        carry_out(step);
    }
}

void Timeline::carry_out(const Step& step) {
    if (!step.action) return;
    struct Visitor {
        Timeline& timeline;
        const Step& step;
        void operator()(const Invoke& invoke) { timeline.carry_out(invoke, step); }
        void operator()(const Expect& expect) { timeline.carry_out(expect, step); }
        void operator()(const RunClients& clients) { timeline.parts_.clients.run(clients.run); }
        void operator()(const Mark&) { timeline.parts_.questions.mark(); }
        void operator()(const Crash& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const Restart& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const Pause& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const Resume& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const Partition& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const ChangeLinks& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const HealNetwork& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const ChangeClock& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const ChangeMembership& wish) { timeline.parts_.faults.carry_out(wish); }
        void operator()(const TransferLeadership& wish) { timeline.parts_.faults.carry_out(wish); }
        void operator()(const TakeSnapshot& wish) { timeline.parts_.faults.carry_out(wish); }
        void operator()(const WipeDisk& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const StallDisk& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const ReleaseDisk& fault) { timeline.parts_.faults.carry_out(fault); }
        void operator()(const ChangeDisk& fault) { timeline.carry_out(fault, step); }
        void operator()(const ReplaceServer& wish) { timeline.parts_.faults.carry_out(wish); }
    };
    std::visit(Visitor{*this, step}, *step.action);
}

void Timeline::carry_out(const Invoke& invoke, const Step& step) {
    const auto targets = parts_.faults.resolve(invoke.server);
    ServerId first;
    if (!targets.empty()) first = parts_.world.node(targets.front()).id();
    for (uint32_t i = 0; i < invoke.count; ++i) {
        KvCommand command;
        command.function = KvFunction::Put;
        command.key = fmt::format("t{}", i % 8);
        command.value = fmt::format("{}.{}", &step - steps_.data(), i);
        const Client::Errand errand{command, first, invoke.stick};
        if (invoke.concurrent) {
            parts_.clients.ask_hand(errand);
        } else {
            parts_.clients.ask_first_hand(errand);
        }
    }
}

// What the scenario does to disks must be what the cluster can survive, unless it says that it is
// not.
void Timeline::carry_out(const ChangeDisk& change, const Step& step) {
    const DiskHealth& health = parts_.faults.health();
    const bool before = health.within_limit();
    if (const auto error = parts_.faults.carry_out(change)) fail(step, error->message);
    if (parts_.beyond_limit || !before || health.within_limit()) return;
    fail(step,
         "more disks are damaged now than the cluster can do without; damage fewer at a time, or "
         "say beyond_limit: true");
}

void Timeline::carry_out(const Expect& expect, const Step& step) {
    const uint64_t value = parts_.questions.answer(expect.metric, expect.since_mark);
    const bool holds = parts_.questions.holds(expect);
    if (parts_.world.tracing()) {
        parts_.world.trace({TraceKind::Check, {}, {}},
                           fmt::format("expects {}: it is {}", question_words(expect), value));
    }
    if (!holds) fail(step, fmt::format("expected {}; it is {}", question_words(expect), value));
}

void Timeline::fail(const Step& step, const std::string& what) {
    parts_.findings.report("timeline", step.label.empty() ? what : step.label + ": " + what);
}

}  // namespace wavetank
