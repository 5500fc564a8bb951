// Targets, crashes, pauses, partitions and links.
#include "sim/fault/faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"

namespace wavetank {

std::vector<uint32_t> Faults::all() const {
    std::vector<uint32_t> positions;
    for (uint32_t i = 0; i < world_.servers(); ++i) positions.push_back(i);
    return positions;
}

std::vector<uint32_t> Faults::followers() const {
    const auto leader = current_leader(world_);
    std::vector<uint32_t> positions;
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        if (world_.node(i).running() && leader != i) positions.push_back(i);
    }
    return positions;
}

std::vector<uint32_t> Faults::voters() const {
    std::vector<uint32_t> positions;
    for (const ServerId id : present_configuration(world_).voters()) {
        positions.push_back(id.value() - 1);
    }
    return positions;
}

// As many voters as the others can do without; the leader, if given, and no fewer than one then.
std::vector<uint32_t> Faults::a_minority(std::optional<uint32_t> leader) {
    std::vector<uint32_t> others = voters();
    const std::size_t minority = (others.size() - 1) / 2;
    if (!leader) return draw(others, minority);
    std::erase(others, *leader);
    std::vector<uint32_t> positions = {*leader};
    for (const uint32_t other : draw(others, std::max<std::size_t>(minority, 1) - 1)) {
        positions.push_back(other);
    }
    return positions;
}

std::vector<uint32_t> Faults::draw(std::vector<uint32_t> from, std::size_t count) {
    std::vector<uint32_t> drawn;
    while (drawn.size() < count && !from.empty()) {
        const auto at = from.begin() + static_cast<std::ptrdiff_t>(
                                           below(bits(ChanceKind::TargetDraw), from.size()));
        drawn.push_back(*at);
        from.erase(at);
    }
    return drawn;
}

std::vector<uint32_t> Faults::resolve(const Target& target) {
    const auto leader = current_leader(world_);
    switch (target.kind) {
        case TargetKind::Servers: {
            std::vector<uint32_t> positions;
            for (const ServerId id : target.servers) {
                CHECK(id && id.value() <= world_.servers());
                positions.push_back(id.value() - 1);
            }
            return positions;
        }
        case TargetKind::Leader:
            return leader ? std::vector{*leader} : std::vector<uint32_t>{};
        case TargetKind::Followers:
            return followers();
        case TargetKind::Random:
            return draw(all(), target.count);
        case TargetKind::RandomFollowers:
            return draw(followers(), target.count);
        case TargetKind::Minority:
            return a_minority(std::nullopt);
        case TargetKind::MinorityWithLeader:
            return a_minority(leader);
        case TargetKind::All:
            return all();
    }
    return {};
}

void Faults::trace(const char* what, const std::vector<uint32_t>& targets) {
    world_.note(hash_bytes(what));
    for (const uint32_t position : targets) world_.note(position);
    if (!world_.tracing()) return;
    std::string words = what;
    for (const uint32_t position : targets) words += fmt::format(" {}", position + 1);
    world_.trace({TraceKind::Fault, {}, {}}, words);
}

void Faults::carry_out(const Crash& crash) {
    const auto targets = resolve(crash.target);
    trace(crash.moment == CrashMoment::Now ? "crash of" : "crash at the next event of", targets);
    for (const uint32_t position : targets) {
        if (!world_.node(position).running()) continue;
        if (crash.moment == CrashMoment::Now) {
            world_.crash(position);
        } else {
            world_.node(position).doom();
        }
        if (crash.restart_after) {
            agenda_.at(world_.now() + *crash.restart_after,
                       [this, position] { world_.start(position); });
        }
    }
}

void Faults::carry_out(const Restart& restart) {
    for (const uint32_t position : resolve(restart.target)) world_.start(position);
}

void Faults::carry_out(const Pause& pause) {
    for (const uint32_t position : resolve(pause.target)) {
        world_.pause(position);
        if (pause.resume_after) {
            agenda_.at(world_.now() + *pause.resume_after,
                       [this, position] { world_.resume(position); });
        }
    }
}

void Faults::carry_out(const Resume& resume) {
    for (const uint32_t position : resolve(resume.target)) world_.resume(position);
}

void Faults::add_both(Links& links, uint32_t a, uint32_t b) const {
    links.push_back({a, b});
    links.push_back({b, a});
}

void Faults::add_clients(Links& links, uint32_t server, bool to_server, bool from_server) const {
    for (uint32_t e = world_.servers(); e < world_.network().endpoints(); ++e) {
        if (to_server) links.push_back({e, server});
        if (from_server) links.push_back({server, e});
    }
}

// Two halves that do not see each other, and one server that sees both.
Faults::Links Faults::bridge(const std::vector<uint32_t>& targets) {
    std::vector<uint32_t> order = draw(all(), world_.servers());
    if (!targets.empty()) {
        std::iter_swap(order.begin(), std::find(order.begin(), order.end(), targets.front()));
    }
    Links links;
    const std::size_t middle = 1 + (order.size() - 1) / 2;
    for (std::size_t a = 1; a < middle; ++a) {
        for (std::size_t b = middle; b < order.size(); ++b) add_both(links, order[a], order[b]);
    }
    return links;
}

Faults::Links Faults::ring() {
    const std::vector<uint32_t> order = draw(all(), world_.servers());
    Links links;
    const std::size_t n = order.size();
    for (std::size_t a = 0; a < n; ++a) {
        for (std::size_t b = a + 2; b < n; ++b) {
            if (a == 0 && b == n - 1) continue;  // neighbours round the corner
            add_both(links, order[a], order[b]);
        }
    }
    return links;
}

