// fork and exec; the end of a process is waited for through its pidfd.
#include "bench/throughput/child_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "core/base/check.h"

// glibc 2.36 declares its function without saying that it is C.
extern "C" {
#include <sys/pidfd.h>
}

namespace wavetank::bench {
namespace {

// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(const std::vector<char*>& words, int log, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);  // the parent died before the kernel was told
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execvp(words[0], words.data());
    dprintf(STDERR_FILENO, "cannot start '%s': %s\n", words[0], strerror(errno));
    _exit(127);
}

std::string last_line(const std::string& path) {
    std::ifstream file(path);
    std::string last;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty()) last = line;
    }
    return last.substr(0, 300);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& words,
                                         const std::string& log_file) {
    CHECK(!words.empty());
    const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (log < 0) return Error{fmt::format("cannot write '{}': {}", log_file, strerror(errno))};
    std::vector<char*> pointers;
    for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t process = fork();
    if (process == 0) become(pointers, log, parent);
    close(log);
    if (process < 0)
        return Error{fmt::format("cannot fork for '{}': {}", words[0], strerror(errno))};
    const std::size_t slash = words[0].find_last_of('/');
    return ChildProcess(process, words[0].substr(slash == std::string::npos ? 0 : slash + 1),
                        log_file);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      name_(std::move(other.name_)),
      log_file_(std::move(other.log_file_)),
      ended_(std::move(other.ended_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    if (this == &other) return *this;
    kill_and_wait();
    process_ = std::exchange(other.process_, -1);
    name_ = std::move(other.name_);
    log_file_ = std::move(other.log_file_);
    ended_ = std::move(other.ended_);
    return *this;
}

ChildProcess::~ChildProcess() {
    kill_and_wait();
}

void ChildProcess::kill_and_wait() {
    if (process_ < 0) return;
    kill(process_, SIGKILL);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
}

std::string ChildProcess::end() {
    int status = 0;
    if (process_ < 0 || waitpid(process_, &status, WNOHANG) != process_) return ended_;
    process_ = -1;
    ended_ = WIFSIGNALED(status)
                 ? fmt::format("{} ended with signal {}", name_, WTERMSIG(status))
                 : fmt::format("{} ended with exit code {}", name_, WEXITSTATUS(status));
    if (const std::string line = last_line(log_file_); !line.empty()) ended_ += ": " + line;
    return ended_;
}

Duration ChildProcess::cpu() const {
    clockid_t clock{};
    timespec now{};
    if (process_ < 0 || clock_getcpuclockid(process_, &clock) != 0) return {};
    if (clock_gettime(clock, &now) != 0) return {};
    return seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

uint64_t ChildProcess::memory_peak_bytes() const {
    std::ifstream file(fmt::format("/proc/{}/status", process_));
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
    }
    return 0;
}

void ChildProcess::stop(Duration patience) {
    if (process_ < 0) return;
    const int watch = pidfd_open(process_, 0);
    kill(process_, SIGTERM);
    if (watch >= 0) {
        pollfd waiting{.fd = watch, .events = POLLIN, .revents = 0};
        poll(&waiting, 1, static_cast<int>(patience.nanos / 1'000'000));
        close(watch);
    }
    kill_and_wait();
}

Result<std::vector<uint16_t>> free_ports(std::size_t count) {
    std::vector<uint16_t> ports;
    std::vector<int> sockets;  // all held until the end, so that the ports differ
    std::optional<Error> error;
    while (ports.size() < count && !error) {
        sockets.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        if (sockets.back() < 0 || bind(sockets.back(), generic, size) != 0 ||
            getsockname(sockets.back(), generic, &size) != 0) {
            error = Error{fmt::format("cannot find a free port of 127.0.0.1: {}", strerror(errno))};
        }
        ports.push_back(ntohs(address.sin_port));
    }
    for (const int each : sockets) {
        if (each >= 0) close(each);
    }
    if (error) return *error;
    return ports;
}

}  // namespace wavetank::bench
