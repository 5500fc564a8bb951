// The stage of a story: several cores, each with a disk, a clock and a machine of its own, and the
// network between them. What happens is written down in words, and the judge watches.
//
// A server's host does here what a real one does (core/raft/raft.h): it drains after each step,
// hands the write to the disk, the messages to the network, and applies what is to be applied. With
// a *fast* disk each write is durable before anything else happens; with a *slow* one the story
// says when. The machine keeps the commands it was given, in order; its snapshot is their text.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/raft/raft.h"
#include "core/raft/test/story/disk.h"
#include "core/raft/test/story/judge.h"
#include "core/raft/test/story/network.h"
#include "core/raft/test/story/words.h"

namespace wavetank::story {

struct Server {
    Options options;
    Disk disk;
    std::optional<Raft> raft;  // empty: down
    Instant clock = Instant{} + seconds(100);
    Duration clock_error = ClockReading::kUnknown;
    Instant deadline = Instant::never();
    bool slow_disk = false;
    std::vector<std::string> machine;  // the commands applied
    uint64_t starts = 0;
    // A snapshot that the host has begun to write down, and not yet reported.
    std::optional<SnapshotTaken> unreported;

    ClockReading now() const { return {clock, clock_error}; }
};

class Stage {
 public:
    // --- Servers ---
    bool exists(ServerId id) const { return servers_.contains(id); }
    bool running(ServerId id) const { return exists(id) && servers_.at(id).raft.has_value(); }
    // Requires exists(id), as do all below.
    Server& server(ServerId id) { return servers_.at(id); }
    // Requires running(id).
    Raft& raft(ServerId id) { return *servers_.at(id).raft; }
    std::vector<ServerId> all() const;
    std::vector<ServerId> all_running() const;
    // Requires !exists(id).
    void add(ServerId id, const Options& options, const Configuration& configuration);
    // Requires that it is down.
    void start(ServerId id);
    // Requires that it runs and survivors <= the writes pending.
    void crash(ServerId id, std::size_t survivors);

    // --- What happens: `header` tells it. Require running(id). ---
    void step(ServerId id, const Input& input, const std::string& header);
    void wake(ServerId id);
    // Makes the oldest `count` writes durable. Requires 0 < count <= those pending.
    void sync(ServerId id, std::size_t count);
    void fail_write(ServerId id);
    // The machine is written down as it is; and the core hears of it.
    void begin_snapshot(ServerId id);
    // Requires one that was begun.
    void report_snapshot(ServerId id);
    // What is sent to a server that is down is lost.
    void deliver(uint64_t number);

    void advance(ServerId id, Duration span) { server(id).clock = server(id).clock + span; }
    uint64_t new_ticket() { return ++tickets_; }

    // --- What is told ---
    void say(std::string line) { lines_.push_back(std::move(line)); }
    std::vector<std::string> take_lines() { return std::exchange(lines_, {}); }
    const std::optional<std::string>& violation() const { return judge_.violation(); }

    Network network;
    Options options;  // of servers that are added from now on
    Style style;

 private:
    void drain(ServerId id);
    void carry_out(ServerId id);
    void load(ServerId id, const SnapshotMeta& meta);
    void apply(ServerId id);
    void send(ServerId id);
    void look(ServerId id);
    // One item of what came of a step.
    void came(const std::string& what) { say("  " + what); }

    std::map<ServerId, Server> servers_;
    Judge judge_;
    Output output_;
    std::vector<std::string> lines_;
    uint64_t tickets_ = 0;
};

}  // namespace wavetank::story
