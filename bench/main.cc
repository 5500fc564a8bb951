// Google Benchmark's own main, with the conditions added to what it prints first.
#include <benchmark/benchmark.h>

#include "bench/conditions.h"

int main(int argc, char** argv) {
    for (const auto& [name, value] : wavetank::bench::conditions()) {
        benchmark::AddCustomContext(name, value);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
