// Tank: a few production cores in rough weather, for the oracles' tests: messages lost, repeated
// and reordered, slow disks, crashes that tear writes, isolated servers. It calls an Observer as
// the simulator does. Small and without ambition: what it is for is that the oracles accept
// everything a correct core does.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/base/hash.h"
#include "sim/check/observation.h"

namespace wavetank {

class Tank {
 public:
    struct Weather {
        uint64_t loss_percent = 5;
        uint64_t repeat_percent = 5;
        uint64_t crash_permille = 2;    // of all events
        uint64_t fail_permille = 0;     // of all events: a write fails for good
        uint64_t isolate_permille = 3;  // of all events
        uint64_t propose_percent = 10;
        uint64_t sync_percent = 33;  // of the events at a server that has writes on their way
        bool reorder = true;
    };

    Tank(const Configuration& configuration, uint64_t seed, const Weather& weather,
         Observer& observer)
        : configuration_(configuration), seed_(seed), weather_(weather), observer_(observer) {
        servers_.resize(configuration.all().size());
        for (std::size_t i = 0; i < servers_.size(); ++i) {
            servers_[i].id = configuration.all()[i];
            servers_[i].disk.configuration = configuration;
            start(servers_[i]);
        }
    }

    void run(uint64_t events) {
        for (uint64_t i = 0; i < events; ++i) one_event();
    }

    LogIndex highest_commit() const {
        LogIndex highest;
        for (const Server& s : servers_) {
            if (s.raft) highest = std::max(highest, s.raft->commit_index());
        }
        return highest;
    }
    Term highest_term() const {
        Term highest;
        for (const Server& s : servers_)
            highest = std::max(highest, s.disk.hard_state.current_term);
        return highest;
    }
    uint64_t deliveries() const { return deliveries_; }
    template <class Each>
    void each_log(Each each) const {
        for (const Server& s : servers_) {
            if (s.raft) each(s.id, s.raft->log());
        }
    }

 private:
    struct Server {
        ServerId id;
        std::optional<Raft> raft;
        Recovered disk;
        std::deque<Write> unsynced;
        Output output;
        uint64_t machine = 0;
        bool isolated = false;
        bool disk_failed = false;  // until it starts again
    };
    struct InFlight {
        ServerId from;
        ServerId to;
        Message message;
    };

    uint64_t draw(uint64_t bound) { return below(mix(seed_, ++draws_), bound); }
    bool chance(uint64_t of, uint64_t in) { return draw(in) < of; }
    Server& server(ServerId id) { return servers_[*configuration_.slot_of(id)]; }

    void one_event() {
        observer_.on_event(++events_, now_);
        now_ = now_ + microseconds(static_cast<int64_t>(draw(1000)));
        Server& any = servers_[draw(servers_.size())];
        if (chance(weather_.crash_permille, 1000)) return any.raft ? crash(any) : start(any);
        if (!any.raft && chance(1, 20)) return start(any);
        if (chance(weather_.isolate_permille, 1000)) any.isolated = !any.isolated && chance(1, 2);
        if (any.raft && now_ >= any.output.deadline) return step(any, Wake{});
        if (any.raft && !any.unsynced.empty() && !any.disk_failed) {
            if (chance(weather_.fail_permille, 1000)) return fail(any);
            if (chance(weather_.sync_percent, 100)) return sync(any);
        }
        if (any.raft && chance(weather_.propose_percent, 100)) {
            const Payload command = Payload::copy_of("command " + std::to_string(events_));
            return step(any, Propose{events_, std::span(&command, 1)});
        }
        if (!flying_.empty()) deliver();
    }

    void deliver() {
        const std::size_t at =
            weather_.reorder ? draw(std::min<std::size_t>(flying_.size(), 16)) : 0;
        const InFlight message = flying_[at];
        if (!chance(weather_.repeat_percent, 100)) {
            flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(at));
        }
        Server& to = server(message.to);
        if (!to.raft || to.isolated || server(message.from).isolated) return;
        if (chance(weather_.loss_percent, 100)) return;
        ++deliveries_;
        const bool answer = std::holds_alternative<AppendEntriesReply>(message.message);
        step(to, Recv{message.from, message.message}, answer ? message.from : ServerId());
    }

