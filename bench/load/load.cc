// Lanes that count together, and the threads they are in.
#include "bench/load/load.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/client/session.h"
#include "core/machines/kv.h"
#include "core/tcp/client/client_loop.h"

namespace wavetank {
namespace {

constexpr uint64_t kMessagesPerReport = 1024;

int64_t steady_nanos() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

Duration cpu_of_process() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto span = [](const timeval& time) {
        return seconds(time.tv_sec) + microseconds(time.tv_usec);
    };
    return span(usage.ru_utime) + span(usage.ru_stime);
}

// What all threads share.
struct Course {
    const LoadTarget& target;
    const LoadPlan& plan;
    const LoadProgress& progress;
    const OperatorLog& log;
    const LoadBegin& begin;

    const int64_t started = steady_nanos();
    std::atomic<uint64_t> begun{0};
    std::atomic<uint64_t> done{0};
    std::atomic<int64_t> measured_from{0};
    std::atomic<int64_t> measured_to{0};  // the last answer
    std::atomic<int64_t> cpu_from{0};
    std::atomic<bool> no_session{false};
    std::mutex mutex;  // of `result`, and of `progress`
    LoadResult result;

    // The number of the first measured message: none yet while the warm-up lasts.
    std::atomic<uint64_t> first_measured{UINT64_MAX};

    uint64_t end() const {
        const uint64_t first = first_measured;
        return first == UINT64_MAX ? UINT64_MAX : first + plan.messages;
    }
    // The warm-up ends with its last message, or when it has taken as long as the measurement may.
    bool is_warm(uint64_t message) const {
        return message >= plan.warmup || steady_nanos() - started >= plan.time_limit.nanos;
    }
    // Before the first measured message is sent: what is still under way of the warm-up then takes
    // its time from the measurement, and not the other way round.
    void begin_to_measure(uint64_t message) {
        uint64_t nothing = UINT64_MAX;
        if (!first_measured.compare_exchange_strong(nothing, message)) return;
        begin();
        measured_from = steady_nanos();
        cpu_from = cpu_of_process().nanos;
    }
    bool out_of_time() const {
        return measured_from != 0 && steady_nanos() - measured_from >= plan.time_limit.nanos;
    }
};

// The lanes of one thread.
class Team {
 public:
    Team(Course& course, uint32_t lanes) : course_(course) {
        loop_ = ClientLoop::make({.cluster = course.target.cluster,
                                  .servers = course.target.servers,
                                  .credentials = course.target.credentials,
                                  .log = course.log});
        const uint32_t per_session = course.plan.lanes_per_session;
        shared_.resize((lanes + per_session - 1) / per_session);
        for (uint32_t lane = 0; lane < lanes; ++lane) {
            loop_->add([this, lane, per_session](ClientLoop::Lane& transport) {
                live(transport, shared_[lane / per_session]);
            });
        }
    }

    void run() {
        loop_->run();
        const std::lock_guard lock(course_.mutex);
        course_.result.messages += latencies_.count();
        course_.result.errors += errors_;
        course_.result.latencies.add(latencies_);
    }

 private:
    void live(ClientLoop::Lane& lane, SharedSession& shared) {
        ClientSession session(lane, shared,
                              {.client = lane.id(),
                               .servers = loop_->servers_from(0),
                               .request_timeout = seconds(2),
                               .operation_timeout = course_.plan.give_up});
        if (!session.open()) {
            course_.no_session = true;
            return;
        }
        KvCommand command{.function = KvFunction::Put,
                          .value = std::string(course_.plan.payload_bytes, 'v')};
        while (!course_.no_session && !course_.out_of_time()) {
            const uint64_t message = course_.begun++;
            if (message >= course_.end()) break;
            if (course_.end() == UINT64_MAX && course_.is_warm(message)) {
                course_.begin_to_measure(message);
            }
            put(session, command, message);
        }
        session.close();
    }

    void put(ClientSession& session, KvCommand& command, uint64_t message) {
        command.key = fmt::format("key{}", message % course_.plan.keys);
        const int64_t from = steady_nanos();
        const bool answered = session.call(false, encode(command)).has_value();
        const int64_t to = steady_nanos();
        if (message >= course_.first_measured) {
            if (answered) latencies_.record({to - from});
            errors_ += answered ? 0 : 1;
            course_.measured_to = to;
        }
        const uint64_t done = ++course_.done;
        if (done % kMessagesPerReport == 0) {
            const std::lock_guard lock(course_.mutex);
            course_.progress(done);
        }
    }

    Course& course_;
    std::unique_ptr<ClientLoop> loop_;
    std::vector<SharedSession> shared_;
    LatencyHistogram latencies_;
    uint64_t errors_ = 0;
};

std::optional<Error> refuse(const LoadTarget& target, const LoadPlan& plan) {
    if (target.servers.empty()) return Error{"there are no servers to put load on"};
    if (plan.messages == 0 || plan.concurrency == 0 || plan.threads == 0 || plan.keys == 0 ||
        plan.lanes_per_session == 0) {
        return Error{"messages, concurrency, threads, keys and lanes per session must be above 0"};
    }
    if (plan.threads > plan.concurrency) {
        return Error{fmt::format("{} threads for a concurrency of {}; use at most as many",
                                 plan.threads, plan.concurrency)};
    }
    return std::nullopt;
}

}  // namespace

uint64_t LoadResult::messages_per_second() const {
    __extension__ using Wide = unsigned __int128;
    if (elapsed.nanos <= 0) return 0;
    return static_cast<uint64_t>(Wide{messages} * 1'000'000'000 /
                                 static_cast<uint64_t>(elapsed.nanos));
}

Result<LoadResult> run_load(const LoadTarget& target, const LoadPlan& plan,
                            const LoadProgress& progress, const OperatorLog& log,
                            const LoadBegin& begin) {
    if (const auto refused = refuse(target, plan)) return *refused;
    Course course{target, plan, progress, log, begin};
    std::vector<std::unique_ptr<Team>> teams;
    for (uint32_t i = 0; i < plan.threads; ++i) {
        const uint32_t lanes =
            plan.concurrency / plan.threads + (i < plan.concurrency % plan.threads ? 1 : 0);
        teams.push_back(std::make_unique<Team>(course, lanes));
    }
    std::vector<std::thread> threads;
    for (uint32_t i = 1; i < plan.threads; ++i) {
        threads.emplace_back([&team = *teams[i]] { team.run(); });
    }
    teams[0]->run();
    for (std::thread& thread : threads) thread.join();
    if (course.no_session) {
        return Error{fmt::format("no session could be opened within {}: is there a leader?",
                                 to_string(plan.give_up))};
    }
    course.result.elapsed = {course.measured_to - course.measured_from};
    course.result.cpu = {cpu_of_process().nanos - course.cpu_from};
    return course.result;
}

}  // namespace wavetank
