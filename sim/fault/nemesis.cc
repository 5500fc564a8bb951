// Drawing a kind, beginning it, ending it.
#include "sim/fault/nemesis.h"

#include <algorithm>
#include <array>

namespace wavetank {

Nemesis::Nemesis(World& world, Agenda& agenda, Faults& faults, const NemesisSetup& setup)
    : world_(world),
      agenda_(agenda),
      faults_(faults),
      setup_(setup),
      churn_(world, faults, setup),
      interval_(setup.interval),
      duration_(setup.duration),
      stopping_(world.servers(), 0) {}

void Nemesis::start() {
    plan_next();
}

void Nemesis::plan_next() {
    const uint64_t bits = world_.chance().draw(ChanceKind::NemesisInterval, 0, strike_ordinal_);
    agenda_.at(world_.now() + interval_.sample(bits), [this] {
        if (stopped_) return;
        strike();
        plan_next();
    });
}

void Nemesis::strike() {
    const uint64_t ordinal = strike_ordinal_++;
    if (active_ >= setup_.active_max) return;
    const std::array<uint32_t, static_cast<std::size_t>(Kind::kCount)> weights = {
        setup_.crash,           setup_.crash_leader,   setup_.crash_several,  setup_.crash_loop,
        setup_.pause,           setup_.partition,      setup_.isolate_leader, setup_.one_way,
        setup_.half_dead_link,  setup_.clog,           setup_.slow_link,      setup_.lossy_network,
        setup_.clock_step,      setup_.clock_drift,    setup_.clock_freeze,   setup_.clock_strobe,
        setup_.stall_disk,      setup_.change_members, setup_.transfer,       setup_.snapshot,
        setup_.corrupt_network, setup_.fail_disk,      setup_.fill_disk,      setup_.slow_disk,
        setup_.rot_disk,        setup_.misplace_write, setup_.roll_back_disk, setup_.clone_disk,
        setup_.lose_disk};
    uint64_t total = 0;
    for (const uint32_t weight : weights) total += weight;
    if (total == 0) return;
    uint64_t drawn = below(world_.chance().draw(ChanceKind::NemesisKind, 0, ordinal), total);
    std::size_t kind = 0;
    while (drawn >= weights[kind]) drawn -= weights[kind++];

    std::function<void()> end = begin(static_cast<Kind>(kind));
    if (!end) return;
    ++active_;
    const Duration lasts =
        duration_.sample(world_.chance().draw(ChanceKind::NemesisDuration, 0, ordinal));
    agenda_.at(world_.now() + lasts, [this, end = std::move(end)] {
        --active_;
        if (!stopped_) end();
    });
}

std::function<void()> Nemesis::begin(Kind kind) {
    const auto leader = current_leader(world_);
    switch (kind) {
        case Kind::Crash:
            return begin_crash({any_server()});
        case Kind::CrashLeader:
            return leader ? begin_crash({*leader}) : std::function<void()>();
        case Kind::CrashSeveral: {
            const std::size_t count = 1 + below(detail(), world_.servers());
            std::vector<uint32_t> everybody;
            for (uint32_t i = 0; i < world_.servers(); ++i) everybody.push_back(i);
            return begin_crash(faults_.draw(everybody, count));
        }
        case Kind::CrashLoop:
            return begin_crash_loop(any_server());
        case Kind::Pause:
            return begin_pause(any_server());
        case Kind::Partition:
            return begin_partition();
        case Kind::IsolateLeader:
            if (!leader) return {};
            return faults_.start_partition({PartitionShape::Isolate,
                                            {TargetKind::Servers, {world_.node(*leader).id()}, 1},
                                            (detail() & 1) != 0});
        case Kind::OneWay:
            return faults_.start_partition(
                {(detail() & 1) != 0 ? PartitionShape::Mute : PartitionShape::Deaf,
                 {TargetKind::Servers, {world_.node(any_server()).id()}, 1},
                 false});
        case Kind::HalfDeadLink:
            return begin_half_dead_link();
        case Kind::Clog:
            return begin_clog();
        case Kind::SlowLink:
            return begin_quality(false);
        case Kind::LossyNetwork:
            return begin_quality(true);
        case Kind::ClockStep:
            return begin_clock(true);
        case Kind::ClockDrift:
            return begin_clock(false);
        case Kind::ClockFreeze:
            return faults_.freeze_clock(any_server());
        case Kind::ClockStrobe:
            return begin_strobe();
        case Kind::StallDisk:
            return begin_stall(any_server());
        case Kind::ChangeMembers:
            return churn_.strike(working()) ? [] {} : std::function<void()>();
        case Kind::Transfer:
            return begin_transfer();
        case Kind::Snapshot:
            return world_.take_snapshot(any_server()) ? [] {} : std::function<void()>();
        case Kind::CorruptNetwork:
            return begin_corruption();
        case Kind::FailDisk:
        case Kind::FillDisk:
        case Kind::SlowDisk:
        case Kind::RotDisk:
        case Kind::MisplaceWrite:
        case Kind::RollBackDisk:
        case Kind::CloneDisk:
        case Kind::LoseDisk:
            return begin_disk_fault(kind);
        case Kind::kCount:
            break;
    }
    return {};
}

// A server that is doomed, or will crash again in a loop, does not count as working.
std::vector<bool> Nemesis::working() const {
    std::vector<bool> works;
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        works.push_back(world_.node(i).working() && stopping_[i] == 0);
    }
    return works;
}

