// The loop: hand out, wait, collect what came, bury what died, until nobody is busy.
#include "tools/program/worker_pool.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/check.h"
#include "reports/record_format.h"
#include "reports/reproduction.h"
#include "reports/text.h"

namespace wavetank {
namespace {

using Clock = std::chrono::steady_clock;

Duration since(Clock::time_point start) {
    return nanoseconds(std::chrono::nanoseconds(Clock::now() - start).count());
}

// Set by the handler; looked at after each wait, which a signal ends and which is never long.
volatile std::sig_atomic_t caught_signal = 0;
void catch_signal(int number) {
    caught_signal = number;
}

// While this lives SIGINT and SIGTERM are caught, and SIGPIPE (a worker died while we wrote to it)
// is ignored. Everything is as before afterwards.
class SignalGuard {
 public:
    SignalGuard() {
        caught_signal = 0;
        struct sigaction action = {};
        sigemptyset(&action.sa_mask);
        action.sa_flags = SA_RESTART;  // poll(2) ends nevertheless
        action.sa_handler = catch_signal;
        ::sigaction(SIGINT, &action, &interrupt_before_);
        ::sigaction(SIGTERM, &action, &terminate_before_);
        action.sa_handler = SIG_IGN;
        ::sigaction(SIGPIPE, &action, &pipe_before_);
    }
    ~SignalGuard() {
        ::sigaction(SIGINT, &interrupt_before_, nullptr);
        ::sigaction(SIGTERM, &terminate_before_, nullptr);
        ::sigaction(SIGPIPE, &pipe_before_, nullptr);
    }
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;

