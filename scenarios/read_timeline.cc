// Reading of the timeline: steps, their conditions and their actions.
#include <fmt/core.h>

#include <string_view>

#include "scenarios/read.h"

namespace wavetank {
namespace {

void require_true(const Block& block, const char* field) {
    bool value = true;
    block.flag(field, &value);
    if (!value)
        block.error(field, fmt::format("{0} is false; write {0}: true or leave it out", field));
}

// A flag whose value in the file makes no sense leaves `expect` as it was.
void read_flag_question(const Block& block, const char* name, Expect* expect) {
    bool value = false;
    block.flag(name, &value);
    for (const FlagQuestion& known : kFlagQuestions) {
        if (std::string_view(name) != known.name || known.value != value) continue;
        *expect = known.expect;
        return;
    }
    require_true(block, name);
}

void read_number_question(const Block& block, const NumberQuestion& known, Expect* expect) {
    expect->metric = known.metric;
    uint64_t number = 0;
    if (!block.number(known.name, &number, {.min = known.smallest})) return;
    if (known.bound != Bound::Most) expect->min = number;
    if (known.bound != Bound::Least) expect->max = number;
}

void read_general_question(const Block& block, Expect* expect) {
    block.choice("metric", &expect->metric, kMetricNames);
    block.number("min", &expect->min);
    block.number("max", &expect->max);
    if (!block.has("min") && !block.has("max")) {
        block.missing("metric stands alone; add min or max or both");
    } else if (expect->min > expect->max) {
        block.error("max", fmt::format("max {} is below min {}; nothing can be in between",
                                       expect->max, expect->min));
    }
}

// The steps of a file, in order, with what must be known to judge the next one.
class Timeline {
 public:
    explicit Timeline(const LinkQuality& network) : network_(network) {}

    std::vector<Step> steps(const Block& parent, bool repeated) {
        std::vector<Step> steps;
        for (const Block& block : parent.children("step")) {
            add(block, repeated, &steps);
            if (steps.size() > kTimelineStepsMax) {
                block.error(fmt::format("the timeline has more than {} steps; use fewer",
                                        kTimelineStepsMax));
                break;
            }
        }
        return steps;
    }

 private:
    void add(const Block& block, bool repeated, std::vector<Step>* steps) {
        Step step;
        step.label = fmt::format("line {}", block.place().line);
        block.text("label", &step.label);
        read_time(block, repeated, &step);
        const std::string action = block.chosen("action");
        if (action.empty() && !step.when) {
            block.missing("the step has no action; add one, or wait {} if it shall only wait");
        }
        if (action == "repeat") {
            if (step.at || step.after || step.when) steps->push_back(step);
            repeat(block.child("repeat"), steps);
            return;
        }
        if (!action.empty()) step.action = read_action(block, network_);
        if (step.action && std::holds_alternative<Mark>(*step.action)) marked_ = true;
        if (action == "expect") check_mark(block.child("expect"));
        steps->push_back(std::move(step));
    }

    void read_time(const Block& block, bool repeated, Step* step) {
        Duration at;
        if (block.duration("at", &at)) {
            step->at = at;
            if (repeated) {
                block.error("at",
                            "at is not allowed in a repeat, where it would come only once; use "
                            "after");
            } else if (at < last_at_) {
                block.error("at", fmt::format("at goes backwards, from {} in line {} to {}; steps "
                                              "happen in the order written",
                                              to_string(last_at_), last_at_line_, to_string(at)));
            } else {
                last_at_ = at;
                last_at_line_ = block.place().line;
            }
        }
        Duration after;
        if (block.duration("after", &after)) step->after = after;
        if (block.has("when")) {
            step->when = read_condition(block.child("when"));
            check_mark(block.child("when"));
        }
        if (block.has("within") && !block.has("when")) {
            if (!block.damaged()) {
                block.error("within", "within needs a when; add one, or use at or after");
            }
        }
        block.duration("within", &step->within, Sign::Positive);
    }

