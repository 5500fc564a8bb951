// The timeline: the steps of a scenario, one after the other, each at its time and when its
// condition holds. A condition that does not come true in time, or an expectation that does not
// hold, is a finding.
#pragma once

#include <vector>

#include "sim/check/findings.h"
#include "sim/fault/faults.h"
#include "sim/questions.h"
#include "sim/workload/clients.h"

namespace wavetank {

class Timeline {
 public:
    struct Parts {
        World& world;
        Agenda& agenda;
        Faults& faults;
        Clients& clients;
        Questions& questions;
        Findings& findings;
        bool beyond_limit = false;  // see Setup
    };
    Timeline(const Parts& parts, std::vector<Step> steps);

    void start() { advance(); }
    // Does all steps that are due. To be called after each event while waiting() is true.
    void advance();
    // A condition is being waited for, which any event can make true.
    bool waiting() const { return waiting_; }
    bool finished() const { return position_ >= steps_.size(); }

 private:
    bool due(const Step& step);
    void remind(Instant when);
    void carry_out(const Step& step);
    void carry_out(const Invoke& invoke, const Step& step);
    void carry_out(const ChangeDisk& change, const Step& step);
    void carry_out(const Expect& expect, const Step& step);
    void fail(const Step& step, const std::string& what);

    Parts parts_;
    const std::vector<Step> steps_;
    std::size_t position_ = 0;
    bool waiting_ = false;
    Instant reminder_ = Instant::never();  // the earliest reminder that is under way
    Instant previous_done_;
    Instant condition_since_;
    bool condition_started_ = false;
};

}  // namespace wavetank
