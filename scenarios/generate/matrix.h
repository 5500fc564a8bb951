// The option matrix: one scenario run under many combinations of options. Which ones: a pairwise
// covering array over the factors below, so that every two values of different factors meet in some
// row. A row *sets* its values, whatever the scenario says; what a scenario is about, or what makes
// its expectations meaningless, it leaves out by name (Setup::matrix_leave_out).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "scenarios/generate/covering_array.h"
#include "sim/setup.h"

namespace wavetank {

struct MatrixValue {
    const char* name;  // "lease"
    void (*apply)(Setup* setup);
};
struct MatrixFactor {
    const char* name;   // "reads"
    const char* words;  // what it varies
    std::span<const MatrixValue> values;
};

// All factors there are. Storage kinds are no factor yet: there is only memory.
std::span<const MatrixFactor> matrix_factors();

struct MatrixChoice {
    std::string factor;
    std::string value;
    friend bool operator==(const MatrixChoice&, const MatrixChoice&) = default;
};
struct MatrixRow {
    uint32_t number = 1;                // from 1
    std::vector<MatrixChoice> choices;  // one for each factor that is varied
    Setup setup;                        // named "scenario[number]"
};
// The rows of a scenario, always the same for the same scenario.
std::vector<MatrixRow> matrix_of(const Setup& scenario);

}  // namespace wavetank
