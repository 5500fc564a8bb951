// The core alone: entries per second through a leader and two followers in memory, allocations on
// the way, copies and digests of a core with a log. A program of its own, because it counts every
// allocation of the process.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "bench/core_trio.h"
#include "core/base/check.h"

namespace {

std::atomic<uint64_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    const auto align = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) {
        return memory;
    }
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace wavetank::bench {
namespace {

std::vector<Payload> commands(std::size_t count, std::size_t bytes) {
    std::vector<Payload> made;
    for (std::size_t i = 0; i < count; ++i) {
        made.push_back(Payload::copy_of(std::string(bytes, static_cast<char>('a' + i % 26))));
    }
    return made;
}

// Proposals of `batch` commands each, `open` of them under way at any time; each one's messages
// leave at once, whatever else is under way.
void entries_through_trio(benchmark::State& state) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    const auto bytes = static_cast<std::size_t>(state.range(1));
    const auto open = static_cast<uint64_t>(state.range(2)) * batch;
    CoreTrio trio({});
    const std::vector<Payload> proposal = commands(batch, bytes);
    uint64_t proposed = trio.committed();
    const auto work = [&] {
        trio.propose(proposal);
        proposed += batch;
        while (proposed - trio.committed() >= open && trio.deliver_one()) {
        }
    };
    // Until the log was compacted a few times: from here on everything is in its steady state.
    while (trio.committed() < 100'000) work();
    CHECK(trio.snapshots() > 0);
    const uint64_t allocated_before = allocations.load();
    const uint64_t proposed_before = proposed;
    const uint64_t snapshots_before = trio.snapshots();
    for (auto _ : state) work();
    const uint64_t entries = proposed - proposed_before;
    const uint64_t snapshots = trio.snapshots() - snapshots_before;
    const auto allocated = static_cast<double>(allocations.load() - allocated_before);
    state.counters["allocations/entry"] = allocated / static_cast<double>(entries);
    state.counters["allocations/snapshot"] =
        allocated / static_cast<double>(std::max(snapshots, uint64_t{1}));
    trio.deliver_all();
    CHECK(trio.committed() == proposed);
    CHECK(trio.follower().log().last_index() == trio.leader().log().last_index());
    state.SetItemsProcessed(static_cast<int64_t>(entries));
}
BENCHMARK(entries_through_trio)
    ->ArgNames({"batch", "bytes", "open"})
    ->ArgsProduct({{1, 8, 64, 1024}, {16, 200}, {64}})
    ->ArgsProduct({{1, 8, 64, 1024}, {16, 200}, {1}});

// A core whose log holds this many entries.
Raft core_with_log(int64_t entries) {
    CoreTrio trio({.window = 128, .snapshot_entries = 0});
    const std::vector<Payload> proposal = commands(64, 16);
    while (trio.committed() < static_cast<uint64_t>(entries)) {
        trio.propose(proposal);
        trio.deliver_all();
    }
    return trio.leader();
}

void copy_core(benchmark::State& state) {
    const Raft core = core_with_log(state.range(0));
    for (auto _ : state) {
        Raft copy(core);
        benchmark::DoNotOptimize(&copy);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(copy_core)->ArgName("entries")->Arg(256)->Arg(10'000);

void digest_of_core(benchmark::State& state) {
    const Raft core = core_with_log(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(core.digest());
}
BENCHMARK(digest_of_core)->ArgName("entries")->Arg(256)->Arg(10'000);

// An empty AppendEntries at a follower that has everything, and its answer.
void heartbeat_at_follower(benchmark::State& state) {
    const CoreTrio trio({});
    const Raft& leader = trio.leader();
    const Log& log = leader.log();
    const Input heartbeat =
        Recv{leader.id(), AppendEntries{leader.current_term(), log.last_index(), log.last_term(),
                                        leader.commit_index(), 0, EntryRange()}};
    Raft follower = trio.follower();
    Output output;
    for (auto _ : state) {
        follower.step(Instant{} + seconds(1), heartbeat);
        follower.drain(output);
        benchmark::DoNotOptimize(output.sends.data());
    }
    CHECK(output.sends.size() == 1);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(heartbeat_at_follower);

}  // namespace
}  // namespace wavetank::bench
