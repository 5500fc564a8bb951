// The `wavetank` program: the commands over the real engine.
#include <unistd.h>

#include <exception>
#include <iostream>

#include "tools/program/commands.h"
#include "tools/program/simulation_engine.h"

int main(int count, char** words) {
    const wavetank::SimulationEngine engine;
    const wavetank::Program program{.name = count > 0 ? words[0] : "wavetank",
                                    .engine = engine,
                                    .out = std::cout,
                                    .err = std::cerr,
                                    .err_is_terminal = ::isatty(STDERR_FILENO) == 1};
    return wavetank::dispatch(program, {words + (count > 0 ? 1 : 0), words + count});
}
