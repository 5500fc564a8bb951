// A run from its setup: building the world, the loop, the two phases (faults, then healing in which
// liveness is owed), and the judgement.
#include "sim/simulation.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/sometimes.h"
#include "sim/check/availability.h"
#include "sim/check/findings.h"
#include "sim/check/linearizability/check.h"
#include "sim/fault/nemesis.h"
#include "sim/judge.h"
#include "sim/timeline.h"
#include "sim/world/words.h"

namespace wavetank {
namespace {

constexpr uint32_t kHandsMax = 64;
constexpr Duration kHealingPoll = milliseconds(5);

uint32_t hands_for(const std::vector<Step>& timeline) {
    uint64_t hands = 0;
    for (const Step& step : timeline) {
        if (!step.action) continue;
        if (const auto* invoke = std::get_if<Invoke>(&*step.action)) {
            hands += invoke->concurrent ? invoke->count : 1;
        }
    }
    return static_cast<uint32_t>(std::min<uint64_t>(hands, kHandsMax));
}

// What the cluster begins with.
Configuration configuration_of(const Setup& setup) {
    if (setup.members) return Configuration(*setup.members);
    std::vector<ServerId> voters;
    for (uint32_t i = 1; i <= setup.servers; ++i) voters.push_back(ServerId(i));
    return Configuration::of_voters(std::move(voters));
}

Cluster cluster_of(const Setup& setup) {
    Cluster cluster{{}, configuration_of(setup), setup.beyond_limit};
    for (uint32_t i = 1; i <= setup.servers; ++i) cluster.servers.push_back(ServerId(i));
    return cluster;
}

WorldSetup world_setup(const Setup& setup) {
    WorldSetup world;
    world.servers = setup.servers;
    world.clients = Clients::positions(setup.workload, hands_for(setup.timeline));
    world.network = setup.network;
    world.client_network = setup.client_network;
    world.encoded_links = setup.encoded_links;
    const Configuration members = configuration_of(setup);
    for (uint32_t i = 0; i < setup.servers; ++i) {
        Node::Setup& node = world.nodes.emplace_back();
        node.position = i;
        node.options = setup.options;
        node.options.id = ServerId(i + 1);
        node.disk = setup.disk;
        node.sessions = setup.sessions;
        if (members.contains(node.options.id)) node.initial.configuration = members;
    }
    if (setup.members) {
        for (const ServerId id : setup.members->witnesses) {
            world.nodes[id.value() - 1].options.witness = true;
        }
    }
    for (const PrioritySetup& priority : setup.priorities) {
        world.nodes[priority.server.value() - 1].options.priority = priority.priority;
    }
    for (const DiskSetup& disk : setup.disks) {
        world.nodes[disk.server.value() - 1].disk = disk.quality;
    }
    for (const ClockSetup& clock : setup.clocks) {
        world.nodes[clock.server.value() - 1].clock = clock.quality;
    }
    for (const InitialState& initial : setup.initial) {
        Recovered& recovered = world.nodes[initial.server.value() - 1].initial;
        recovered.hard_state = initial.hard_state;
        for (const Term term : initial.log) {
            Entry& entry = recovered.entries.emplace_back();
            entry.term = term;
        }
    }
    return world;
}

}  // namespace

class Simulation::Impl {
 public:
    Impl(const Setup& setup, uint64_t seed, const RunOptions& options);

    bool step();
    RunRecord finish();

    World& world() { return world_; }
    const World& world() const { return world_; }
    const Clients& clients() const { return clients_; }

 private:
    enum class Phase : uint8_t {
        Faults,     // timeline and nemesis at work
        Leader,     // healed: a leader is owed
        Commit,     // then an answered operation, and the end of a change of members under way
        CatchUp,    // then equality of all members, with those that the operator has replaced
        Aftermath,  // healed as far as it can be: nothing is owed, and nobody may lie
        Over,
    };

    void apply_link_setups();
    void end_of_duration();
    void heal();
    void poll_healing();
    bool phase_done();
    void fail_liveness();
    void give_up(const std::string& why);
    void update_health();
    void judge_history();
    void judge_logs();

    const Setup setup_;
    const uint64_t seed_;
    const RunOptions options_;
    Findings findings_;
    Availability availability_;
    Judge judge_;
    World world_;
    Agenda agenda_{world_};
    Faults faults_{world_, agenda_};
    Clients clients_;
    Questions questions_{world_, clients_};
    Timeline timeline_;
    std::optional<Nemesis> nemesis_;