Faults::Links Faults::random_links() {
    Links links;
    for (uint32_t a = 0; a < world_.servers(); ++a) {
        for (uint32_t b = 0; b < world_.servers(); ++b) {
            if (a != b && (bits(ChanceKind::PartitionDraw) & 1) != 0) links.push_back({a, b});
        }
    }
    return links;
}

Faults::Links Faults::links_cut_by(const Partition& partition) {
    std::vector<uint32_t> targets;
    switch (partition.shape) {
        case PartitionShape::Ring:
            return ring();
        case PartitionShape::Random:
            return random_links();
        case PartitionShape::Bridge:
            return bridge(resolve(partition.target));
        case PartitionShape::Halves:
            targets = draw(all(), world_.servers() / 2);
            break;
        case PartitionShape::Isolate:
        case PartitionShape::Split:
        case PartitionShape::Mute:
        case PartitionShape::Deaf:
            targets = resolve(partition.target);
            break;
    }
    const bool mute = partition.shape == PartitionShape::Mute;
    const bool deaf = partition.shape == PartitionShape::Deaf;
    const bool together =
        partition.shape == PartitionShape::Split || partition.shape == PartitionShape::Halves;
    const auto is_target = [&](uint32_t p) {
        return std::find(targets.begin(), targets.end(), p) != targets.end();
    };
    Links links;
    for (const uint32_t a : targets) {
        for (uint32_t b = 0; b < world_.servers(); ++b) {
            const bool among = is_target(b);
            if (a == b || (among && together)) continue;
            // Isolated targets also lose each other; each pair is cut once from either end.
            if (!deaf) links.push_back({a, b});
            if (deaf || (!mute && !among)) links.push_back({b, a});
        }
        if (partition.cut_clients) add_clients(links, a, !mute, !deaf);
    }
    return links;
}

std::function<void()> Faults::start_partition(const Partition& partition) {
    static constexpr const char* kNames[] = {"isolate", "split",  "halves", "mute",
                                             "deaf",    "bridge", "ring",   "random cuts"};
    const Links links = links_cut_by(partition);
    world_.note(links.size());
    std::vector<uint32_t> ends;
    for (const Network::Direction& link : links) {
        world_.network().cut(link);
        cut_.push_back(link);
        if (link.from < world_.servers()) ends.push_back(link.from);
    }
    std::sort(ends.begin(), ends.end());
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
    trace(kNames[static_cast<std::size_t>(partition.shape)], ends);
    return [this, links, epoch = epoch_] {
        if (epoch != epoch_) return;
        trace("end of a partition", {});
        for (const Network::Direction& link : links) {
            const auto same = [&](const Network::Direction& other) {
                return other.from == link.from && other.to == link.to;
            };
            const auto cut = std::find_if(cut_.begin(), cut_.end(), same);
            if (cut == cut_.end()) continue;  // somebody has restored it before us
            cut_.erase(cut);
            world_.network().restore(link);
        }
    };
}

void Faults::carry_out(const ChangeLinks& change) {
    const auto from = resolve(change.from);
    const auto to = resolve(change.to);
    trace("links change from", from);
    for (const uint32_t a : from) {
        for (const uint32_t b : to) {
            if (a == b) continue;
            const Network::Direction link{a, b};
            const auto same = [&](const Network::Direction& other) {
                return other.from == a && other.to == b;
            };
            switch (change.change) {
                case LinkChange::Cut:
                    world_.network().cut(link);
                    cut_.push_back(link);
                    break;
                case LinkChange::Restore: {
                    const auto found = std::find_if(cut_.begin(), cut_.end(), same);
                    if (found == cut_.end()) break;
                    cut_.erase(found);
                    world_.network().restore(link);
                    break;
                }
                case LinkChange::Clog:
                    world_.network().clog(link);
                    break;
                case LinkChange::Release:
                    world_.release(link);
                    break;
                case LinkChange::Quality:
                    world_.network().override_quality(link, change.quality);
                    break;
            }
        }
    }
}

void Faults::carry_out(const HealNetwork&) {
    trace("the network heals", {});
    ++epoch_;
    for (const Network::Direction& link : cut_) world_.network().restore(link);
    cut_.clear();
    for (uint32_t a = 0; a < world_.servers(); ++a) {
        for (uint32_t b = 0; b < world_.servers(); ++b) {
            if (a == b) continue;
            world_.release({a, b});
            world_.network().reset_quality({a, b});
        }
    }
}

void Faults::end_all() {
    carry_out(HealNetwork{});
    const auto calm = [this](Network::Direction link) {
        LinkQuality quality = world_.network().standing(link);
        quality.loss = quality.duplicate = quality.corrupt = quality.reorder = Ratio();
        world_.network().set_standing(link, quality);
    };
    for (uint32_t a = 0; a < world_.servers(); ++a) {
        for (uint32_t b = 0; b < world_.network().endpoints(); ++b) {
            if (a == b) continue;
            calm({a, b});
            if (b >= world_.servers()) calm({b, a});
        }
    }
    end_clock_faults();
    if (disks_changed_) end_disk_faults();
    const std::vector<bool> members = members_that_count(world_);
    for (const uint32_t position : all()) {
        world_.release_disk(position);
        world_.resume(position);
        world_.node(position).spare();
        if (members[position]) world_.start(position);
    }
    if (disks_changed_) replacements_.look_after_all();
}

}  // namespace wavetank
