// unshare, setns, and the words of `ip`.
#include "tools/program/server_networks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace wavetank {
namespace {

Error refused(const char* call) {
    return Error{fmt::format("{}{}: {}; it needs root", kNoNamespaces, call, std::strerror(errno))};
}

// A file without a name that holds the text.
int file_with(const std::string& text) {
    std::FILE* file = std::tmpfile();
    if (file == nullptr) return -1;
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
    const int number = ::dup(::fileno(file));
    std::fclose(file);
    ::lseek(number, 0, SEEK_SET);
    return number;
}

// What it complains about goes to our standard error.
std::optional<Error> ip(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    const int input = file_with(text);
    if (input < 0) return Error{"cannot write a temporary file for `ip`"};
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    std::string words[] = {"ip", "-batch", "-"};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    pid_t process = -1;
    const int failure = ::posix_spawnp(&process, "ip", &files, nullptr, arguments, environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::close(input);
    if (failure != 0) {
        return Error{fmt::format("{}cannot start `ip`: {}; install iproute2", kNoNamespaces,
                                 std::strerror(failure))};
    }
    int status = 0;
    ::waitpid(process, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
    return Error{fmt::format("{}`ip` refuses one of these:\n{}", kNoNamespaces, text)};
}

}  // namespace

Result<std::unique_ptr<ServerNetworks>> ServerNetworks::make(uint32_t servers) {
    std::unique_ptr<ServerNetworks> networks(new ServerNetworks(servers));
    if (auto problem = networks->build()) return *std::move(problem);
    return networks;
}

ServerNetworks::~ServerNetworks() {
    for (const int name : names_) ::close(name);
    if (home_ >= 0) ::close(home_);
}

std::optional<Error> ServerNetworks::enter_new(int* name) {
    if (::unshare(CLONE_NEWNET) != 0) return refused("unshare");
    *name = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (*name < 0) return refused("open /proc/self/ns/net");
    return std::nullopt;
}

std::string ServerNetworks::path_of(uint32_t server) const {
    return fmt::format("/proc/{}/fd/{}", ::getpid(), names_[server - 1]);
}

uint32_t ServerNetworks::number_of(Pair pair) const {
    return (pair.first - 1) * servers_ + pair.second - 1;
}

std::optional<Error> ServerNetworks::build() {
    if (auto problem = enter_new(&home_)) return problem;
    for (uint32_t server = 1; server <= servers_; ++server) {
        if (auto problem = enter_new(&names_.emplace_back(-1))) return problem;
    }
    if (::setns(home_, CLONE_NEWNET) != 0) return refused("setns");
    std::vector<std::string> lines = {"link set lo up", "link add clients type bridge",
                                      "addr add 10.77.0.254/24 dev clients", "link set clients up"};
    for (uint32_t server = 1; server <= servers_; ++server) {
        lines.push_back(fmt::format("link add up{0} type veth peer name clients netns {1}", server,
                                    path_of(server)));
        lines.push_back(fmt::format("link set up{} master clients up", server));
    }
    if (auto problem = ip(lines)) return problem;
    // A link is made by its lower end, and so is there when the higher one sets its address.
    for (uint32_t server = 1; server <= servers_; ++server) {
        lines = {"link set lo up", fmt::format("addr add 10.77.0.{}/24 dev clients", server),
                 "link set clients up"};
        for (uint32_t other = 1; other <= servers_; ++other) {
            if (other == server) continue;
            const bool low = server < other;
            if (low) {
                lines.push_back(fmt::format("link add to{} type veth peer name to{} netns {}",
                                            other, server, path_of(other)));
            }
            const Pair pair = low ? Pair{server, other} : Pair{other, server};
            lines.push_back(fmt::format("addr add 10.78.{}.{}/30 dev to{}", number_of(pair),
                                        low ? 1 : 2, other));
            lines.push_back(fmt::format("link set to{} up", other));
        }
        if (auto problem = ip_inside(server, lines)) return problem;
    }
    return std::nullopt;
}

Deployment ServerNetworks::for_clients(Deployment deployment) const {
    for (uint32_t i = 0; i < servers_; ++i) {
        deployment.servers[i].host = fmt::format("10.77.0.{}", i + 1);
    }
    return deployment;
}

Deployment ServerNetworks::seen_by(uint32_t from, Deployment deployment) const {
    for (uint32_t to = 1; to <= servers_; ++to) {
        const bool low = to < from;
        deployment.servers[to - 1].host =
            to == from ? "0.0.0.0"
                       : fmt::format("10.78.{}.{}",
                                     number_of(low ? Pair{to, from} : Pair{from, to}), low ? 1 : 2);
    }
    return deployment;
}

std::optional<Error> ServerNetworks::inside(ServerId server,
                                            const std::function<std::optional<Error>()>& what) {
    if (::setns(names_[server.value() - 1], CLONE_NEWNET) != 0) return refused("setns");
    std::optional<Error> problem = what();
    if (::setns(home_, CLONE_NEWNET) != 0) return refused("setns");
    return problem;
}

std::optional<Error> ServerNetworks::ip_inside(uint32_t server,
                                               const std::vector<std::string>& lines) {
    return inside(ServerId(server), [&] { return ip(lines); });
}

std::optional<Error> ServerNetworks::cut_exactly(const Cuts& cuts) {
    std::set<Pair> down;
    for (const auto& [link, cut] : cuts) {
        down.insert(std::minmax({link.from.value(), link.to.value()}));
    }
    for (uint32_t low = 1; low < servers_; ++low) {
        std::vector<std::string> lines;
        for (uint32_t high = low + 1; high <= servers_; ++high) {
            const bool wanted = down.contains({low, high});
            if (wanted == down_.contains({low, high})) continue;
            lines.push_back(fmt::format("link set to{} {}", high, wanted ? "down" : "up"));
        }
        if (lines.empty()) continue;
        if (auto problem = ip_inside(low, lines)) return problem;
    }
    down_ = std::move(down);
    return std::nullopt;
}

}  // namespace wavetank
