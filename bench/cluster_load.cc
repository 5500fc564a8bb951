// cluster_load: puts a load on a running cluster and prints what clients saw. One line a load, for
// looking at one thing at a time.
#include <fmt/format.h>

#include <iostream>

#include "bench/load/load.h"
#include "tools/program/command_line.h"
#include "tools/program/deployed.h"

namespace {

using namespace wavetank;

constexpr const char* kUsage = R"(usage: cluster_load --cluster FILE [OPTIONS]

Puts messages into a running cluster, each lane waiting for its answer before it goes on, and prints
messages per second and latencies.

  --cluster FILE      the cluster
  --messages N        measured; default 100000
  --warmup N          before them; default a tenth of them
  --payload BYTES     of each value; default 4
  --concurrency N     lanes; default 64
  --threads N         that share the lanes, with connections of their own; default 1
  --lanes N           that share a session; default 1
  --help              this text
)";

constexpr const char* kNumbers[] = {"messages",    "warmup",  "payload",
                                    "concurrency", "threads", "lanes"};

Result<LoadPlan> read_plan(const Arguments& given) {
    LoadPlan plan{.messages = 100'000, .warmup = UINT64_MAX};
    uint64_t values[std::size(kNumbers)] = {plan.messages,    plan.warmup,  plan.payload_bytes,
                                            plan.concurrency, plan.threads, plan.lanes_per_session};
    for (std::size_t i = 0; i < std::size(kNumbers); ++i) {
        if (!given.has(kNumbers[i])) continue;
        const auto value = read_number(fmt::format("--{}", kNumbers[i]), given.text(kNumbers[i]),
                                       {.max = i < 2 ? uint64_t{1} << 40 : 1 << 24});
        if (!value.ok()) return value.error();
        values[i] = value.value();
    }
    plan.messages = values[0];
    plan.warmup = values[1] == UINT64_MAX ? plan.messages / 10 : values[1];
    plan.payload_bytes = static_cast<uint32_t>(values[2]);
    plan.concurrency = static_cast<uint32_t>(values[3]);
    plan.threads = static_cast<uint32_t>(values[4]);
    plan.lanes_per_session = static_cast<uint32_t>(values[5]);
    return plan;
}

int fail(const std::string& message) {
    std::cerr << "cluster_load: " << message << "\n";
    return kExitUsage;
}

int put_load(const Deployment& deployment, const LoadPlan& plan) {
    const auto result = run_load(
        {.cluster = ClusterId(deployment.cluster), .servers = addresses_of(deployment)}, plan,
        [](uint64_t) {}, [](const std::string& line) { std::cerr << line << "\n"; });
    if (!result.ok()) return fail(result.error().message);
    const LoadResult& seen = result.value();
    const auto micros = [](Duration span) { return span.nanos / 1000; };
    std::cout << fmt::format(
        "payload {} concurrency {}: {} messages/s, {} errors; latency us p50 {} p99 {} p99.9 {} "
        "max {}; client cpu {} ns a message\n",
        plan.payload_bytes, plan.concurrency, seen.messages_per_second(), seen.errors,
        micros(seen.latencies.at_most(500'000)), micros(seen.latencies.at_most(990'000)),
        micros(seen.latencies.at_most(999'000)), micros(seen.latencies.max()),
        seen.messages == 0 ? 0 : seen.cpu.nanos / static_cast<int64_t>(seen.messages));
    return seen.errors == 0 ? kExitPassed : kExitFailed;
}

}  // namespace

int main(int count, char** words) {
    namespace options = boost::program_options;
    options::options_description known;
    known.add_options()("help", "")("cluster", options::value<std::string>());
    for (const char* number : kNumbers) known.add_options()(number, options::value<std::string>());
    const auto given = read_arguments(known, {words + 1, words + count});
    if (!given.ok()) return fail(given.error().message);
    if (given.value().has("help")) {
        std::cout << kUsage;
        return kExitPassed;
    }
    const auto deployment = load_deployment(given.value().text("cluster"));
    if (!deployment.ok()) return fail(deployment.error().message);
    const auto plan = read_plan(given.value());
    if (!plan.ok()) return fail(plan.error().message);
    return put_load(deployment.value(), plan.value());
}