 private:
    struct sigaction interrupt_before_ = {};
    struct sigaction terminate_before_ = {};
    struct sigaction pipe_before_ = {};
};

enum class PipeState : uint8_t { Open, Ended };

// Reads what is there, without waiting.
PipeState read_available(int descriptor, std::string& out) {
    char buffer[65536];
    while (true) {
        const ssize_t got = ::read(descriptor, buffer, sizeof(buffer));
        if (got > 0) {
            out.append(buffer, static_cast<std::size_t>(got));
        } else if (got == 0) {
            return PipeState::Ended;
        } else if (errno != EINTR) {
            return errno == EAGAIN ? PipeState::Open : PipeState::Ended;
        }
    }
}

struct Worker {
    WorkerProcess process;
    std::optional<RunTask> task;  // none: idle
    Clock::time_point started;    // of the task
    std::string received;         // part of a result
    LastWords words;
};

// The line of the last words that says most: that of an assertion, a sanitizer or an exception,
// else the last one.
std::string_view telling_line(std::string_view words) {
    std::string_view last;
    for (const std::string_view line : lines_of(words)) {
        for (const char* mark : {"CHECK failed", "ERROR: ", "runtime error: ", "what(): "}) {
            if (line.find(mark) != std::string_view::npos) return line;
        }
        if (!line.empty()) last = line;
    }
    return last;
}

RunRecord record_of_death(const RunTask& task, const char* oracle, const std::string& message,
                          const std::string& last_words) {
    RunRecord record;
    record.seed = task.seed;
    record.verdict = Verdict::Fail;
    Finding finding{.oracle = oracle, .verdict = Verdict::Fail, .message = message};
    if (!last_words.empty()) {
        finding.message +=
            fmt::format(": {}\nits last words:\n{}", telling_line(last_words), last_words);
    }
    record.findings.push_back(std::move(finding));
    return record;
}

// Why a worker is ended.
enum class Death : uint8_t { Died, Nonsense, Late };

class Pool {
 public:
    Pool(const PoolOptions& options, const PoolHooks& hooks) : options_(options), hooks_(hooks) {
        CHECK(options.workers >= 1);
    }
    ~Pool() {
        for (Worker& worker : workers_) end_worker(worker.process);
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    Result<int> run() {
        while (caught_signal == 0) {
            if (std::optional<Error> error = hand_out()) return *error;
            const bool busy = std::any_of(workers_.begin(), workers_.end(),
                                          [](const Worker& worker) { return worker.task; });
            if (!busy) return 0;
            wait();
            collect();
            maybe_tick();
        }
        return static_cast<int>(caught_signal);
    }

 private:
    std::optional<Error> hand_out();
    std::optional<Error> add_worker();
    void give(Worker& worker, const RunTask& task);
    void wait() const;
    void collect();
    bool take_result(Worker& worker);
    void hear(Worker& worker);
    void bury(Worker& worker, Death death);
    void finish(Worker& worker, RunRecord record);
    void maybe_tick();
    Duration until_next_deadline() const;

    const PoolOptions& options_;
    const PoolHooks& hooks_;
    SignalGuard signals_;
    std::vector<Worker> workers_;
    std::optional<RunTask> waiting_;  // asked for, but no worker could be started for it
    bool exhausted_ = false;
    Clock::time_point ticked_ = Clock::now();
};

// Every idle or missing worker gets a task, as long as there are any. An error if nobody is left
// who could do a task.
std::optional<Error> Pool::hand_out() {
    while (true) {
        const auto idle = std::find_if(workers_.begin(), workers_.end(),
                                       [](const Worker& worker) { return !worker.task; });
        if (idle == workers_.end() && workers_.size() >= options_.workers) return std::nullopt;
        if (!waiting_ && !exhausted_) waiting_ = hooks_.next();
        if (!waiting_) {
            exhausted_ = true;
            return std::nullopt;
        }
        if (idle == workers_.end()) {
            if (std::optional<Error> error = add_worker()) {
                // With fewer processes than wished for it only takes longer.
                return workers_.empty() ? error : std::nullopt;
            }
            continue;
        }
        give(*idle, *std::exchange(waiting_, std::nullopt));
    }
}

std::optional<Error> Pool::add_worker() {
    std::vector<int> foreign;
    for (const Worker& other : workers_) {
        foreign.insert(foreign.end(), {other.process.task_pipe, other.process.result_pipe,
                                       other.process.output_pipe});
    }
    Result<WorkerProcess> process = start_worker(hooks_.run, foreign);
    if (!process.ok()) return process.error();
    workers_.emplace_back().process = process.value();
    return std::nullopt;
}

void Pool::give(Worker& worker, const RunTask& task) {
    worker.task = task;
    worker.started = Clock::now();
    worker.words.clear();
    // A worker that died while idle is found by collect(), which reads the end of its pipes.
    if (!send_task(worker.process, task)) ::kill(worker.process.process, SIGKILL);
}

Duration Pool::until_next_deadline() const {
    Duration shortest = options_.tick;
    for (const Worker& worker : workers_) {
        if (worker.task) shortest = std::min(shortest, options_.timeout - since(worker.started));
    }
    return std::max(shortest, nanoseconds(0));
}

void Pool::wait() const {
    std::vector<pollfd> polled;
    for (const Worker& worker : workers_) {
        polled.push_back({.fd = worker.process.result_pipe, .events = POLLIN, .revents = 0});
        polled.push_back({.fd = worker.process.output_pipe, .events = POLLIN, .revents = 0});
    }
    // Rounded up: a deadline is never looked at too early, over and over.
    const int64_t millis = (until_next_deadline().nanos + 999'999) / 1'000'000;
    // Whether it was a result, a deadline or a signal: the loop looks at everything.
    ::poll(polled.data(), polled.size(), static_cast<int>(millis));
}

// Results, deaths and deadlines of all workers.
void Pool::collect() {
    for (std::size_t i = 0; i < workers_.size();) {
        Worker& worker = workers_[i];
        hear(worker);
        const PipeState results = read_available(worker.process.result_pipe, worker.received);
        std::optional<Death> death;
        if (results == PipeState::Ended) death = Death::Died;
        if (!take_result(worker)) death = Death::Nonsense;
        if (worker.task && since(worker.started) >= options_.timeout) death = Death::Late;
        if (!death) {
            ++i;
            continue;
        }
        bury(worker, *death);
        workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

// What the worker printed. A pipe that has ended is closed, for poll(2) would report it for ever.
void Pool::hear(Worker& worker) {
    std::string output;
    if (read_available(worker.process.output_pipe, output) == PipeState::Ended) {
        ::close(std::exchange(worker.process.output_pipe, -1));
    }
    worker.words.append(output);
}

// Takes a whole result out of what was received, if there is one. False if the worker speaks
// nonsense (the system under test wrote into its pipe, say): then it must go.
bool Pool::take_result(Worker& worker) {
    if (worker.received.size() < kResultHeaderBytes) return true;
    const uint32_t size = Decoder(worker.received).u32();
    if (size > kResultBytesMax || !worker.task) return false;
    if (worker.received.size() < kResultHeaderBytes + size) return true;
    const std::string_view bytes =
        std::string_view(worker.received).substr(kResultHeaderBytes, size);
    Result<RunRecord> record = decode_record(bytes);
    if (!record.ok()) return false;
    worker.received.erase(0, kResultHeaderBytes + size);
    hear(worker);  // it may have printed after our last look, but before it sent the result
    finish(worker, std::move(record.value()));
    return true;
}

// Ends a worker that is dead, late or not to be trusted; its run, if it has one, has failed.
void Pool::bury(Worker& worker, Death death) {
    ::kill(worker.process.process, SIGKILL);
    // Its last words are complete when its end of the pipe is closed. Only a process that the
    // system under test started could keep it open and be silent; nobody waits for that.
    pollfd last{.fd = worker.process.output_pipe, .events = POLLIN, .revents = 0};
    while (worker.process.output_pipe >= 0 && ::poll(&last, 1, 100) > 0) hear(worker);
    const int status = end_worker(worker.process);
    if (!worker.task) return;
    std::string message;
    switch (death) {
        case Death::Died:
            message = fmt::format("the worker process ended before its result: {}",
                                  describe_wait_status(status));
            break;
        case Death::Nonsense:
            message = "the worker process sent a result that cannot be read, and was killed";
            break;
        case Death::Late:
            message = fmt::format("no result after {} of real time; the worker process was killed",
                                  to_string(options_.timeout));
            break;
    }
    const char* oracle = death == Death::Late ? kHangOracle : kCrashOracle;
    finish(worker, record_of_death(*worker.task, oracle, message, worker.words.text()));
}

void Pool::finish(Worker& worker, RunRecord record) {
    TaskResult result{.task = *worker.task,
                      .record = std::move(record),
                      .wall = since(worker.started),
                      .output = worker.words.text()};
    worker.task.reset();
    hooks_.done(std::move(result));
}

void Pool::maybe_tick() {
    if (since(ticked_) < options_.tick) return;
    ticked_ = Clock::now();
    hooks_.tick();
}

}  // namespace

Result<int> run_in_workers(const PoolOptions& options, const PoolHooks& hooks) {
    return Pool(options, hooks).run();
}

}  // namespace wavetank
