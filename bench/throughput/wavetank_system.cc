// Both kinds are loaded in the same way; a local one has to be brought up first.
#include "bench/throughput/wavetank_system.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/load/statuses.h"
#include "bench/throughput/child_process.h"
#include "reports/text.h"

namespace wavetank::bench {
namespace {

LoadTarget target_of(const Deployment& deployment, std::shared_ptr<Credentials> credentials) {
    LoadTarget target{.cluster = ClusterId(deployment.cluster),
                      .credentials = std::move(credentials)};
    for (const DeployedServer& server : deployment.servers) {
        target.servers[server.id] = Address{.host = server.host, .port = server.port};
    }
    return target;
}

Result<LoadOutcome> put_load(const LoadTarget& target, const Load& load,
                             const std::function<void()>& begin) {
    // Every lane sends something first, because it opens its session before.
    const uint64_t warmup = std::max<uint64_t>(load.warmup, load.concurrency);
    const LoadPlan plan{.messages = load.messages,
                        .warmup = warmup,
                        .payload_bytes = static_cast<uint32_t>(load.payload_bytes),
                        .concurrency = load.concurrency,
                        .time_limit = load.time_limit};
    std::string complaint;  // the first thing that went wrong explains the rest
    const Result<LoadResult> result = run_load(
        target, plan, [](uint64_t) {},
        [&](const std::string& line) {
            if (complaint.empty()) complaint = line;
        },
        begin);
    if (!result.ok()) {
        return Error{complaint.empty() ? result.error().message
                                       : result.error().message + " (" + complaint + ")"};
    }
    const LatencyHistogram& latencies = result.value().latencies;
    return LoadOutcome{.messages = result.value().messages,
                       .failed = result.value().errors,
                       .elapsed = result.value().elapsed,
                       .p50 = latencies.at_most(500'000),
                       .p99 = latencies.at_most(990'000),
                       .p999 = latencies.at_most(999'000),
                       .max = latencies.max()};
}

// A message that is answered shows that there is a leader.
std::optional<Error> await_answer(const LoadTarget& target) {
    const Result<LoadOutcome> outcome =
        put_load(target, {.messages = 1, .payload_bytes = 1}, [] {});
    if (!outcome.ok()) return outcome.error();
    if (outcome.value().messages == 0) return Error{"the cluster answers no message"};
    return std::nullopt;
}

// The commits of the leader, if there is one; the syncs of all, if all answer.
void ask_disks(const LoadTarget& target, Usage* usage) {
    uint64_t syncs = 0;
    std::size_t answers = 0;
    for (const auto& [server, address] : target.servers) {
        const auto status = ask_status(target, server, seconds(1));
        if (!status) continue;
        if (status->role == Role::Leader) usage->commits = status->commits;
        syncs += status->syncs;
        ++answers;
    }
    if (answers == target.servers.size()) usage->syncs = syncs;
}

}  // namespace

std::string LocalWavetank::description() const {
    return fmt::format(
        "puts in sessions of their own, SQLite pages of {} bytes, {}otherwise the "
        "defaults",
        setup_.page_bytes, setup_.tls.empty() ? "" : "mutual TLS 1.3, ");
}

std::optional<Error> LocalWavetank::start(uint32_t servers) {
    const Result<std::vector<uint16_t>> ports = free_ports(servers);
    if (!ports.ok()) return ports.error();
    Deployment deployment{.cluster = 1, .page_bytes = setup_.page_bytes, .tls = setup_.tls};
    std::shared_ptr<Credentials> credentials;
    if (!setup_.tls.empty()) {
        auto loaded = Credentials::load(TlsFiles::in(setup_.tls, "client"));
        if (!loaded.ok()) return loaded.error();
        credentials = std::move(loaded.value());
        deployment.cluster = credentials->name().cluster.value();
    }
    for (uint32_t i = 0; i < servers; ++i) {
        deployment.servers.push_back(
            {.id = ServerId(i + 1), .host = "127.0.0.1", .port = ports.value()[i]});
    }
    const std::string file = setup_.directory + "/cluster.textproto";
    if (auto error = write_file(file, print_deployment(deployment))) return Error{*error};
    target_ = target_of(deployment, std::move(credentials));
    for (uint32_t id = 1; id <= servers; ++id) {
        const Result<std::string> folder = processes_.make_folder(id);
        if (!folder.ok()) return folder.error();
        auto error = processes_.add(id, {setup_.program, "serve", "--id", std::to_string(id),
                                         "--cluster", file, "--data", folder.value(), "--create"});
        if (error) return error;
    }
    const std::optional<Error> error = await_answer(target_);
    if (!error) return std::nullopt;
    const std::string end = processes_.end();
    return end.empty() ? error : Error{end};
}

Result<LoadOutcome> LocalWavetank::drive(const Load& load, const std::function<void()>& begin) {
    Result<LoadOutcome> outcome = put_load(target_, load, begin);
    const std::string end = processes_.end();
    if (!end.empty()) return Error{end};
    return outcome;
}

Usage LocalWavetank::usage() {
    Usage usage = processes_.usage();
    ask_disks(target_, &usage);
    return usage;
}

DeployedWavetank::DeployedWavetank(const Deployment& deployment,
                                   std::shared_ptr<Credentials> credentials)
    : target_(target_of(deployment, std::move(credentials))),
      members_(deployment.configuration().all().size()) {}

Usage DeployedWavetank::usage() {
    Usage usage;
    ask_disks(target_, &usage);
    return usage;
}

std::string DeployedWavetank::description() const {
    std::string servers;
    for (const auto& [id, address] : target_.servers) {
        servers += (servers.empty() ? "" : ", ") + to_string(address);
    }
    return fmt::format("puts in sessions of their own, {}at {}",
                       target_.credentials ? "mutual TLS 1.3, " : "", servers);
}

std::optional<Error> DeployedWavetank::start(uint32_t servers) {
    if (members_ != servers) {
        return Error{
            fmt::format("the cluster has {} servers, the plan wants {}; leave the number "
                        "out of the plan",
                        members_, servers)};
    }
    return await_answer(target_);
}

Result<LoadOutcome> DeployedWavetank::drive(const Load& load, const std::function<void()>& begin) {
    return put_load(target_, load, begin);
}

}  // namespace wavetank::bench
