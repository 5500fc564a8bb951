// Links, disks and clocks of a swarm's setup.
#include <algorithm>
#include <iterator>

#include "scenarios/generate/clock_error.h"
#include "scenarios/generate/swarm_parts.h"

namespace wavetank {
namespace {

constexpr LatencyKind kLatencyKinds[] = {
    LatencyKind::Constant,  LatencyKind::Uniform, LatencyKind::Exponential, LatencyKind::Normal,
    LatencyKind::LogNormal, LatencyKind::Bimodal, LatencyKind::Table,
};
constexpr uint64_t kPercentWithSqlite = 1;
constexpr CrashRule kCrashRules[] = {CrashRule::LoseAll, CrashRule::InOrder, CrashRule::Torn};

// The same machine room, a city, continents.
constexpr Draws::Range kMicrosecondsOfLinks[] = {
    {20, 500}, {20, 500}, {200, 3'000}, {3'000, 30'000}};

// What a link does to messages, each kind of it in a part of the seeds only.
void draw_link_faults(Draws& draws, const std::string& name, LinkQuality* quality) {
    const auto share = [&](const char* what, Ratio* ratio, uint64_t per_mille_max) {
        const std::string decision = name + "." + what;
        if (draws.happens(decision + ".any", 35)) {
            *ratio = draws.ratio(decision, {1, per_mille_max});
        }
    };
    share("loss", &quality->loss, 80);
    share("duplicate", &quality->duplicate, 100);
    share("reorder", &quality->reorder, 200);
    quality->reorder_delay =
        draw_latency(draws, name + ".reorder_delay",
                     draws.scaled_time(name + ".reorder_delay", {microseconds(100), {1, 200}}));
}

// Narrow, but wide enough for the load and with a short queue: what waits there delays heartbeats.
void draw_bandwidth(Draws& draws, LinkQuality* quality) {
    if (!draws.happens("network.narrow", 15)) return;
    quality->bytes_per_second = draws.scaled("network.bytes_per_second", {400'000, 10'000'000});
    quality->queue_bytes_max = 64 << 10;
}

// One server is far from all others.
void draw_far_server(Draws& draws, Setup* setup) {
    if (setup->servers < 3 || !draws.happens("network.far", 12)) return;
    const ServerId far(
        static_cast<uint32_t>(draws.between("network.far.server", {1, setup->servers})));
    LinkQuality quality = setup->network;
    quality.latency = draw_latency(
        draws, "network.far", draws.scaled_time("network.far.time", {milliseconds(1), {2, 40}}));
    setup->links.push_back({far, ServerId(), quality});
    setup->links.push_back({ServerId(), far, quality});
}

void draw_links(Draws& draws, Setup* setup) {
    LinkQuality& network = setup->network;
    const Draws::Range usual = draws.one_of("network.distance", kMicrosecondsOfLinks);
    network.latency = draw_latency(draws, "network.latency",
                                   draws.scaled_time("network.latency", {microseconds(1), usual}));
    draw_link_faults(draws, "network", &network);
    if (draws.happens("network.corrupt.any", 25)) {
        network.corrupt = draws.ratio("network.corrupt", {1, 30});
    }
    draw_bandwidth(draws, &network);
    draw_far_server(draws, setup);
    setup->client_network.latency =
        draw_latency(draws, "client_network.latency",
                     draws.scaled_time("client_network.latency", {microseconds(20), {1, 250}}));
    draw_link_faults(draws, "client_network", &setup->client_network);
    setup->encoded_links = draws.happens("encoded_links", 20);
}

void draw_disks(Draws& draws, Setup* setup) {
    setup->disk.write = draw_latency(draws, "disk.write",
                                     draws.scaled_time("disk.write", {microseconds(10), {1, 500}}));
    setup->disk.on_crash = draws.one_of("disk.on_crash", kCrashRules);
    // SQLite is what real servers have; it takes its time.
    if (draws.happens("disk.sqlite", kPercentWithSqlite)) setup->disk.storage = StorageKind::Sqlite;
    if (!draws.happens("server_disk", 20)) return;
    const auto server =
        static_cast<uint32_t>(draws.between("server_disk.server", {1, setup->servers}));
    DiskQuality slow = setup->disk;
    slow.write = draw_latency(draws, "server_disk.write",
                              draws.scaled_time("server_disk.write", {milliseconds(1), {1, 30}}));
    setup->disks.push_back({ServerId(server), slow});
}

Duration slowest(const Latency& latency) {
    return LatencySampler(latency).largest();
}

// What the clocks of a seed are like.
enum class Clocks : uint8_t {
    Exact,    // and known to be
    Bounded,  // off, drifting, and known to be no worse than that
    Wild,     // jumping, standing still; nothing is known
};
constexpr Clocks kClocks[] = {Clocks::Exact, Clocks::Bounded, Clocks::Bounded, Clocks::Wild};

Duration either_way(Draws& draws, const std::string& name, Duration size, uint64_t ordinal) {
    return draws.happens(name + ".back", 50, ordinal) ? size * -1 : size;
}

void draw_bounded_clock(Draws& draws, Setup* setup, uint32_t server) {
    ClockQuality clock;
    const Duration offset =
        draws.scaled_time("clock.offset", {microseconds(100), {1, 200}}, server);
    clock.offset = either_way(draws, "clock.offset", offset, server);
    clock.drift_ppm =
        static_cast<int64_t>(draws.between("clock.drift_ppm", {0, 600}, server)) - 300;
    setup->clocks.push_back({ServerId(server), clock});
}

void draw_wild_clock(Draws& draws, Setup* setup, uint32_t server) {
    if (draws.happens("clock.right", 30, server)) return;
    ClockQuality clock;
    const Duration offset =
        draws.scaled_time("clock.offset", {milliseconds(1), {1, 4'000'000}}, server);
    clock.offset = either_way(draws, "clock.offset", offset, server);
    clock.drift_ppm =
        static_cast<int64_t>(draws.between("clock.drift_ppm", {0, 200'000}, server)) - 100'000;
    setup->clocks.push_back({ServerId(server), clock});
}

// Faults of clocks that go with what is known of them: without a bound everything may happen, with
// one they may only drift a little.
void draw_clock_faults(Draws& draws, Clocks clocks, NemesisSetup* nemesis) {
    nemesis->clock_step_max =
        draws.scaled_time("nemesis.clock_step_max", {milliseconds(1), {5, 5'000}});
    nemesis->drift_ppm_max = static_cast<int64_t>(
        draws.scaled("nemesis.drift_ppm_max", {10, clocks == Clocks::Wild ? 200'000U : 500U}));
    if (clocks == Clocks::Wild) return;
    nemesis->clock_step = nemesis->clock_freeze = nemesis->clock_strobe = 0;
    if (clocks == Clocks::Exact) nemesis->clock_drift = 0;
}

}  // namespace

Latency draw_latency(Draws& draws, const std::string& name, Duration usual) {
    Latency latency{.kind = draws.one_of(name + ".kind", kLatencyKinds), .base = usual};
    const auto times = static_cast<int64_t>(draws.between(name + ".spread", {1, 4}));
    switch (latency.kind) {
        case LatencyKind::Constant:
            break;
        case LatencyKind::Uniform:
            latency.spread = usual * times;
            break;
        case LatencyKind::Exponential:
            latency.base = usual / 2;
            latency.spread = usual * times / 4;
            break;
        case LatencyKind::Normal:
            latency.spread = usual * times / 8;
            break;
        case LatencyKind::LogNormal:
            latency.spread = usual + usual * times / 8;
            break;
        case LatencyKind::Bimodal:
            latency.spread = usual * (times * 5);
            latency.slow = draws.ratio(name + ".slow", {1, 100});
            break;
        case LatencyKind::Table:
            latency.base = Duration{};
            latency.quantiles = {usual / 2, usual, usual * 2, usual * (2 * times)};
            break;
    }
    return latency;
}

void draw_weather(Draws& draws, Setup* setup) {
    draw_links(draws, setup);
    draw_disks(draws, setup);
}

Duration slowest_round(const Setup& setup) {
    Duration link = slowest(setup.network.latency);
    for (const LinkSetup& own : setup.links) link = std::max(link, slowest(own.quality.latency));
    const uint64_t bytes_per_second = setup.network.bytes_per_second;
    if (bytes_per_second > 0) {
        const uint64_t nanos = setup.network.queue_bytes_max * 1'000'000'000 / bytes_per_second;
        link = link + Duration{static_cast<int64_t>(nanos)};
    }
    Duration disk = slowest(setup.disk.write);
    for (const DiskSetup& own : setup.disks) disk = std::max(disk, slowest(own.quality.write));
    return link * 2 + disk * 2;
}

void draw_clocks(Draws& draws, Setup* setup) {
    const Clocks clocks = draws.one_of("clocks", kClocks);
    if (setup->nemesis) draw_clock_faults(draws, clocks, &*setup->nemesis);
    if (setup->nemesis && !has_faults(*setup->nemesis)) setup->nemesis.reset();
    for (uint32_t server = 1; server <= setup->servers; ++server) {
        if (clocks == Clocks::Exact) setup->clocks.push_back({ServerId(server), {}});
        if (clocks == Clocks::Bounded) draw_bounded_clock(draws, setup, server);
        if (clocks == Clocks::Wild) draw_wild_clock(draws, setup, server);
    }
    if (draws.happens("lease", 55)) {
        setup->options.lease_duration =
            draws.scaled_time("lease.duration", {milliseconds(10), {1, 60}});
    }
    if (clocks == Clocks::Wild) return;
    // Some seeds have servers that know nothing of their clock, and ask a majority.
    const bool some_unknown = draws.happens("clock.some_unknown", 25);
    for (ClockSetup& clock : setup->clocks) {
        const uint64_t server = clock.server.value();
        const std::optional<Duration> error = clock_error_max(*setup, clock.server);
        if (!error || (some_unknown && draws.happens("clock.unknown", 40, server))) continue;
        const Duration reserve =
            draws.scaled_time("clock.reserve", {microseconds(10), {1, 500}}, server);
        clock.quality.error_bound = *error + reserve;
    }
}

}  // namespace wavetank
