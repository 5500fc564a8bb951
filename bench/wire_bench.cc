// What a message costs on the wire: AppendEntries with 1 and 64 entries of 16 and 200 bytes, to
// bytes and back, bare and as frames with their checksum; and the checksum alone.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "core/wire/crc32c.h"
#include "core/wire/frame_reader.h"
#include "core/wire/raft_codec.h"

namespace wavetank::bench {
namespace {

Message append_of(const benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const std::string command(static_cast<std::size_t>(state.range(1)), 'x');
    std::vector<Entry> entries(count);
    for (std::size_t i = 0; i < count; ++i) {
        entries[i].term = Term(3);
        entries[i].kind = EntryKind::Command;
        entries[i].payload = Payload::copy_of(command);
        entries[i].time = Instant{1'700'000'000'000'000'000 + static_cast<int64_t>(i)};
        entries[i].error = microseconds(500);
    }
    AppendEntries append{Term(3), LogIndex(1'000'000), Term(3), LogIndex(999'990), 5, {}, 2};
    append.entries = EntryRange::of(LogIndex(1'000'001), entries);
    return append;
}

void report(benchmark::State& state, std::size_t bytes) {
    state.SetItemsProcessed(state.iterations() * state.range(0));  // entries
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
    state.counters["bytes"] = static_cast<double>(bytes);
}

void with_sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"entries", "bytes"})->ArgsProduct({{1, 64}, {16, 200}});
}

void wire_encode(benchmark::State& state) {
    const Message message = append_of(state);
    std::string out;
    for (auto _ : state) {
        out.clear();
        benchmark::DoNotOptimize(encode(message, out).ok());
    }
    report(state, out.size());
}
BENCHMARK(wire_encode)->Apply(with_sizes);

void wire_decode(benchmark::State& state) {
    std::string out;
    if (!encode(append_of(state), out).ok()) state.SkipWithError("it does not fit");
    const Payload received = Payload::copy_of(out);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_message(received, {0, received.size()}).ok());
    }
    report(state, out.size());
}
BENCHMARK(wire_decode)->Apply(with_sizes);

void frame_encode(benchmark::State& state) {
    const Message message = append_of(state);
    std::string out;
    for (auto _ : state) {
        out.clear();
        benchmark::DoNotOptimize(append_frame(message, out).ok());
    }
    report(state, out.size());
}
BENCHMARK(frame_encode)->Apply(with_sizes);

// Through a reader that never ends, as from a socket that is always full.
void frame_decode(benchmark::State& state) {
    std::string out;
    FrameReader reader;
    append_frame(Handshake{ClusterId(1), ServerId(2)}, out);
    reader.feed(out);
    bool good = reader.next().value().has_value();
    out.clear();
    good = good && append_frame(append_of(state), out).ok();
    for (auto _ : state) {
        reader.feed(out);
        const Result<std::optional<Frame>> next = reader.next();
        const Frame& frame = next.value().value();
        good = good && decode_message(frame.buffer, frame.body).ok();
    }
    if (!good) state.SkipWithError("a frame was refused");
    report(state, out.size());
}
BENCHMARK(frame_decode)->Apply(with_sizes);

void checksum(benchmark::State& state) {
    const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum)->ArgName("bytes")->Arg(64)->Arg(16 << 10);

}  // namespace
}  // namespace wavetank::bench
