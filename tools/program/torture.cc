// Lanes that operate, one lane that torments, and the judgement.
#include "tools/program/torture.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "sim/check/linearizability/check.h"
#include "sim/workload/generator.h"
#include "tools/program/deployed.h"

namespace wavetank {
namespace {

constexpr Duration kReport = seconds(10);
constexpr Duration kStatusTimeout = milliseconds(200);
constexpr Duration kRequestTimeout = milliseconds(500);
constexpr Duration kOperationTimeout = seconds(2);
constexpr Duration kHealing = seconds(60);

}  // namespace

Torture::Torture(const LocalCluster& cluster, LinkCutter& cutter, const TorturePlan& plan,
                 std::function<void(const std::string&)> progress)
    : cluster_(cluster),
      plan_(plan),
      progress_(std::move(progress)),
      chance_(plan.torment.seed),
      torment_(cluster, cutter, plan.torment) {
    workload_.keys = plan.keys;
    counts_.keys = plan.keys;
    std::random_device device;
    run_ = fmt::format("{:08x}", device());
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
    progress_(fmt::format("{} to go: load and faults begin", to_string(plan_.span)));
    const auto loop = make_loop();
    loop->add([&](ClientLoop::Lane& lane) { run_faults(*loop, lane); });
    for (uint32_t i = 0; i < plan_.lanes; ++i) {
        loop->add([&, i](ClientLoop::Lane& lane) { operate(*loop, lane, i); });
    }
    loop->run();
    if (failure_) return *failure_;
    if (plan_.interrupted()) return Error{"interrupted"};
    const Result<ServerStatus> leader = cluster_.await_leader(kHealing);
    if (!leader.ok()) {
        return TortureVerdict{Verdict::Fail, "after the faults: " + leader.error().message};
    }
    progress_(fmt::format("the faults are over; {} keys are read, and {} operations judged",
                          counts_.keys, counts_.operations));
    const uint64_t unknown = counts_.unknown;
    read_all_keys();
    if (counts_.unknown != unknown) {
        return TortureVerdict{Verdict::Fail, fmt::format("after the faults {} keys cannot be read",
                                                         counts_.unknown - unknown)};
    }
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
        turn_to_new_keys(lane.now());
        KvCommand command = generator.next();
        command.key = name_of_key(chapter_, command.key);
        carry_out(session, lane, ClientId(number + 1), command);
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

std::string Torture::name_of_key(uint64_t chapter, const std::string& key) const {
    return fmt::format("{}.{}.{}", run_, chapter, key);
}

void Torture::turn_to_new_keys(Instant now) {
    if (now < chapter_begun_ + plan_.keys_span &&
        counts_.unknown - chapter_unknown_ < plan_.keys_unknown_max) {
        return;
    }
    ++chapter_;
    chapter_begun_ = now;
    chapter_unknown_ = counts_.unknown;
    counts_.keys += plan_.keys;
}

// --- Faults ---

void Torture::run_faults(const ClientLoop& loop, ClientLoop::Lane& lane) {
    SharedSession shared;
    ClientSession session(lane, shared,
                          {.client = lane.id(),
                           .servers = loop.servers_from(0),
                           .request_timeout = kStatusTimeout,
                           .operation_timeout = kStatusTimeout,
                           .stick = true});
    const Instant end = lane.now() + plan_.span;
    Instant next_report = lane.now() + kReport;
    chapter_begun_ = lane.now();
    while (lane.now() < end && !failure_ && !plan_.interrupted()) {
        failure_ = torment_.strike(lane, session);
        if (lane.now() < next_report) continue;
        next_report = lane.now() + kReport;
        report(end - lane.now());
    }
    over_ = true;
}

void Torture::report(Duration left) {
    progress_(fmt::format("{} to go: {} operations, {} unknown, {}",
                          to_string(seconds(std::max<int64_t>(0, left.nanos / 1'000'000'000))),
                          counts_.operations, counts_.unknown, to_string(torment_.counts())));
}

// --- Judgement ---

void Torture::read_all_keys() {
    const uint64_t last = chapter_;
    const auto loop = make_loop();
    loop->add([&](ClientLoop::Lane& lane) {
        SharedSession shared;
        ClientSession session = make_session(*loop, lane, shared);
        for (uint64_t chapter = 1; chapter <= last; ++chapter) {
            for (uint32_t key = 0; key < plan_.keys; ++key) {
                carry_out(session, lane, ClientId(plan_.lanes + 1),
                          {.function = KvFunction::Get,
                           .key = name_of_key(chapter, "k" + std::to_string(key))});
            }
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
    const LinearizabilityReport report = check_linearizability(
        history_.operations(),
        {.expansions_max = std::max<uint64_t>(20'000'000, 100 * counts_.operations)});
    switch (report.verdict) {
        case Linearizability::Ok:
            return {Verdict::Pass,
                    "the history is linearizable, no acknowledged write is lost, and all servers "
                    "are equal"};
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