// True if a majority goes on working without `targets`, whoever the members are: those that are
// committed, those the leader goes by, or those it was asked for.
bool Nemesis::may_stop(const std::vector<uint32_t>& targets) const {
    if (!setup_.keep_majority_running) return true;
    std::vector<bool> rest = working();
    for (const uint32_t target : targets) rest[target] = false;
    return majority_among(world_.committed_configuration().configuration, rest) &&
           majority_among(present_configuration(world_), rest) &&
           (!churn_.accepted() || majority_among(*churn_.accepted(), rest));
}

std::function<void()> Nemesis::begin_crash(const std::vector<uint32_t>& targets) {
    if (!may_stop(targets)) return {};
    Target target;
    for (const uint32_t position : targets) {
        target.servers.push_back(world_.node(position).id());
        ++stopping_[position];
    }
    // Mostly in the middle of work: that is where the bugs are.
    const CrashMoment moment = below(detail(), 4) == 0 ? CrashMoment::Now : CrashMoment::AtEvent;
    faults_.carry_out(Crash{target, moment, std::nullopt});
    return [this, targets] {
        for (const uint32_t position : targets) {
            --stopping_[position];
            world_.start(position);
        }
    };
}

// Rapid crash and restart: some rounds of a few milliseconds each.
std::function<void()> Nemesis::begin_crash_loop(uint32_t target) {
    if (!may_stop({target})) return {};
    ++stopping_[target];
    const uint64_t rounds = 2 + below(detail(), 6);
    Duration when;
    for (uint64_t round = 0; round < rounds; ++round) {
        when = when + Duration{static_cast<int64_t>(below(detail(), 30'000'000))};
        agenda_.at(world_.now() + when, [this, target] {
            if (!stopped_) world_.crash(target);
        });
        when = when + Duration{static_cast<int64_t>(below(detail(), 10'000'000))};
        const bool last = round + 1 == rounds;
        agenda_.at(world_.now() + when, [this, target, last] {
            if (last) --stopping_[target];
            if (!stopped_) world_.start(target);
        });
    }
    return [] {};
}

std::function<void()> Nemesis::begin_pause(uint32_t target) {
    if (!may_stop({target})) return {};
    ++stopping_[target];
    world_.pause(target);
    return [this, target] {
        --stopping_[target];
        world_.resume(target);
    };
}

std::function<void()> Nemesis::begin_partition() {
    const auto shape = static_cast<PartitionShape>(below(detail(), 8));
    static constexpr std::array<TargetKind, 4> kTargets = {TargetKind::Random, TargetKind::Leader,
                                                           TargetKind::Minority,
                                                           TargetKind::MinorityWithLeader};
    const Target target{kTargets[below(detail(), kTargets.size())], {}, 1};
    return faults_.start_partition({shape, target, below(detail(), 3) == 0});
}

Network::Direction Nemesis::any_link() {
    const uint32_t from = any_server();
    const uint32_t to = any_server();
    return {from, from == to ? (to + 1) % world_.servers() : to};
}

