// A socket of the file system, as the system calls have it.
#include "tools/relay/control.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wavetank {
namespace {

class Socket {
 public:
    Socket() : number_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() {
        if (number_ >= 0) ::close(number_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int number() const { return number_; }

 private:
    int number_;
};

bool connect(const Socket& socket, const std::string& path) {
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    std::memcpy(place.sun_path, path.data(), path.size());
    return ::connect(socket.number(), reinterpret_cast<sockaddr*>(&place), sizeof place) == 0;
}

bool say(const Socket& socket, const std::string& words) {
    for (std::size_t sent = 0; sent < words.size();) {
        const ssize_t count =
            ::send(socket.number(), words.data() + sent, words.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return false;
        sent += static_cast<std::size_t>(count);
    }
    return ::shutdown(socket.number(), SHUT_WR) == 0;
}

bool hear(const Socket& socket, std::string* words) {
    char buffer[4096];
    for (;;) {
        const ssize_t count = ::recv(socket.number(), buffer, sizeof buffer, 0);
        if (count <= 0) return count == 0;
        words->append(buffer, static_cast<std::size_t>(count));
    }
}

}  // namespace

Error control_path_too_long(const std::string& path) {
    return Error{
        fmt::format("{} is too long for the path of a socket, which has at most {} bytes; "
                    "choose a shorter --dir",
                    path, kControlPathMax)};
}

Result<Cuts> tell_relay(const std::string& path, const std::string& order, const Cuts& cuts) {
    if (path.size() > kControlPathMax) return control_path_too_long(path);
    const Socket socket;
    std::string answer;
    if (!connect(socket, path) || !say(socket, order + "\n" + to_string(cuts)) ||
        !hear(socket, &answer)) {
        return Error{
            fmt::format("the relay does not answer at {}: {}; `wavetank cluster start` "
                        "starts it",
                        path, std::strerror(errno))};
    }
    if (answer.compare(0, kDone.size(), kDone) == 0) return parse_cuts(answer.substr(kDone.size()));
    return Error{fmt::format("the relay refuses '{}': {}", order, answer)};
}

}  // namespace wavetank
