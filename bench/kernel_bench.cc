// The parts that every event passes: the queue, the network, the digest; and the fiber switch that
// every client's wait costs twice.
#include <benchmark/benchmark.h>

#include "core/base/hash.h"
#include "core/fiber/fiber.h"
#include "core/raft/messages.h"
#include "sim/kernel/chance.h"
#include "sim/kernel/event_queue.h"
#include "sim/world/network.h"

namespace wavetank::bench {
namespace {

// The hold model: one event out, another one in, at a steady number of pending events.
void queue_hold(benchmark::State& state) {
    EventQueue queue;
    const Chance chance(1);
    uint64_t ordinal = 0;
    const auto later = [&](Instant now) {
        const uint64_t bits = chance.draw(ChanceKind::LinkLatency, 0, ordinal++);
        return now + Duration{static_cast<int64_t>(200'000 + below(bits, 300'000))};
    };
    for (int64_t i = 0; i < state.range(0); ++i) queue.push(later({}), {EventKind::Control});
    for (auto _ : state) {
        const QueuedEvent event = queue.pop();
        queue.push(later(event.at), {event.kind, event.subject, event.token});
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(queue_hold)->Arg(16)->Arg(256)->Arg(4096);

// In and out again.
void fiber_switch(benchmark::State& state) {
    StackPool stacks;
    Fiber fiber(stacks, [] {
        while (true) Fiber::suspend();
    });
    for (auto _ : state) fiber.resume();
    state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(fiber_switch);

void digest_word(benchmark::State& state) {
    Digest digest;
    uint64_t word = 0;
    for (auto _ : state) digest.add(word++);
    benchmark::DoNotOptimize(digest.value());
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(digest_word);

Message append_of(int64_t entries) {
    AppendEntries append{Term(3), LogIndex(70), Term(3), LogIndex(69), 5, {}};
    const Entry entry{Term(3), EntryKind::Command, Payload::copy_of("sixteen bytes ok")};
    const std::vector<Entry> all(static_cast<std::size_t>(entries), entry);
    if (entries > 0) append.entries = EntryRange::of(LogIndex(71), all);
    return append;
}

void digest_of_append(benchmark::State& state) {
    const Message message = append_of(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(digest_of(message));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(digest_of_append)->Arg(0)->Arg(1)->Arg(64);

void digest_of_reply(benchmark::State& state) {
    AppendEntriesReply reply;
    reply.term = Term(3);
    reply.success = true;
    reply.match_index = LogIndex(71);
    const Message message = reply;
    for (auto _ : state) benchmark::DoNotOptimize(digest_of(message));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(digest_of_reply);

// What becomes of a message: on a plain link, and on one that loses, repeats and reorders.
void network_transit(benchmark::State& state) {
    LinkQuality quality;
    if (state.range(0) != 0) {
        quality.loss = quality.duplicate = quality.reorder = Ratio::of(1, 100);
    }
    const Chance chance(1);
    Network network({5, 0}, quality, chance);
    Instant now;
    for (auto _ : state) {
        now = now + microseconds(1);
        benchmark::DoNotOptimize(network.transit({1, 2}, now, [] { return uint64_t{64}; }));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(network_transit)->ArgName("bad")->Arg(0)->Arg(1);

}  // namespace
}  // namespace wavetank::bench
