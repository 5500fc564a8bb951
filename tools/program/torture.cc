// Lanes that operate, one lane that torments, and the judgement.
#include "tools/program/torture.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>

#include "sim/check/linearizability/check.h"
#include "sim/workload/generator.h"
#include "tools/program/deployed.h"

namespace wavetank {
namespace {

constexpr Duration kReport = seconds(10);
constexpr Duration kRequestTimeout = milliseconds(500);
constexpr Duration kOperationTimeout = seconds(5);
constexpr Duration kHealing = seconds(60);

}  // namespace

Torture::Torture(const LocalCluster& cluster, const TorturePlan& plan,
                 std::function<void(const std::string&)> progress)
    : cluster_(cluster), plan_(plan), progress_(std::move(progress)), chance_(plan.seed) {
    workload_.keys = plan.keys;
}

uint64_t Torture::draw(uint64_t bound) {
    return below(chance_.draw(ChanceKind::NemesisDetail, 0, draws_++), bound);
}

Duration Torture::draw_up_to(Duration max) {
    return {static_cast<int64_t>(draw(static_cast<uint64_t>(max.nanos) + 1))};
}

std::unique_ptr<ClientLoop> Torture::make_loop() const {
    return ClientLoop::make(client_setup(cluster_.deployment(), [](const std::string&) {}));
}

ClientSession Torture::make_session(const ClientLoop& loop, ClientLoop::Lane& lane,
                                    SharedSession& shared) const {
    return ClientSession(lane, shared,
                         {.client = lane.id(),
                          .servers = loop.servers_from(0),
                          .request_timeout = kRequestTimeout,
                          .operation_timeout = kOperationTimeout});
}

Result<TortureVerdict> Torture::run() {
    const auto loop = make_loop();
    for (uint32_t i = 0; i < plan_.lanes; ++i) {
        loop->add([&, i](ClientLoop::Lane& lane) { operate(*loop, lane, i); });
    }
    loop->add([&](ClientLoop::Lane& lane) { torment(lane); });
    loop->run();
    if (failure_) return *failure_;
    const Result<ServerStatus> leader = cluster_.await_leader(kHealing);
    if (!leader.ok()) {
        return TortureVerdict{Verdict::Fail, "after the faults: " + leader.error().message};
    }
    read_all_keys();
    const Result<bool> equal = await_equal_servers();
    if (!equal.ok()) return TortureVerdict{Verdict::Fail, equal.error().message};
    return judge();
}

// --- Load ---

void Torture::operate(ClientLoop& loop, ClientLoop::Lane& lane, uint32_t number) {
    KvGenerator generator(workload_, chance_, number);
    SharedSession shared;
    ClientSession session = make_session(loop, lane, shared);
    while (!over_) {
        carry_out(session, lane, ClientId(number + 1), generator.next());
        lane.rest(plan_.think);
    }
}

void Torture::carry_out(ClientSession& session, ClientLoop::Lane& lane, ClientId name,
                        const KvCommand& command) {
    const std::size_t place = history_.invoke(name, ++counts_.operations, command, lane.now());
    const auto reply = session.call(command.function == KvFunction::Get, encode(command));
    const auto result = reply ? decode_kv_result(*reply) : std::nullopt;
    history_.name(place, session.name().session, session.name().sequence);
    if (!result) {
        // Nobody knows, and so it stays open.
        ++counts_.unknown;
        return;
    }
    history_.complete(place, OperationOutcome::Ok, *result, lane.now());
}

// --- Faults ---

void Torture::torment(ClientLoop::Lane& lane) {
    const Instant end = lane.now() + plan_.span;
    Instant report = lane.now() + kReport;
    while (lane.now() < end && !failure_) {
        lane.rest(draw_up_to(plan_.calm_max));
        strike(lane);
        if (lane.now() < report) continue;
        report = lane.now() + kReport;
        progress_(fmt::format(
            "{} to go: {} operations, {} unknown, {} kills, {} pauses",
            to_string(seconds(std::max<int64_t>(0, (end - lane.now()).nanos) / 1'000'000'000)),
            counts_.operations, counts_.unknown, counts_.kills, counts_.pauses));
    }
    start_all();
    over_ = true;
}

void Torture::strike(ClientLoop::Lane& lane) {
    std::vector<ServerId> victims = cluster_.servers();
    const std::size_t first = draw(victims.size());
    std::rotate(victims.begin(), victims.begin() + static_cast<std::ptrdiff_t>(first),
                victims.end());
    switch (draw(8)) {
        case 0:
            kill(lane, victims);
            return;
        case 1:
            victims.resize(victims.size() / 2 + 1);
            kill(lane, victims);
            return;
        case 2:
        case 3:
            pause(lane, victims.front());
            return;
        default:
            kill(lane, {victims.front()});
            return;
    }
}

void Torture::kill(ClientLoop::Lane& lane, const std::vector<ServerId>& victims) {
    for (const ServerId id : victims) counts_.kills += cluster_.signal(id, SIGKILL) ? 1U : 0U;
    for (const ServerId id : victims) {
        while (cluster_.process_of(id)) lane.rest(milliseconds(1));
    }
    lane.rest(draw_up_to(plan_.fault_max));
    start_all();
}

void Torture::pause(ClientLoop::Lane& lane, ServerId victim) {
    counts_.pauses += cluster_.signal(victim, SIGSTOP) ? 1U : 0U;
    lane.rest(draw_up_to(plan_.fault_max));
    cluster_.signal(victim, SIGCONT);
}

// A server that ended by itself is a finding, which the log that it leaves explains.
void Torture::start_all() {
    for (const ServerId id : cluster_.servers()) {
        if (cluster_.process_of(id)) continue;
        if (const auto problem = cluster_.start(id)) failure_ = problem;
    }
}

// --- Judgement ---

void Torture::read_all_keys() {
    const auto loop = make_loop();
    loop->add([&](ClientLoop::Lane& lane) {
        SharedSession shared;
        ClientSession session = make_session(*loop, lane, shared);
        for (uint32_t key = 0; key < plan_.keys; ++key) {
            carry_out(session, lane, ClientId(plan_.lanes + 1),
                      {.function = KvFunction::Get, .key = "k" + std::to_string(key)});
        }
    });
    loop->run();
}

Result<bool> Torture::await_equal_servers() const {
    std::string seen;
    const auto begun = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begun < std::chrono::nanoseconds(kHealing.nanos)) {
        seen.clear();
        std::optional<ServerStatus> first;
        bool equal = true;
        for (const DeployedServer& server : cluster_.deployment().servers) {
            if (server.role == DeployedRole::Witness || server.role == DeployedRole::Spare)
                continue;
            const auto status = status_of(cluster_.deployment(), server.id, seconds(1));
            seen += status ? fmt::format("\n  server {} at {}: {:016x}", server.id.value(),
                                         status->applied.value(), status->digest)
                           : fmt::format("\n  server {} does not answer", server.id.value());
            if (!first) first = status;
            equal = equal && status && status->applied == first->applied &&
                    status->digest == first->digest;
        }
        if (equal) return true;
    }
    return Error{fmt::format("the servers have not come to the same state within {}:{}",
                             to_string(kHealing), seen)};
}

TortureVerdict Torture::judge() const {
    const LinearizabilityReport report = check_linearizability(history_.operations(), {});
    switch (report.verdict) {
        case Linearizability::Ok:
            return {Verdict::Pass, "the history is linearizable, and all servers are equal"};
        case Linearizability::Illegal:
            return {Verdict::Fail, fmt::format("the history of key {} is not linearizable:\n{}",
                                               report.key, report.evidence)};
        case Linearizability::Unknown:
            break;
    }
    return {Verdict::Unknown, fmt::format("the history of key {} could not be decided within the "
                                          "checker's budget",
                                          report.key)};
}

}  // namespace wavetank