    void start(Server& s) {
        observer_.on_start(s.id, s.disk);
        Options options;
        options.id = s.id;
        options.entries_per_message_max = 3;
        options.writes_in_flight_max = 3;
        s.raft.emplace(Raft::start(options, s.disk, seed_, now_));
        s.machine = 0;
        s.disk_failed = false;
        s.output.clear();
        s.raft->drain(s.output);
    }

    static void carry_out(Recovered& disk, const Write& write, uint64_t entries_max) {
        if (write.truncate_from && write.truncate_from->value() <= disk.entries.size()) {
            disk.entries.resize(write.truncate_from->value() - 1);
        }
        for (const EntryRange& range : write.append) {
            for (uint32_t i = 0; i < range.size() && entries_max > 0; ++i, --entries_max) {
                disk.entries.push_back(range[i]);
            }
        }
    }

    void crash(Server& s) {
        observer_.on_crash(s.id);
        s.raft.reset();
        for (uint64_t whole = draw(s.unsynced.size() + 1); whole > 0; --whole) {
            const Write& write = s.unsynced.front();
            if (write.hard_state) s.disk.hard_state = *write.hard_state;
            carry_out(s.disk, write, UINT64_MAX);
            s.unsynced.pop_front();
        }
        if (!s.unsynced.empty() && chance(1, 2)) {
            const Write& write = s.unsynced.front();
            if (write.hard_state) s.disk.hard_state = *write.hard_state;
            if (chance(1, 2)) carry_out(s.disk, write, draw(3));
        }
        s.unsynced.clear();
    }

    void sync(Server& s) {
        WriteId upto;
        for (uint64_t count = 1 + draw(s.unsynced.size()); count > 0; --count) {
            const Write& write = s.unsynced.front();
            if (write.hard_state) s.disk.hard_state = *write.hard_state;
            carry_out(s.disk, write, UINT64_MAX);
            upto = write.id;
            s.unsynced.pop_front();
        }
        observer_.on_durable(s.id, upto);
        step(s, Written{upto});
    }

    void fail(Server& s) {
        s.disk_failed = true;
        step(s, WriteFailed{s.unsynced.front().id});
    }

    void step(Server& s, const Input& input, ServerId answered = ServerId()) {
        s.raft->step(now_, input);
        s.raft->drain(s.output);
        if (answered && s.raft->role() == Role::Leader) {
            observer_.on_match(s.id, answered, s.raft->progress(answered).match_index,
                               s.raft->log());
        }
        if (s.output.write.id) {
            observer_.on_write(s.id, s.output.write);
            s.unsynced.push_back(s.output.write);
        }
        observer_.on_step(Observation{s.id, s.raft->current_term(), s.raft->voted_for(),
                                      s.raft->role(), s.raft->commit_index(),
                                      s.raft->last_applied(), &s.raft->log(), s.output.events});
        for (const Send& send : s.output.sends) {
            observer_.on_send(s.id, send);
            flying_.push_back(InFlight{s.id, send.to, send.message});
        }
        if (flying_.size() > 400) {
            flying_.erase(flying_.begin(), flying_.begin() + 100);
        }
        for (LogIndex i = s.output.apply_from; i <= s.output.apply_upto; i = i.next()) {
            const Entry& entry = s.raft->log().entry_at(i);
            s.machine = mix(s.machine, entry.payload.digest());
            observer_.on_apply(s.id, i, entry, s.machine);
        }
    }

    Configuration configuration_;
    uint64_t seed_;
    Weather weather_;
    Observer& observer_;
    std::vector<Server> servers_;
    std::deque<InFlight> flying_;
    Instant now_;
    uint64_t draws_ = 0;
    uint64_t events_ = 0;
    uint64_t deliveries_ = 0;
};

}  // namespace wavetank
