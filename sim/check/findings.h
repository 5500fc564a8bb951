// Findings: what the oracles of one run have to say. The first one matters most; the rest are
// counted, and a few are kept.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/record/run_record.h"

namespace wavetank {

class Findings {
 public:
    static constexpr std::size_t kKept = 10;

    // The event that is being handled; findings are stamped with it.
    void now(uint64_t event, Instant at) {
        event_ = event;
        at_ = at;
    }
    void report(std::string oracle, std::string message) {
        add(std::move(oracle), std::move(message), Verdict::Fail);
    }
    void unknown(std::string oracle, std::string message) {
        add(std::move(oracle), std::move(message), Verdict::Unknown);
    }

    const std::vector<Finding>& kept() const { return kept_; }
    uint64_t count() const { return count_; }
    bool failed() const { return failed_; }
    // Fail if anything failed, else Unknown if anything is unknown, else Pass.
    Verdict verdict() const;

 private:
    void add(std::string oracle, std::string message, Verdict verdict);
    std::vector<Finding> kept_;
    uint64_t count_ = 0;
    uint64_t event_ = 0;
    Instant at_;
    bool failed_ = false;
};

}  // namespace wavetank
