// Commands are answered in their order, so a queue of sending times is all a loop must remember.
#include "bench/compare/libraft_system.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <deque>
#include <thread>

#include "bench/compare/libraft_wire.h"
#include "bench/throughput/latencies.h"

namespace wavetank::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kStartPatience = std::chrono::seconds(20);

Duration between(Clock::time_point start, Clock::time_point end) {
    return nanoseconds(std::chrono::duration_cast<std::chrono::nanoseconds>(end - start).count());
}

// The last whole number in what has arrived: earlier ones say less. Requires whole numbers.
uint64_t last_number(const std::string& bytes) {
    uint64_t number = 0;
    for (std::size_t i = 0; i < kAnswerBytes; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[bytes.size() - kAnswerBytes + i]);
        number |= static_cast<uint64_t>(byte) << (8 * i);
    }
    return number;
}

// Waits for at least one whole number.
Result<uint64_t> receive_number(Socket& socket) {
    std::array<char, 4'096> buffer{};
    std::string arrived;
    while (arrived.empty() || arrived.size() % kAnswerBytes != 0) {
        const Result<std::size_t> received = socket.receive(buffer);
        if (!received.ok()) return received.error();
        if (received.value() == 0) return Error{"the server closed the connection"};
        arrived.append(buffer.data(), received.value());
    }
    return last_number(arrived);
}

std::string command_of(uint64_t payload_bytes) {
    std::string command;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        command.push_back(static_cast<char>(payload_bytes >> (8 * i)));
    }
    return command + std::string(payload_bytes, 'v');
}

}  // namespace

std::string LibraftSystem::description() const {
    return "libraft with its TCP and disk backend and default options, commands that arrive "
           "together are proposed together, a machine that counts";
}

std::optional<Error> LibraftSystem::start(uint32_t servers) {
    const Result<std::vector<uint16_t>> ports = free_ports(std::size_t{2} * servers);
    if (!ports.ok()) return ports.error();
    client_ports_.assign(ports.value().begin(), ports.value().begin() + servers);
    for (uint32_t i = 0; i < servers; ++i) {
        const Result<std::string> folder = cluster_.make_folder(i + 1);
        if (!folder.ok()) return folder.error();
        std::vector<std::string> words = {program_, std::to_string(i + 1), folder.value(),
                                          std::to_string(client_ports_[i])};
        for (uint32_t peer = 0; peer < servers; ++peer) {
            words.push_back(fmt::format("127.0.0.1:{}", ports.value()[servers + peer]));
        }
        if (auto error = cluster_.add(i + 1, words)) return error;
    }
    return find_leader();
}

std::optional<Error> LibraftSystem::find_leader() {
    const Clock::time_point deadline = Clock::now() + kStartPatience;
    while (Clock::now() < deadline) {
        for (const uint16_t port : client_ports_) {
            if (std::string end = cluster_.end(); !end.empty()) return Error{end};
            Result<Socket> socket = Socket::connect(port);
            if (!socket.ok()) continue;
            const Result<uint64_t> leads = receive_number(socket.value());
            if (!leads.ok() || leads.value() != 1) continue;
            leader_ = std::move(socket.value());
            answered_ = 0;
            return std::nullopt;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));  // foreign processes start
    }
    return Error{"libraft has no leader after 20 s"};
}

Result<LoadOutcome> LibraftSystem::drive(const Load& load, const std::function<void()>& begin) {
    if (load.warmup > 0) {
        const Result<LoadOutcome> warmup = loop(load, load.warmup);
        if (!warmup.ok()) return warmup;
    }
    begin();
    return loop(load, load.messages);
}

Result<LoadOutcome> LibraftSystem::loop(const Load& load, uint64_t messages) {
    const std::string command = command_of(load.payload_bytes);
    const Clock::time_point started = Clock::now();
    std::deque<Clock::time_point> under_way;
    std::string outbox;
    uint64_t begun = 0;
    Latencies latencies;
    Clock::time_point now = started;
    for (;;) {
        outbox.clear();
        const bool in_time = between(started, now) < load.time_limit;
        while (in_time && begun < messages && under_way.size() < load.concurrency) {
            outbox += command;
            under_way.push_back(now);
            ++begun;
        }
        if (under_way.empty()) break;
        const auto sent = leader_->send(outbox);
        const Result<uint64_t> answered = sent ? Result<uint64_t>(*sent) : receive_number(*leader_);
        if (!answered.ok()) {
            const std::string end = cluster_.end();
            return end.empty() ? answered.error() : Error{end};
        }
        now = Clock::now();
        for (; answered_ < answered.value() && !under_way.empty(); ++answered_) {
            latencies.add(between(under_way.front(), now));
            under_way.pop_front();
        }
    }
    LoadOutcome outcome{.messages = latencies.count(), .elapsed = between(started, now)};
    latencies.summarize(&outcome);
    return outcome;
}

void LibraftSystem::stop() {
    leader_.reset();
    cluster_.stop();
    client_ports_.clear();
}

}  // namespace wavetank::bench
