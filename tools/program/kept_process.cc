// Files, processes and signals.
#include "tools/program/kept_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include "reports/text.h"

namespace wavetank {
namespace {

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

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
    arguments.reserve(words.size() + 1);
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

// For a moment after its start a process has no words by which it could be known.
void await_words(pid_t process) {
    while (content_of(fmt::format("/proc/{}/cmdline", process)).empty() &&
           ::waitpid(process, nullptr, WNOHANG) == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace

std::optional<pid_t> KeptProcess::find() const {
    const pid_t process = static_cast<pid_t>(std::atoi(content_of(pid_file).c_str()));
    if (process <= 0) return std::nullopt;
    ::waitpid(process, nullptr, WNOHANG);  // if it is our child, its end must be taken note of
    // Its words, each with a zero after it.
    const std::string words = content_of(fmt::format("/proc/{}/cmdline", process));
    if (words.find(mark + '\0') == std::string::npos) return std::nullopt;
    return process;
}

std::optional<Error> KeptProcess::start(const std::vector<std::string>& words) const {
    const Result<pid_t> process = spawn(words, log);
    if (!process.ok()) return process.error();
    const auto problem = write_file(pid_file, std::to_string(process.value()) + "\n");
    if (problem) return Error{*problem};
    await_words(process.value());
    return std::nullopt;
}

bool KeptProcess::signal(int signal) const {
    const auto process = find();
    return process && ::kill(*process, signal) == 0;
}

bool KeptProcess::await_end(Duration patience) const {
    for (const Deadline deadline(patience); find();) {
        if (deadline.passed()) return false;
        std::this_thread::sleep_for(kLook);
    }
    return true;
}

std::string KeptProcess::last_words() const {
    constexpr std::size_t kBytes = 2000;
    const std::string text = content_of(log);
    return text.size() <= kBytes ? text : "..." + text.substr(text.size() - kBytes);
}

}  // namespace wavetank