// One direction of one link of the leader is dead: the partial partition that once kept a cluster
// down for six hours.
std::function<void()> Nemesis::begin_half_dead_link() {
    if (world_.servers() < 2) return {};
    Network::Direction link = any_link();
    if (const auto leader = current_leader(world_)) {
        if (link.from != *leader && link.to != *leader) {
            ((detail() & 1) != 0 ? link.from : link.to) = *leader;
        }
    }
    const auto target = [this](uint32_t position) {
        return Target{TargetKind::Servers, {world_.node(position).id()}, 1};
    };
    faults_.carry_out(ChangeLinks{LinkChange::Cut, target(link.from), target(link.to), {}});
    return [this, from = target(link.from), to = target(link.to)] {
        faults_.carry_out(ChangeLinks{LinkChange::Restore, from, to, {}});
    };
}

std::function<void()> Nemesis::begin_clog() {
    if (world_.servers() < 2) return {};
    const Network::Direction link = any_link();
    world_.network().clog(link);
    return [this, link] { world_.release(link); };
}

std::vector<Network::Direction> Nemesis::all_links() const {
    std::vector<Network::Direction> links;
    for (uint32_t a = 0; a < world_.servers(); ++a) {
        for (uint32_t b = 0; b < world_.servers(); ++b) {
            if (a != b) links.push_back({a, b});
        }
    }
    return links;
}

// Each of the links gets what `change` makes of its standing quality, for as long as the fault
// lasts.
std::function<void()> Nemesis::change_links(
    const std::vector<Network::Direction>& links,
    const std::function<LinkQuality(const LinkQuality&)>& change) {
    for (const Network::Direction& link : links) {
        world_.network().override_quality(link, change(world_.network().standing(link)));
    }
    return [this, links] {
        for (const Network::Direction& link : links) world_.network().reset_quality(link);
    };
}

std::function<void()> Nemesis::begin_quality(bool everywhere) {
    if (world_.servers() < 2) return {};
    if (!everywhere) {
        return change_links({any_link()}, [this](const LinkQuality&) { return setup_.slow; });
    }
    return change_links(all_links(), [this](const LinkQuality& standing) {
        LinkQuality quality = setup_.lossy;
        quality.latency = standing.latency;
        return quality;
    });
}

std::function<void()> Nemesis::begin_corruption() {
    return change_links(all_links(), [this](const LinkQuality& standing) {
        LinkQuality quality = standing;
        quality.corrupt = setup_.corrupt;
        return quality;
    });
}

// Up to `most`, to either side.
Duration Nemesis::either_way(Duration most) {
    const auto size = static_cast<int64_t>(below(detail(), static_cast<uint64_t>(most.nanos) + 1));
    return Duration{(detail() & 1) != 0 ? size : -size};
}

std::function<void()> Nemesis::begin_clock(bool step) {
    const uint32_t target = any_server();
    if (step) {
        world_.change_clock(target, either_way(setup_.clock_step_max), nullptr);
        return [] {};
    }
    const int64_t drift = either_way(Duration{setup_.drift_ppm_max}).nanos;
    world_.change_clock(target, Duration{}, &drift);
    return [this, target] {
        const int64_t standing = world_.node(target).standing_drift_ppm();
        world_.change_clock(target, Duration{}, &standing);
    };
}

std::function<void()> Nemesis::begin_strobe() {
    const Duration by = either_way(setup_.clock_step_max);
    const auto every = static_cast<int64_t>(1 + below(detail(), 50));
    return faults_.strobe_clock(any_server(), {by, milliseconds(every)});
}

std::function<void()> Nemesis::begin_stall(uint32_t target) {
    if (!may_stop({target})) return {};
    ++stopping_[target];
    world_.stall_disk(target);
    return [this, target] {
        if (--stopping_[target] == 0) world_.release_disk(target);
    };
}

// To a random server, who may be no voter or dead, or to whom the leader thinks best.
std::function<void()> Nemesis::begin_transfer() {
    if (!current_leader(world_)) return {};
    Target to;
    if (below(detail(), 3) != 0) to.servers.push_back(world_.node(any_server()).id());
    faults_.carry_out(TransferLeadership{to});
    return [] {};
}

}  // namespace wavetank
