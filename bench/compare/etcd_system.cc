// Members are started with a static cluster; the leader is asked for by Maintenance/Status.
#include "bench/compare/etcd_system.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <thread>

#include "bench/throughput/latencies.h"
#include "etcd.pb.h"

namespace wavetank::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kStartPatience = std::chrono::seconds(20);
constexpr uint64_t kKeys = 1'000;  // messages go round them
constexpr const char* kQuota = "8589934592";

Duration since(Clock::time_point start) {
    return nanoseconds(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
}

std::string url(uint16_t port) {
    return fmt::format("http://127.0.0.1:{}", port);
}

// A call, and its answer. Requires that no other call is under way.
Result<etcd::StatusResponse> ask_status(GrpcChannel& channel) {
    std::optional<Result<std::string>> reply;
    channel.call("/etcdserverpb.Maintenance/Status", etcd::StatusRequest().SerializeAsString(),
                 [&](Result<std::string> arrived) { reply = std::move(arrived); });
    while (!reply) {
        if (auto error = channel.turn()) return *error;
    }
    if (!reply->ok()) return reply->error();
    etcd::StatusResponse status;
    if (!status.ParseFromString(reply->value())) return Error{"etcd's status cannot be read"};
    return status;
}

// One of etcd's counters: its line in the metrics is "NAME 123".
std::optional<uint64_t> counter(const std::string& metrics, const std::string& name) {
    const std::size_t at = metrics.find("\n" + name + " ");
    if (at == std::string::npos) return std::nullopt;
    const char* begin = metrics.data() + at + name.size() + 2;
    double value = 0;
    const auto read = std::from_chars(begin, metrics.data() + metrics.size(), value);
    if (read.ec != std::errc()) return std::nullopt;
    return static_cast<uint64_t>(value);
}

// The closed loop over one channel.
class PutLoop {
 public:
    PutLoop(GrpcChannel& channel, const Load& load, uint64_t messages)
        : channel_(channel), load_(load), messages_(messages) {
        request_.set_value(std::string(load.payload_bytes, 'v'));
    }

    Result<LoadOutcome> run() {
        const uint64_t lanes = std::min<uint64_t>(load_.concurrency, messages_);
        for (uint64_t i = 0; i < lanes; ++i) begin_next();
        while (channel_.calls_under_way() > 0) {
            if (auto error = channel_.turn()) return *error;
        }
        outcome_.messages = latencies_.count();
        outcome_.elapsed = since(started_);
        latencies_.summarize(&outcome_);
        return outcome_;
    }

 private:
    void begin_next() {
        if (begun_ == messages_ || since(started_) >= load_.time_limit) return;
        request_.set_key(fmt::format("key-{}", begun_ % kKeys));
        ++begun_;
        channel_.call("/etcdserverpb.KV/Put", request_.SerializeAsString(),
                      [this, sent = Clock::now()](const Result<std::string>& reply) {
                          if (reply.ok()) {
                              latencies_.add(since(sent));
                          } else {
                              ++outcome_.failed;
                          }
                          begin_next();
                      });
    }

    GrpcChannel& channel_;
    const Load& load_;
    const uint64_t messages_;
    const Clock::time_point started_ = Clock::now();
    etcd::PutRequest request_;
    uint64_t begun_ = 0;
    Latencies latencies_;
    LoadOutcome outcome_;
};

}  // namespace

std::string EtcdSystem::description() const {
    return fmt::format(
        "one HTTP/2 connection to the leader, puts to {} keys, {} bytes quota, "
        "otherwise Debian's defaults",
        kKeys, kQuota);
}

std::optional<Error> EtcdSystem::start(uint32_t servers) {
    if (auto error = start_members(servers)) return error;
    return find_leader();
}

std::optional<Error> EtcdSystem::start_members(uint32_t servers) {
    const Result<std::vector<uint16_t>> ports = free_ports(std::size_t{2} * servers);
    if (!ports.ok()) return ports.error();
    client_ports_.assign(ports.value().begin(), ports.value().begin() + servers);
    const auto peer_url = [&](uint32_t member) { return url(ports.value()[servers + member]); };
    std::string members;
    for (uint32_t i = 0; i < servers; ++i) {
        members += fmt::format("{}m{}={}", i == 0 ? "" : ",", i + 1, peer_url(i));
    }
    for (uint32_t i = 0; i < servers; ++i) {
        const Result<std::string> folder = cluster_.make_folder(i + 1);
        if (!folder.ok()) return folder.error();
        const std::string client_url = url(client_ports_[i]);
        auto error = cluster_.add(i + 1, {"etcd",
                                          "--name",
                                          fmt::format("m{}", i + 1),
                                          "--data-dir",
                                          folder.value(),
                                          "--listen-client-urls",
                                          client_url,
                                          "--advertise-client-urls",
                                          client_url,
                                          "--listen-peer-urls",
                                          peer_url(i),
                                          "--initial-advertise-peer-urls",
                                          peer_url(i),
                                          "--initial-cluster",
                                          members,
                                          "--initial-cluster-state",
                                          "new",
                                          "--quota-backend-bytes",
                                          kQuota,
                                          "--logger",
                                          "zap",
                                          "--log-level",
                                          "error"});
        if (error) return error;
    }
    return std::nullopt;
}

std::optional<Error> EtcdSystem::find_leader() {
    const Clock::time_point deadline = Clock::now() + kStartPatience;
    Error last{"no member was asked"};
    while (Clock::now() < deadline) {
        for (std::size_t i = 0; i < client_ports_.size(); ++i) {
            if (std::string end = cluster_.end(); !end.empty()) return Error{end};
            Result<std::unique_ptr<GrpcChannel>> channel = GrpcChannel::connect(client_ports_[i]);
            const Result<etcd::StatusResponse> status =
                channel.ok() ? ask_status(*channel.value()) : channel.error();
            if (!status.ok()) {
                last = status.error();
                continue;
            }
            last = Error{fmt::format("member {} knows no leader", i + 1)};
            if (status.value().leader() == 0) continue;
            if (status.value().leader() != status.value().header().member_id()) continue;
            leader_ = i;
            channel_ = std::move(channel.value());
            return std::nullopt;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));  // foreign processes start
    }
    return Error{"etcd has no leader after 20 s: " + last.message};
}

Result<LoadOutcome> EtcdSystem::drive(const Load& load, const std::function<void()>& begin) {
    Result<LoadOutcome> outcome = PutLoop(*channel_, load, load.warmup).run();
    if (outcome.ok()) {
        begin();
        outcome = PutLoop(*channel_, load, load.messages).run();
    }
    if (outcome.ok()) return outcome;
    const std::string end = cluster_.end();
    return end.empty() ? outcome.error() : Error{end};
}

Usage EtcdSystem::usage() {
    Usage usage = cluster_.usage();
    uint64_t syncs = 0;
    for (std::size_t i = 0; i < client_ports_.size(); ++i) {
        const Result<std::string> metrics = http_get(client_ports_[i], "/metrics");
        if (!metrics.ok()) return usage;
        const auto of_log = counter(metrics.value(), "etcd_disk_wal_fsync_duration_seconds_count");
        const auto of_database =
            counter(metrics.value(), "etcd_disk_backend_commit_duration_seconds_count");
        if (!of_log || !of_database) return usage;
        syncs += *of_log + *of_database;
        if (i == leader_) usage.commits = *of_log;
    }
    usage.syncs = syncs;
    return usage;
}

void EtcdSystem::stop() {
    channel_.reset();
    cluster_.stop();
    client_ports_.clear();
}

}  // namespace wavetank::bench
