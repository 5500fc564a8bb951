// Nothing but calls downwards.
#include "tools/program/simulation_engine.h"

#include "scenarios/explain.h"
#include "scenarios/files.h"
#include "scenarios/generate/swarm.h"
#include "scenarios/parse.h"
#include "scenarios/print.h"
#include "scenarios/summarize.h"

namespace wavetank {

Result<std::vector<std::string>> SimulationEngine::find(
    const std::vector<std::string>& paths) const {
    return find_scenarios(paths);
}

Result<Setup> SimulationEngine::parse(std::string_view text, const std::string& file) const {
    return parse_scenario(text, file);
}

std::string SimulationEngine::explain(const Setup& setup) const {
    return wavetank::explain(setup);
}

std::string SimulationEngine::summarize(const Setup& setup) const {
    return wavetank::summarize(setup);
}

std::string SimulationEngine::print(const Setup& setup) const {
    return print_scenario(setup);
}

Setup SimulationEngine::draw(uint64_t seed) const {
    return draw_swarm(seed);
}

std::vector<MatrixRow> SimulationEngine::matrix(const Setup& scenario) const {
    return matrix_of(scenario);
}

std::string SimulationEngine::table(const std::vector<MatrixRow>& rows) const {
    return table_of(rows);
}

StoppedRun SimulationEngine::run(const Setup& setup, uint64_t seed, const RunOptions& options,
                                 const StopAt& stop) const {
    Simulation simulation(setup, seed, options);
    simulation.run_until(stop.event);
    StoppedRun out;
    for (const ServerId server : stop.describe) out.states.push_back(simulation.describe(server));
    out.record = simulation.finish();
    return out;
}

}  // namespace wavetank