    Phase phase_ = Phase::Faults;
    Instant phase_limit_;
    bool duration_over_ = false;
    uint64_t health_version_ = UINT64_MAX;
};

Simulation::Impl::Impl(const Setup& setup, uint64_t seed, const RunOptions& options)
    : setup_(setup),
      seed_(seed),
      options_(options),
      judge_(cluster_of(setup), findings_, availability_),
      world_(world_setup(setup), seed, setup.oracles ? &judge_ : nullptr, options.trace),
      clients_(world_, setup.workload, hands_for(setup.timeline),
               setup.oracles ? &judge_ : nullptr),
      timeline_({world_, agenda_, faults_, clients_, questions_, findings_, setup.beyond_limit},
                setup.timeline) {
    judge_.attach(world_);
    reset_sometimes();
    apply_link_setups();
    world_.start_all();
    clients_.start();
    if (setup_.nemesis) {
        NemesisSetup nemesis = *setup_.nemesis;
        nemesis.beyond_limit = setup_.beyond_limit;
        nemesis_.emplace(world_, agenda_, faults_, nemesis);
        nemesis_->start();
    }
    agenda_.at(Instant{} + setup_.duration, [this] { end_of_duration(); });
    timeline_.start();
}

void Simulation::Impl::apply_link_setups() {
    for (const LinkSetup& link : setup_.links) {
        for (uint32_t from = 0; from < setup_.servers; ++from) {
            for (uint32_t to = 0; to < setup_.servers; ++to) {
                const bool meant = (!link.from || link.from.value() == from + 1) &&
                                   (!link.to || link.to.value() == to + 1);
                if (from != to && meant) world_.network().set_standing({from, to}, link.quality);
            }
        }
    }
}

bool Simulation::Impl::step() {
    if (phase_ == Phase::Over) return false;
    if (world_.counts().events >= setup_.events_max) {
        give_up(
            fmt::format("the run needs more than {} events: something spins", setup_.events_max));
        return false;
    }
    const World::Stepped stepped = world_.step();
    if (!stepped.any) {
        give_up("nothing is left to happen: no server has a deadline");
        return false;
    }
    if (stepped.control) {
        findings_.now(world_.counts().events, world_.now());
        agenda_.run(stepped.subject);
    }
    if (timeline_.waiting()) timeline_.advance();
    if (health_version_ != world_.condition_version()) update_health();
    if (options_.event_digests != nullptr) options_.event_digests->push_back(world_.digest());
    // The first violation ends the run: what follows is its consequence, and might bring the
    // process down before anybody hears of it.
    if (findings_.verdict() == Verdict::Fail) phase_ = Phase::Over;
    return phase_ != Phase::Over;
}

void Simulation::Impl::update_health() {
    health_version_ = world_.condition_version();
    availability_.on_health(questions_.majority_healthy(), world_.now());
}

void Simulation::Impl::give_up(const std::string& why) {
    findings_.report("progress", why);
    phase_ = Phase::Over;
}

// The faults last for `duration`, and at least until the timeline is through.
void Simulation::Impl::end_of_duration() {
    duration_over_ = true;
    if (timeline_.finished()) {
        heal();
    } else {
        agenda_.at(world_.now() + kHealingPoll, [this] { end_of_duration(); });
    }
}

void Simulation::Impl::heal() {
    if (nemesis_) nemesis_->stop();
    if (!setup_.liveness.owed && !setup_.beyond_limit) {
        phase_ = Phase::Over;
        return;
    }
    if (world_.tracing()) world_.trace({TraceKind::Fault, {}, {}}, "the faults stop; all heals");
    faults_.end_all();
    if (setup_.beyond_limit) {
        // Who can start does, and clients go on: now it would show if somebody made up for what is
        // lost.
        phase_ = Phase::Aftermath;
        agenda_.at(world_.now() + setup_.liveness.leader_within, [this] { phase_ = Phase::Over; });
        return;
    }
    clients_.run(false);
    phase_ = Phase::Leader;
    phase_limit_ = world_.now() + setup_.liveness.leader_within;
    poll_healing();
}

bool Simulation::Impl::phase_done() {
    switch (phase_) {
        case Phase::Leader:
            return current_leader(world_).has_value();
        case Phase::Commit:
            if (!clients_.probe_answered()) clients_.start_probe();
            return clients_.probe_answered() && !questions_.change_half_done();
        case Phase::CatchUp:
            return clients_.quiet() && questions_.all_caught_up() && !faults_.replacing();
        case Phase::Aftermath:
        case Phase::Faults:
        case Phase::Over:
            break;
    }
    return true;
}

void Simulation::Impl::poll_healing() {
    while (phase_done()) {
        switch (phase_) {
            case Phase::Leader:
                phase_ = Phase::Commit;
                phase_limit_ = world_.now() + setup_.liveness.commit_within;
                break;
            case Phase::Commit:
                phase_ = Phase::CatchUp;
                phase_limit_ = world_.now() + setup_.liveness.caught_up_within;
                break;
            case Phase::CatchUp:
            case Phase::Aftermath:
            case Phase::Faults:
            case Phase::Over:
                phase_ = Phase::Over;
                return;
        }
    }
    if (world_.now() >= phase_limit_) {
        fail_liveness();
        phase_ = Phase::Over;
        return;
    }
    agenda_.at(world_.now() + kHealingPoll, [this] { poll_healing(); });
}

void Simulation::Impl::fail_liveness() {
    const LivenessSetup& owed = setup_.liveness;
    std::string what;
    if (phase_ == Phase::Leader) {
        what = fmt::format("no leader {} after the faults stopped", to_string(owed.leader_within));
    } else if (phase_ == Phase::Commit && clients_.probe_answered()) {
        what =
            fmt::format("the configuration is still joint after {}", to_string(owed.commit_within));
    } else if (phase_ == Phase::Commit) {
        what = fmt::format("a leader, but no client operation was answered within {}",
                           to_string(owed.commit_within));
    } else {
        what =
            fmt::format("the members did not become equal within {}: {} behind, {} operations open",
                        to_string(owed.caught_up_within), questions_.answer(Metric::Behind, false),
                        questions_.answer(Metric::OperationsOpen, false));
    }
    for (uint32_t i = 0; i < world_.servers(); ++i) what += "\n" + words_of_state(world_.node(i));
    findings_.report("liveness", what);
}

void Simulation::Impl::judge_logs() {
    std::optional<uint64_t> digest;
    const bool equal = questions_.all_caught_up();
    const Configuration members = present_configuration(world_);
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        const Node& node = world_.node(i);
        if (!node.running()) continue;
        const Raft& raft = node.replica().raft();
        judge_.finish_log(node.id(), raft.log(), raft.last_applied());
        if (!equal || !members.contains(node.id()) || members.is_witness(node.id())) continue;
        if (!node.replica().has_state()) {
            findings_.report("equality",
                             fmt::format("server {} is a member with a machine, and has applied "
                                         "all entries, but not their commands",
                                         node.id().value()));
            continue;
        }
        if (digest && *digest != node.replica().machine_digest()) {
            findings_.report("equality",
                             fmt::format("server {} has applied the same entries as the "
                                         "others, but its machine differs",
                                         node.id().value()));
        }
        digest = node.replica().machine_digest();
    }
}