    void check_mark(const Block& condition) {
        bool since_mark = false;
        condition.flag("since_mark", &since_mark);
        if (since_mark && !marked_) {
            condition.error("since_mark",
                            "since_mark, but no step before has a mark; add a step "
                            "{ mark {} }");
        }
    }

    void repeat(const Block& block, std::vector<Step>* steps) {
        uint32_t times = 0;
        const bool read =
            block.require("times", "times: 3") && block.number("times", &times, {.min = 1});
        const std::vector<Step> round = this->steps(block, true);
        if (round.empty()) block.missing("repeat has no step; add step { ... }");
        if (!read) return;
        const uint64_t all = steps->size() + uint64_t{times} * round.size();
        if (all > kTimelineStepsMax) {
            block.error("times",
                        fmt::format("repeating {} times makes a timeline of {} steps; at most "
                                    "{} are allowed",
                                    times, all, kTimelineStepsMax));
            return;
        }
        for (uint32_t i = 1; i <= times; ++i) {
            for (const Step& step : round) {
                steps->push_back(step);
                steps->back().label += fmt::format(", round {}", i);
            }
        }
    }

    LinkQuality network_;
    Duration last_at_;
    int last_at_line_ = 0;
    bool marked_ = false;
};

}  // namespace

Target read_target(const Block& block, const char* field) {
    Target target;
    const std::string example = fmt::format("{} {{ leader: true }}", field);
    if (!block.require(field, example)) return target;
    const Block inner = block.child(field);
    const std::string role = inner.chosen("role");
    const bool listed = inner.has("servers");
    if (listed && !role.empty()) {
        inner.error(role.c_str(),
                    fmt::format("{} has both servers and {}; keep one of them", field, role));
        return target;
    }
    if (listed) {
        inner.servers("servers", &target.servers);
        return target;
    }
    if (role.empty()) {
        inner.missing(
            fmt::format("{0} is empty; write for example {0} {{ leader: true }} or {0} {{ "
                        "servers: [1, 2] }}",
                        field));
        return target;
    }
    for (const RoleName& known : kRoles) {
        if (role != known.name) continue;
        target.kind = known.kind;
        if (known.counted) {
            inner.number(known.name, &target.count, {.min = 1, .max = block.notes().servers});
        } else {
            require_true(inner, known.name);
        }
    }
    return target;
}

Expect read_condition(const Block& block) {
    Expect expect;
    const std::string question = block.chosen("question");
    if (question.empty()) {
        block.missing(fmt::format(
            "{0} asks nothing; write for example {0} {{ leader_exists: true }}", block.name()));
        return expect;
    }
    for (const FlagQuestion& known : kFlagQuestions) {
        if (question == known.name && known.value) read_flag_question(block, known.name, &expect);
    }
    for (const NumberQuestion& known : kNumberQuestions) {
        if (question == known.name) read_number_question(block, known, &expect);
    }
    if (question == "leader_is") {
        ServerId leader;
        block.server("leader_is", &leader);
        expect = {.metric = Metric::Leader, .min = leader.value(), .max = leader.value()};
    } else if (question == "metric") {
        read_general_question(block, &expect);
    }
    for (const char* field : {"min", "max"}) {
        if (!block.has(field) || question == "metric") continue;
        block.error(field,
                    fmt::format("{} goes only with metric; remove it, or ask by metric", field));
    }
    block.flag("since_mark", &expect.since_mark);
    if (expect.since_mark && !counts_up(expect.metric)) {
        block.error("since_mark",
                    "since_mark makes no sense for this question; it is for what counts up: "
                    "committed, operations_ok, changes_done, transfers_done, snapshots_taken, "
                    "snapshots_installed, lease_reads, sessions_expired, their metrics, TERM, "
                    "MESSAGES and BYTES");
    }
    return expect;
}

void read_timeline(const Block& file, Setup* setup) {
    setup->timeline = Timeline(setup->network).steps(file, false);
}

}  // namespace wavetank
