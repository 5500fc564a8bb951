// A clients' history, cut into one problem per key.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sim/check/linearizability/problem.h"
#include "sim/record/history.h"

namespace wavetank::linearizability {

struct KeyPart {
    std::string_view key;                // stands in the history
    std::unique_ptr<ValueTable> values;  // of the problem
    Problem problem;
};

// In the order of the keys' first events. The history must outlive the result.
// Requires positions as `check_linearizability` does.
std::vector<KeyPart> partition(const std::vector<Operation>& operations);

}  // namespace wavetank::linearizability
