// The real engine: scenarios/ reads, sim/ runs.
#pragma once

#include "tools/program/engine.h"

namespace wavetank {

class SimulationEngine : public Engine {
 public:
    Result<std::vector<std::string>> find(const std::vector<std::string>& paths) const override;
    Result<Setup> parse(std::string_view text, const std::string& file) const override;
    std::string explain(const Setup& setup) const override;
    std::string summarize(const Setup& setup) const override;
    std::string print(const Setup& setup) const override;
    Setup draw(uint64_t seed) const override;
    std::vector<MatrixRow> matrix(const Setup& scenario) const override;
    std::string table(const std::vector<MatrixRow>& rows) const override;
    StoppedRun run(const Setup& setup, uint64_t seed, const RunOptions& options,
                   const StopAt& stop) const override;
};

}  // namespace wavetank
