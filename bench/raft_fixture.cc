// Driving the fixture. Every message is two network events: its sender is told that it has left,
// and its receiver gets it.
#include "bench/raft_fixture.h"

#include <cstdlib>
#include <cstring>

#include "bench/stopwatch.h"
#include "core/base/check.h"

extern "C" {
#include <raft.h>
#include <raft/fixture.h>
}

namespace wavetank::bench {
namespace {

constexpr unsigned kServers = 5;
constexpr unsigned kHeartbeatMillis = 50;
uint64_t network_events = 0;

void count_event(raft_fixture*, raft_fixture_event* event) {
    if (event->type == RAFT_FIXTURE_NETWORK) ++network_events;
}

// The machine counts. libraft frees what it is given with raft_free.
int apply(raft_fsm* fsm, const raft_buffer*, void** result) {
    ++*static_cast<uint64_t*>(fsm->data);
    *result = nullptr;
    return 0;
}

int snapshot(raft_fsm* fsm, raft_buffer** buffers, unsigned* count) {
    *count = 1;
    *buffers = static_cast<raft_buffer*>(raft_malloc(sizeof(raft_buffer)));
    (*buffers)->len = sizeof(uint64_t);
    (*buffers)->base = raft_malloc(sizeof(uint64_t));
    std::memcpy((*buffers)->base, fsm->data, sizeof(uint64_t));
    return 0;
}

int restore(raft_fsm* fsm, raft_buffer* buffer) {
    std::memcpy(fsm->data, buffer->base, sizeof(uint64_t));
    raft_free(buffer->base);
    return 0;
}

class FixtureCluster {
 public:
    explicit FixtureCluster(unsigned snapshot_every) {
        CHECK(raft_fixture_initialize(&fixture_) == 0);
        for (unsigned i = 0; i < kServers; ++i) {
            machines_[i] = raft_fsm{};
            machines_[i].version = 1;
            machines_[i].data = &applied_[i];
            machines_[i].apply = apply;
            machines_[i].snapshot = snapshot;
            machines_[i].restore = restore;
            CHECK(raft_fixture_grow(&fixture_, &machines_[i]) == 0);
        }
        raft_configuration configuration;
        CHECK(raft_fixture_configuration(&fixture_, kServers, &configuration) == 0);
        CHECK(raft_fixture_bootstrap(&fixture_, &configuration) == 0);
        raft_configuration_close(&configuration);
        for (unsigned i = 0; i < kServers; ++i) {
            raft* server = raft_fixture_get(&fixture_, i);
            raft_set_heartbeat_timeout(server, kHeartbeatMillis);
            raft_set_snapshot_threshold(server, snapshot_every);
            raft_set_snapshot_trailing(server, snapshot_every);
            raft_fixture_set_network_latency(&fixture_, i, 1);
            raft_fixture_set_disk_latency(&fixture_, i, 1);
        }
        CHECK(raft_fixture_start(&fixture_) == 0);
        raft_fixture_elect(&fixture_, 0);
        raft_fixture_hook(&fixture_, count_event);
    }
    FixtureCluster(const FixtureCluster&) = delete;
    FixtureCluster& operator=(const FixtureCluster&) = delete;
    ~FixtureCluster() { raft_fixture_close(&fixture_); }

    raft_fixture& fixture() { return fixture_; }
    uint64_t applied() const { return applied_[0]; }

    void propose() {
        raft_buffer buffer;
        buffer.len = sizeof(uint64_t);
        buffer.base = raft_malloc(buffer.len);
        std::memset(buffer.base, 1, buffer.len);
        auto* request =
            static_cast<raft_apply_request*>(std::calloc(1, sizeof(raft_apply_request)));
        const auto done = [](raft_apply_request* over, int, void*) { std::free(over); };
        CHECK(raft_apply(raft_fixture_get(&fixture_, 0), request, &buffer, 1, done) == 0);
    }

 private:
    using raft_apply_request = struct raft_apply;
    raft_fixture fixture_{};
    raft_fsm machines_[kServers]{};
    uint64_t applied_[kServers]{};
};

template <class Run>
FixtureFigures measure(FixtureCluster& cluster, Run run) {
    network_events = 0;
    const uint64_t applied_before = cluster.applied();
    const raft_time time_before = raft_fixture_time(&cluster.fixture());
    const Stopwatch watch;
    run();
    const double cpu_seconds = watch.spent().cpu;
    const raft_time passed = raft_fixture_time(&cluster.fixture()) - time_before;
    FixtureFigures figures;
    figures.cpu_seconds = cpu_seconds;
    figures.virtual_seconds = static_cast<double>(passed) / 1e3;
    figures.messages = network_events / 2;
    figures.applied = cluster.applied() - applied_before;
    return figures;
}

}  // namespace

FixtureFigures fixture_idle(uint32_t virtual_seconds) {
    FixtureCluster cluster(1024);
    return measure(cluster, [&] {
        raft_fixture_step_until_elapsed(&cluster.fixture(), virtual_seconds * 1000);
    });
}

FixtureFigures fixture_load(uint32_t proposals, uint32_t snapshot_every) {
    FixtureCluster cluster(snapshot_every);
    const uint64_t applied_before = cluster.applied();
    return measure(cluster, [&] {
        for (uint32_t i = 1; i <= proposals; ++i) {
            cluster.propose();
            while (cluster.applied() < applied_before + i) raft_fixture_step(&cluster.fixture());
        }
    });
}

}  // namespace wavetank::bench
