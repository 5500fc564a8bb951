// Setups in few words: one line for each seed of a swarm, one row for each variant of a matrix.
#pragma once

#include <string>
#include <vector>

#include "scenarios/generate/matrix.h"
#include "sim/setup.h"

namespace wavetank {

// What is not usual, in one line: "5 servers, 1 waits; elections after 200ms to 400ms; snapshots
// every 30 commands; 3 clients for 4.2s; crash 2, clog 1 every 300ms".
std::string summarize(const Setup& setup);

// A table, one row a line, after a line with the names of the factors.
std::string table_of(const std::vector<MatrixRow>& rows);

}  // namespace wavetank
