// Draws a fault, carries it out, and takes it back.
#include "tools/program/torment.h"

#include <fmt/format.h>

#include <csignal>
#include <utility>

#include "core/env/administration.h"
#include "tools/relay/control.h"

namespace wavetank {

std::optional<Error> RelayCutter::cut_exactly(const Cuts& cuts) {
    const Result<Cuts> now = cluster_.tell_relay(kOrderHeal, cuts);
    if (!now.ok()) return now.error();
    return std::nullopt;
}

std::string to_string(const TormentCounts& counts) {
    std::string shapes;
    uint64_t cuts = 0;
    for (const auto& [shape, count] : counts.cuts) {
        cuts += count;
        shapes += fmt::format("{}{} {}", shapes.empty() ? " (" : ", ", count, shape);
    }
    if (!shapes.empty()) shapes += ")";
    return fmt::format("{} kills, {} pauses, {} cuts{}", counts.kills, counts.pauses, cuts, shapes);
}

uint64_t Torment::draw(uint64_t bound) {
    return below(chance_.draw(ChanceKind::NemesisDetail, 0, draws_++), bound);
}

Duration Torment::draw_up_to(Duration max) {
    return {static_cast<int64_t>(draw(static_cast<uint64_t>(max.nanos) + 1))};
}

std::vector<ServerId> Torment::shuffled() {
    std::vector<ServerId> servers = cluster_.servers();
    for (std::size_t i = servers.size(); i > 1; --i) std::swap(servers[i - 1], servers[draw(i)]);
    return servers;
}

void Torment::fail_if(std::optional<Error> problem) {
    if (problem && !failure_) failure_ = std::move(problem);
}

std::optional<Error> Torment::strike(ClientLoop::Lane& lane, ClientSession& session) {
    lane.rest(draw_up_to(plan_.calm_max));
    fail_if(who_ended());
    if (!failure_) inflict(lane, session);
    fail_if(who_ended());
    return failure_;
}

// A server that ends by itself has found something that must not be: its log says what.
std::optional<Error> Torment::who_ended() const {
    for (const ServerId id : cluster_.servers()) {
        const KeptProcess kept = cluster_.process(id);
        if (kept.find()) continue;
        return Error{fmt::format("server {} has ended by itself; the end of its log {}:\n{}",
                                 id.value(), kept.log, kept.last_words())};
    }
    return std::nullopt;
}

void Torment::inflict(ClientLoop::Lane& lane, ClientSession& session) {
    const std::size_t servers = cluster_.servers().size();
    const uint64_t kind = draw(16);
    if (kind < 1) return kill(lane, servers);
    if (kind < 3) return kill(lane, servers / 2 + 1);
    if (kind < 8) return kill(lane, 1);
    if (kind < 10) return pause(lane);
    cut(lane, session, kind < 12);
}

void Torment::kill(ClientLoop::Lane& lane, std::size_t count) {
    std::vector<ServerId> victims = shuffled();
    victims.resize(count);
    for (const ServerId id : victims) {
        counts_.kills += cluster_.process(id).signal(SIGKILL) ? 1U : 0U;
    }
    for (const ServerId id : victims) {
        while (cluster_.process(id).find()) lane.rest(milliseconds(1));
    }
    lane.rest(draw_up_to(plan_.fault_max));
    for (const ServerId id : victims) fail_if(cluster_.start(id));
}

void Torment::pause(ClientLoop::Lane& lane) {
    const KeptProcess victim = cluster_.process(shuffled().front());
    counts_.pauses += victim.signal(SIGSTOP) ? 1U : 0U;
    lane.rest(draw_up_to(plan_.fault_max));
    victim.signal(SIGCONT);
}

void Torment::cut(ClientLoop::Lane& lane, ClientSession& session, bool with_kill) {
    constexpr std::pair<Shape, const char*> kShapes[] = {
        {Shape::Split, "split"}, {Shape::Leader, "leader"}, {Shape::Bridge, "bridge"},
        {Shape::Links, "links"}, {Shape::Mute, "mute"},     {Shape::Deaf, "deaf"}};
    constexpr std::size_t kBothWays = 4;  // of them; the others cut one way
    const auto& [shape, name] = kShapes[draw(cutter_.has_ways() ? std::size(kShapes) : kBothWays)];
    constexpr Cut kWays[] = {Cut::Drop, Cut::Drop, Cut::Stall, Cut::Reset};
    const Cut way = cutter_.has_ways() ? kWays[draw(std::size(kWays))] : Cut::Drop;
    Cuts cuts;
    for (const Link& link : links_of(shape, session)) cuts[link] = way;
    fail_if(cutter_.cut_exactly(cuts));
    ++counts_.cuts[name];
    lane.rest(draw_up_to(plan_.cut_max));
    if (with_kill) kill(lane, 1);
    fail_if(cutter_.cut_exactly({}));
}

std::vector<Link> Torment::links_of(Shape shape, ClientSession& session) {
    std::vector<ServerId> servers = shuffled();
    std::vector<std::vector<ServerId>> groups(2);
    std::size_t first = 1;  // how many are in the first group
    switch (shape) {
        case Shape::Split:
            first = 1 + draw((servers.size() - 1) / 2);
            break;
        case Shape::Leader:
            std::erase(servers, groups[0].emplace_back(leader(session)));
            first = 0;
            break;
        case Shape::Mute:
        case Shape::Deaf:
            break;
        case Shape::Bridge:
            servers.pop_back();
            first = servers.size() / 2;
            break;
        case Shape::Links:
            return some_links();
    }
    for (std::size_t i = 0; i < servers.size(); ++i) {
        groups[i < first ? 0 : 1].push_back(servers[i]);
    }
    if (shape == Shape::Deaf) std::swap(groups[0], groups[1]);
    const bool one_way = shape == Shape::Mute || shape == Shape::Deaf;
    return one_way ? links_out_of_first(groups) : links_between(groups);
}

// Each with a chance of one third.
std::vector<Link> Torment::some_links() {
    std::vector<Link> links;
    for (const ServerId from : cluster_.servers()) {
        for (const ServerId to : cluster_.servers()) {
            if (from != to && draw(3) == 0) links.push_back({from, to});
        }
    }
    return links;
}

// Anybody, if nobody says that he leads.
ServerId Torment::leader(ClientSession& session) {
    const std::vector<ServerId> servers = shuffled();
    for (const ServerId id : servers) {
        session.prefer(id);
        const auto reply = session.administer(RequestKind::Status, "");
        const auto status = reply ? decode_server_status(reply->body) : std::nullopt;
        if (status && status->role == Role::Leader) return id;
    }
    return servers.front();
}

}  // namespace wavetank