void Simulation::Impl::judge_history() {
    const LinearizabilityBudget budget{setup_.linearizability_expansions_max,
                                       setup_.linearizability_bytes_max};
    const LinearizabilityReport report =
        check_linearizability(clients_.history().operations(), budget);
    switch (report.verdict) {
        case Linearizability::Ok:
            return;
        case Linearizability::Illegal:
            findings_.report("linearizability", report.evidence + judge_.broken_contract());
            return;
        case Linearizability::Unknown:
            findings_.unknown("linearizability", report.evidence);
            return;
    }
}

RunRecord Simulation::Impl::finish() {
    if (setup_.oracles && phase_ == Phase::Over && findings_.empty()) {
        judge_.finish();
        judge_logs();
        judge_history();
    }
    RunRecord record;
    record.scenario = setup_.name;
    record.seed = seed_;
    record.verdict = findings_.verdict();
    record.findings = findings_.kept();
    record.digest = world_.digest();
    record.ended = world_.now();
    const WorldCounts& counts = world_.counts();
    record.events = counts.events;
    record.messages_sent = counts.messages_sent;
    record.deliveries = counts.deliveries;
    record.elections_won = counts.elections_won;
    record.crashes = counts.crashes;
    record.changes_done = counts.changes_done;
    record.transfers_done = counts.transfers_done;
    record.snapshots_taken = counts.snapshots_taken;
    record.snapshots_installed = counts.snapshots_installed;
    record.lease_reads = counts.lease_reads;
    record.lease_margin = judge_.lease_figures().margin;
    record.lease_drift_ppm = judge_.lease_figures().drift_ppm;
    record.operations_ok = clients_.counts().ok;
    record.operations_info = clients_.counts().info + clients_.counts().open;
    record.highest_term = questions_.answer(Metric::HighestTerm, false);
    record.highest_commit = questions_.answer(Metric::Commit, false);
    record.longest_unavailability = availability_.longest(world_.now());
    for (const SometimesMark* mark : sometimes_marks()) {
        if (mark->reached.load()) record.sometimes_reached.emplace_back(mark->name);
    }
    std::sort(record.sometimes_reached.begin(), record.sometimes_reached.end());
    return record;
}

Simulation::Simulation(const Setup& setup, uint64_t seed, const RunOptions& options)
    : impl_(std::make_unique<Impl>(setup, seed, options)) {}
Simulation::~Simulation() = default;

bool Simulation::step() {
    return impl_->step();
}

void Simulation::run_until(uint64_t number) {
    while (impl_->world().counts().events < number && impl_->step()) {
    }
}

uint64_t Simulation::events() const {
    return impl_->world().counts().events;
}
RunRecord Simulation::finish() {
    return impl_->finish();
}

std::string Simulation::describe(ServerId server) const {
    return words_of_state(impl_->world().node(server.value() - 1));
}

const History& Simulation::history() const {
    return impl_->clients().history();
}

RunRecord run_simulation(const Setup& setup, uint64_t seed, const RunOptions& options) {
    Simulation simulation(setup, seed, options);
    simulation.run_until(UINT64_MAX);
    return simulation.finish();
}

}  // namespace wavetank
