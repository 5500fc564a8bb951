// Files, processes and signals.
#include "tools/program/local_cluster.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "reports/text.h"
#include "tools/program/deployed.h"

extern char** environ;

namespace wavetank {
namespace {

// How often the state of other processes is looked at.
constexpr std::chrono::milliseconds kLook(10);

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Deadline {
 public:
    explicit Deadline(Duration span)
        : at_(std::chrono::steady_clock::now() + std::chrono::nanoseconds(span.nanos)) {}
    bool passed() const { return std::chrono::steady_clock::now() >= at_; }

 private:
    std::chrono::steady_clock::time_point at_;
};

// The last lines of a text.
std::string end_of(const std::string& text) {
    constexpr std::size_t kBytes = 2000;
    return text.size() <= kBytes ? text : "..." + text.substr(text.size() - kBytes);
}

// Starts the program with its output at the end of a file, in a session of its own, so that a
// Ctrl-C that is meant for us does not reach it.
Result<pid_t> spawn(const std::vector<std::string>& words, const std::string& log) {
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(),
                                       O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    posix_spawnattr_t how;
    ::posix_spawnattr_init(&how);
    ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t process = -1;
    const int failure =
        ::posix_spawn(&process, words[0].c_str(), &files, &how, arguments.data(), environ);
    ::posix_spawnattr_destroy(&how);
    ::posix_spawn_file_actions_destroy(&files);
    if (failure != 0) {
        return Error{fmt::format("cannot start {}: {}", words[0], std::strerror(failure))};
    }
    return process;
}

}  // namespace

Result<LocalCluster> LocalCluster::create(const std::string& directory, Size size) {
    const std::string file = file_in(directory);
    if (std::filesystem::exists(file)) return Error{fmt::format("{} exists already", file)};
    std::error_code failure;
    std::filesystem::create_directories(directory, failure);
    if (failure) return Error{fmt::format("cannot create {}: {}", directory, failure.message())};
    Deployment deployment;
    std::random_device device;
    deployment.cluster = 1 + device();
    for (uint32_t i = 0; i < size.servers; ++i) {
        DeployedServer server;
        server.id = ServerId(i + 1);
        server.host = "127.0.0.1";
        server.port = static_cast<uint16_t>(size.first_port + i);
        if (size.http) server.http_port = static_cast<uint16_t>(server.port + kHttpPortsAfter);
        deployment.servers.push_back(server);
    }
    if (const auto problem = write_file(file, print_deployment(deployment))) return Error{*problem};
    return open(directory);
}

Result<LocalCluster> LocalCluster::open(const std::string& directory) {
    Result<Deployment> deployment = load_deployment(file_in(directory));
    if (!deployment.ok()) return deployment.error();
    return LocalCluster(std::filesystem::absolute(directory).string(),
                        std::move(deployment.value()));
}

std::vector<ServerId> LocalCluster::servers() const {
    std::vector<ServerId> ids;
    for (const DeployedServer& server : deployment_.servers) ids.push_back(server.id);
    return ids;
}

std::string LocalCluster::place(ServerId id, const char* ending) const {
    return fmt::format("{}/{}{}", directory_, id.value(), ending);
}

std::string LocalCluster::log_of(ServerId id) const {
    return place(id, ".log");
}

std::optional<pid_t> LocalCluster::process_of(ServerId id) const {
    const pid_t process = static_cast<pid_t>(std::atoi(content_of(place(id, ".pid")).c_str()));
    if (process <= 0) return std::nullopt;
    ::waitpid(process, nullptr, WNOHANG);  // if it is our child, its end must be taken note of
    // Its words, each with a zero after it.
    const std::string words = content_of(fmt::format("/proc/{}/cmdline", process));
    if (words.find(place(id, "") + '\0') == std::string::npos) return std::nullopt;
    return process;
}

std::optional<Error> LocalCluster::start(ServerId id) const {
    if (const auto process = process_of(id)) {
        return Error{fmt::format("server {} runs already, as process {}", id.value(), *process)};
    }
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    const Result<pid_t> process = spawn({self, "serve", "--id", std::to_string(id.value()),
                                         "--cluster", file_in(directory_), "--data", place(id, "")},
                                        log_of(id));
    if (!process.ok()) return process.error();
    const auto problem = write_file(place(id, ".pid"), std::to_string(process.value()) + "\n");
    if (problem) return Error{*problem};
    return std::nullopt;
}

bool LocalCluster::signal(ServerId id, int signal) const {
    const auto process = process_of(id);
    return process && ::kill(*process, signal) == 0;
}

bool LocalCluster::await_end(ServerId id, Duration patience) const {
    for (const Deadline deadline(patience); process_of(id);) {
        if (deadline.passed()) return false;
        std::this_thread::sleep_for(kLook);
    }
    return true;
}

Result<ServerStatus> LocalCluster::await_leader(Duration patience) const {
    for (const Deadline deadline(patience); !deadline.passed();) {
        for (const ServerId id : servers()) {
            const auto status = status_of(deployment_, id, milliseconds(200));
            if (status && status->role == Role::Leader) return *status;
        }
        std::this_thread::sleep_for(kLook);
    }
    std::string running;
    for (const ServerId id : servers()) {
        if (process_of(id)) continue;
        return Error{fmt::format("server {} does not run; the end of its log:\n{}", id.value(),
                                 end_of(content_of(log_of(id))))};
    }
    return Error{fmt::format("no server leads after {}", to_string(patience))};
}

}  // namespace wavetank
