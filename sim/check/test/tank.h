// Tank: a few production cores in rough weather, for the oracles' tests: messages lost, repeated
// and reordered, slow disks, crashes that tear writes, isolated servers, members that come and go,
// some of them with an empty disk, transfers, snapshots, reads and leases. It calls an Observer as
// the simulator does. Small and without ambition: what it is for is that the oracles accept
// everything a correct core does.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/hash.h"
#include "core/storage/memory_storage.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

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
        uint64_t read_percent = 2;
        uint64_t transfer_permille = 0;  // of all events
        uint64_t change_permille = 0;    // of all events: the members change
        uint64_t wipe_percent = 50;      // of the starts of servers that are no members
        uint64_t snapshot_permille = 0;  // of all events: a server takes one, wanted or not
        uint64_t witness_percent = 0;    // of the members that come
        uint64_t sync_percent = 33;      // of the events at a server that has writes on their way
        bool reorder = true;
        Duration clock_error = ClockReading::kUnknown;
    };

    Tank(Cluster cluster, const Options& options, uint64_t seed, const Weather& weather,
         Observer& observer)
        : cluster_(std::move(cluster)),
          options_(options),
          seed_(seed),
          weather_(weather),
          observer_(observer) {
        for (const ServerId id : cluster_.servers) {
            Recovered initial;
            if (cluster_.initial.contains(id)) initial.configuration = cluster_.initial;
            const Duration off{weather.clock_error.nanos < 0
                                   ? 0
                                   : static_cast<int64_t>(draw(
                                         static_cast<uint64_t>(weather.clock_error.nanos) + 1))};
            servers_.push_back(std::make_unique<Server>(id, initial, off));
            start(*servers_.back());
        }
    }

    void run(uint64_t events) {
        for (uint64_t i = 0; i < events; ++i) one_event();
    }

    LogIndex highest_commit() const {
        LogIndex highest;
        for (const auto& s : servers_) {
            if (s->raft) highest = std::max(highest, s->raft->commit_index());
        }
        return highest;
    }
    struct Counts {
        uint64_t deliveries = 0;
        uint64_t restores = 0;
        uint64_t changes_done = 0;
        uint64_t transfers_done = 0;
        uint64_t reads = 0;
        uint64_t lease_reads = 0;
        uint64_t wipes = 0;
        uint64_t committed = 0;  // proposals
        uint64_t fetched = 0;
        Counts& operator+=(const Counts& other) {
            deliveries += other.deliveries;
            restores += other.restores;
            changes_done += other.changes_done;
            transfers_done += other.transfers_done;
            reads += other.reads;
            lease_reads += other.lease_reads;
            wipes += other.wipes;
            committed += other.committed;
            fetched += other.fetched;
            return *this;
        }
    };
    const Counts& counts() const { return counts_; }
    template <class Each>
    void each_log(Each each) const {
        for (const auto& s : servers_) {
            if (s->raft) each(s->id, s->raft->log());
        }
    }

 private:
    struct Server {
        Server(ServerId name, const Recovered& initial, Duration off)
            : id(name), storage(initial), clock_off(off) {}
        const ServerId id;
        std::optional<Raft> raft;
        MemoryStorage storage;
        Output output;
        Duration clock_off;
        uint64_t machine = 0;
        LogIndex applied;
        bool has_state = true;
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
    Server& server(ServerId id) {
        return **std::find_if(servers_.begin(), servers_.end(),
                              [&](const auto& s) { return s->id == id; });
    }
    ClockReading reading(const Server& s) const {
        return {now_ + s.clock_off, weather_.clock_error};
    }

    void one_event() {
        now_ = now_ + microseconds(static_cast<int64_t>(draw(1000)));
        observer_.on_event(++events_, now_);
        Server& any = *servers_[draw(servers_.size())];
        if (chance(weather_.crash_permille, 1000)) return any.raft ? crash(any) : start(any);
        if (!any.raft && chance(1, 20)) return start(any);
        if (chance(weather_.isolate_permille, 1000)) any.isolated = !any.isolated && chance(1, 2);
        if (any.raft && now_ + any.clock_off >= any.output.deadline) return step(any, Wake{});
        if (any.raft && any.storage.pending() > 0 && !any.disk_failed) {
            if (chance(weather_.fail_permille, 1000)) return fail(any);
            if (chance(weather_.sync_percent, 100)) return sync(any);
        }
        if (any.raft && ask(any)) return;
        if (!flying_.empty()) deliver();
    }

    // Somebody wants something of a server. False if nobody does.
    bool ask(Server& s) {
        if (chance(weather_.propose_percent, 100)) {
            std::vector<Payload> commands;
            for (uint64_t count = 1 + draw(3); count > 0; --count) {
                commands.push_back(Payload::copy_of("command " + std::to_string(events_) +
                                                    std::string(draw(40), '.')));
            }
            step(s, Propose{events_, commands});
        } else if (chance(weather_.read_percent, 100)) {
            step(s, Read{events_});
        } else if (chance(weather_.transfer_permille, 1000)) {
            step(s, Transfer{events_,
                             chance(1, 2) ? cluster_.servers[draw(servers_.size())] : ServerId()});
        } else if (chance(weather_.change_permille, 1000)) {
            change(s);
        } else if (chance(weather_.snapshot_permille, 1000)) {
            take_snapshot(s);
        } else {
            return false;
        }
        return true;
    }

    // Any members, of whatever kind they are already.
    void change(Server& s) {
        if (s.raft->role() != Role::Leader) return;
        const Configuration& now = s.raft->configuration();
        Configuration::Members members;
        for (const ServerId id : cluster_.servers) {
            if (chance(1, 3)) continue;
            const bool comes = !now.contains(id);
            const bool witness = comes ? chance(weather_.witness_percent, 100) : now.is_witness(id);
            if (!witness && chance(1, 5)) {
                members.learners.push_back(id);
                continue;
            }
            members.voters.push_back(id);
            if (witness) members.witnesses.push_back(id);
        }
        step(s, ChangeMembers{events_, members});
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
        ++counts_.deliveries;
        step(to, Recv{message.from, message.message});
    }

    void start(Server& s) {
        if (is_outside(s) && chance(weather_.wipe_percent, 100)) {
            ++counts_.wipes;
            s.storage = MemoryStorage(Recovered{});
            observer_.on_wiped(s.id);
        }
        Options options = options_;
        options.id = s.id;
        const Recovered recovered = s.storage.recover().value();
        observer_.on_start(options, recovered);
        s.raft.emplace(Raft::start(options, recovered, mix(seed_, ++starts_), reading(s)));
        s.machine = 0;
        s.applied = LogIndex();
        s.has_state = true;
        s.disk_failed = false;
        step(s, Wake{});
    }

    // True if the newest committed configuration is without it, and so are all that may follow it.
    // Others may still believe in an older one: a server with an empty disk has no vote for them.
    bool is_outside(const Server& s) const {
        LogIndex committed;
        const Configuration* members = nullptr;
        for (const auto& other : servers_) {
            if (!other->raft) continue;
            const LogIndex at = other->raft->configuration_index();
            if (at == LogIndex() || at > other->raft->commit_index() || at < committed) continue;
            committed = at;
            members = &other->raft->configuration();
        }
        if (members == nullptr || members->contains(s.id)) return false;
        for (const auto& other : servers_) {
            const auto [on_disk, stored] = other->storage.configuration();
            if (on_disk > committed && stored.contains(s.id)) return false;
            if (!other->raft || other->raft->configuration_index() <= committed) continue;
            if (other->raft->configuration().contains(s.id)) return false;
        }
        return true;
    }

    void crash(Server& s) {
        observer_.on_crash(s.id);
        s.raft.reset();
        MemoryStorage::Survivors survivors;
        survivors.whole = draw(s.storage.pending() + 1);
        if (survivors.whole < s.storage.pending()) {
            survivors.parts = draw(s.storage.parts(survivors.whole) + 1);
        }
        s.storage.crash(survivors);
    }

    void sync(Server& s) {
        WriteId upto;
        for (uint64_t count = 1 + draw(s.storage.pending()); count > 0; --count) {
            upto = s.storage.sync_one();
        }
        observer_.on_durable(s.id, upto);
        oldest_write_of(s) = upto.next();
        step(s, Written{upto});
    }
    // Ids are given out without gaps, so the one after the newest durable one is the oldest.
    WriteId& oldest_write_of(Server& s) {
        oldest_write_.resize(servers_.size());
        const auto at = std::find_if(servers_.begin(), servers_.end(),
                                     [&](const auto& other) { return other->id == s.id; });
        return oldest_write_[static_cast<std::size_t>(at - servers_.begin())];
    }
    void fail(Server& s) {
        s.disk_failed = true;
        step(s, WriteFailed{std::max(oldest_write_of(s), WriteId(1))});
    }

    // What the host writes down of its machine: the machine, and something to make it longer.
    void take_snapshot(Server& s) {
        if (s.applied == LogIndex()) return;
        if (s.raft->configuration().is_witness(s.id)) {
            step(s, SnapshotTaken{s.applied, Payload()});
        } else if (s.has_state) {
            const std::string data = std::to_string(s.machine) + std::string(50, '.');
            step(s, SnapshotTaken{s.applied, Payload::copy_of(data)});
        }
    }

    void step(Server& s, const Input& input) {
        s.raft->step(reading(s), input);
        carry_out(s, input);
        while (s.output.more_to_apply) carry_out(s, Wake{});
        if (s.output.snapshot_wanted) take_snapshot(s);
    }

    void carry_out(Server& s, const Input& input) {
        const Raft& raft = *s.raft;
        s.raft->drain(s.output);
        observe(s, input);
        if (s.output.write.id) s.storage.submit(s.output.write);
        for (Send& send : s.output.sends) {
            if (!fetch(s, send)) continue;
            observer_.on_send(s.id, send);
            flying_.push_back(InFlight{s.id, send.to, send.message});
        }
        if (flying_.size() > 400) flying_.erase(flying_.begin(), flying_.begin() + 100);
        if (s.output.restore) restore(s, *s.output.restore);
        for (LogIndex i = s.output.apply_from; i <= s.output.apply_upto; i = i.next()) {
            const Entry& entry = raft.log().entry_at(i);
            s.applied = i;
            if (raft.configuration().is_witness(s.id) || entry.payload.is_stub()) {
                s.has_state = false;
            }
            if (!s.has_state) continue;
            s.machine = mix(s.machine, entry.payload.digest());
            observer_.on_apply(s.id, {i, entry, false, s.machine});
        }
        count(s.output);
    }

    void observe(Server& s, const Input& input) {
        const Raft& raft = *s.raft;
        const auto* recv = std::get_if<Recv>(&input);
        const bool answer = recv != nullptr &&
                            std::holds_alternative<AppendEntriesReply>(recv->message) &&
                            std::get<AppendEntriesReply>(recv->message).term == raft.current_term();
        if (answer && raft.progress(recv->from) != nullptr) {
            observer_.on_match(s.id, recv->from, raft.progress(recv->from)->match_index);
        }
        if (s.output.write.id) observer_.on_write(s.id, s.output.write);
        observer_.on_step(
            Observation{.server = s.id,
                        .clock = reading(s),
                        .input = &input,
                        .current_term = raft.current_term(),
                        .voted_for = raft.voted_for(),
                        .role = raft.role(),
                        .commit_index = raft.commit_index(),
                        .last_applied = raft.last_applied(),
                        .log = &raft.log(),
                        .configuration = &raft.configuration(),
                        .snapshot = raft.snapshot() ? raft.snapshot()->index() : LogIndex(),
                        .uncommitted_bytes = raft.uncommitted_bytes(),
                        .output = &s.output});
    }

    // What the core leaves to storage. False if it is not there any more.
    bool fetch(Server& s, Send& send) {
        if (send.entries_to_fetch > 0) {
            auto& message = std::get<AppendEntries>(send.message);
            const auto found =
                s.storage.read_entries(message.prev_log_index.next(), send.entries_to_fetch);
            if (!found || found->size() != send.entries_to_fetch) return false;
            ++counts_.fetched;
            message.entries = send.stubs_only ? found->stubs() : *found;
        }
        if (send.bytes_to_fetch > 0) {
            auto& message = std::get<InstallSnapshot>(send.message);
            const auto found = s.storage.read_snapshot(message.meta.index(),
                                                       {message.offset, send.bytes_to_fetch});
            if (!found) return false;
            message.data = *found;
        }
        return true;
    }

    void restore(Server& s, const SnapshotMeta& meta) {
        ++counts_.restores;
        s.applied = meta.index();
        s.has_state = meta.bytes > 0 && !s.raft->configuration().is_witness(s.id);
        if (!s.has_state) return;
        const auto data = s.storage.read_snapshot(meta.index(), {0, meta.bytes});
        s.machine = std::stoull(std::string(data->bytes()));
        observer_.on_restored(s.id, meta, s.machine);
    }

    void count(const Output& output) {
        for (const ChangeDone& done : output.changes) {
            counts_.changes_done += done.status == ChangeStatus::Done ? 1 : 0;
        }
        for (const TransferDone& done : output.transfers) {
            counts_.transfers_done += done.status == TransferStatus::Done ? 1 : 0;
        }
        for (const ReadDone& done : output.reads) {
            counts_.reads += done.ok ? 1 : 0;
            counts_.lease_reads += done.ok && done.by_lease ? 1 : 0;
        }
        for (const Outcome& outcome : output.outcomes) {
            counts_.committed += outcome.kind == OutcomeKind::Committed ? 1 : 0;
        }
    }

    const Cluster cluster_;
    const Options options_;
    const uint64_t seed_;
    const Weather weather_;
    Observer& observer_;
    std::vector<std::unique_ptr<Server>> servers_;
    std::vector<WriteId> oldest_write_;  // by position: not durable yet
    std::deque<InFlight> flying_;
    Instant now_;
    Counts counts_;
    uint64_t draws_ = 0;
    uint64_t starts_ = 0;  // each incarnation has a seed of its own: contexts are never reused
    uint64_t events_ = 0;
};

}  // namespace wavetank
