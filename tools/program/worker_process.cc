// fork(2) without exec: the worker inherits the parsed scenarios. It leaves with _exit, so that
// nothing of the parent's (buffers, destructors, test frameworks) runs twice.
#include "tools/program/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/base/bytes.h"
#include "reports/record_format.h"
#include "reports/text.h"

namespace wavetank {
namespace {

constexpr std::size_t kHeadBytes = 2048;
constexpr std::size_t kTailBytes = 4096;
constexpr std::size_t kTaskBytes = 12;

struct Pipe {
    int read = -1;
    int write = -1;
};

bool open_pipe(Pipe& out) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    out = {.read = ends[0], .write = ends[1]};
    return true;
}

void close_pipe(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// False at the end of the pipe.
bool read_all(int descriptor, char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t got = ::read(descriptor, bytes, size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes += got;
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

// In the worker: nothing of the parent's signals and terminal. It dies with the parent.
void settle_in(pid_t parent, const Pipe& output) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(EXIT_FAILURE);  // the parent died before that took hold
    // Ctrl-C goes to the whole process group; what it means is the parent's business.
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGPIPE, SIG_DFL);
    ::dup2(output.write, STDOUT_FILENO);
    ::dup2(output.write, STDERR_FILENO);
}

struct WorkerPipes {
    Pipe task;
    Pipe result;
    Pipe output;
};

// The whole life of a worker. An exception must not unwind into the parent's frames, of which this
// process holds a copy: noexcept turns it into an abort with its message.
[[noreturn]] void live(const std::function<RunRecord(const RunTask&)>& run,
                       const WorkerPipes& pipes) noexcept {
    char bytes[kTaskBytes];
    while (read_all(pipes.task.read, bytes, sizeof(bytes))) {
        Decoder decoder(std::string_view(bytes, sizeof(bytes)));
        RunTask task;
        task.file = decoder.u32();
        task.seed = decoder.u64();
        const std::string record = encode_record(run(task));
        std::fflush(stdout);
        std::fflush(stderr);
        CHECK(record.size() <= kResultBytesMax);
        Encoder message;
        message.bytes(record);
        if (!write_all(pipes.result.write, message.view())) break;
    }
    ::_exit(EXIT_SUCCESS);
}

void close_all(WorkerPipes& pipes) {
    for (Pipe* each : {&pipes.task, &pipes.result, &pipes.output}) {
        close_pipe(each->read);
        close_pipe(each->write);
    }
}

void do_not_block(int descriptor) {
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

}  // namespace

void LastWords::append(std::string_view text) {
    const std::size_t into_head = std::min(text.size(), kHeadBytes - head_.size());
    head_.append(text.substr(0, into_head));
    tail_.append(text.substr(into_head));
    if (tail_.size() > 2 * kTailBytes) {
        tail_.erase(0, tail_.size() - kTailBytes);
        cut_ = true;
    }
}

void LastWords::clear() {
    head_.clear();
    tail_.clear();
    cut_ = false;
}

std::string LastWords::text() const {
    return printable(cut_ ? head_ + "\n...\n" + tail_ : head_ + tail_);
}

Result<WorkerProcess> start_worker(const std::function<RunRecord(const RunTask&)>& run,
                                   const std::vector<int>& foreign) {
    WorkerPipes pipes;
    if (!open_pipe(pipes.task) || !open_pipe(pipes.result) || !open_pipe(pipes.output)) {
        const int error = errno;
        close_all(pipes);
        return Error{fmt::format("cannot start a worker: pipe: {}", std::strerror(error))};
    }
    std::fflush(nullptr);  // else what is buffered now could be written by the worker as well
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) {
        const int error = errno;
        close_all(pipes);
        return Error{fmt::format("cannot start a worker: fork: {}", std::strerror(error))};
    }
    if (process == 0) {
        for (const int descriptor : foreign) ::close(descriptor);
        settle_in(parent, pipes.output);
        close_pipe(pipes.task.write);
        close_pipe(pipes.result.read);
        close_pipe(pipes.output.read);
        close_pipe(pipes.output.write);
        live(run, pipes);
    }
    WorkerProcess worker{.process = process,
                         .task_pipe = std::exchange(pipes.task.write, -1),
                         .result_pipe = std::exchange(pipes.result.read, -1),
                         .output_pipe = std::exchange(pipes.output.read, -1)};
    close_all(pipes);
    do_not_block(worker.result_pipe);
    do_not_block(worker.output_pipe);
    return worker;
}

bool send_task(const WorkerProcess& worker, const RunTask& task) {
    Encoder message;
    message.u32(task.file).u64(task.seed);
    CHECK(message.view().size() == kTaskBytes);
    return write_all(worker.task_pipe, message.view());
}

int end_worker(WorkerProcess& worker) {
    CHECK(worker.process > 0);
    // If it died by itself, this changes nothing: it waits for us with its own status.
    ::kill(worker.process, SIGKILL);
    int status = 0;
    while (::waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
    }
    worker.process = -1;
    close_pipe(worker.task_pipe);
    close_pipe(worker.result_pipe);
    close_pipe(worker.output_pipe);
    return status;
}

std::string describe_wait_status(int status) {
    if (WIFSIGNALED(status)) {
        return fmt::format("killed by signal {} ({})", WTERMSIG(status),
                           strsignal(WTERMSIG(status)));
    }
    return fmt::format("exited with status {}", WEXITSTATUS(status));
}

}  // namespace wavetank
