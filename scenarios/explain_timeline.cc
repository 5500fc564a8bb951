// Steps, questions, targets and actions in words.
#include <fmt/core.h>

#include "scenarios/explain.h"
#include "scenarios/names.h"
#include "scenarios/suggest.h"

namespace wavetank {
namespace {

std::string after_that(const char* verb, const std::optional<Duration>& span) {
    return span ? fmt::format(", and {} after {}", verb, to_string(*span)) : std::string();
}

std::string explain_shape(const Partition& partition) {
    const std::string who = explain(partition.target);
    switch (partition.shape) {
        case PartitionShape::Isolate:
            return fmt::format("isolate {} from everybody else", who);
        case PartitionShape::Split:
            return fmt::format("split the network: {} on one side, the rest on the other", who);
        case PartitionShape::Halves:
            return "split the network into two random halves";
        case PartitionShape::Mute:
            return fmt::format("mute {}: nothing sent from there arrives", who);
        case PartitionShape::Deaf:
            return fmt::format("deafen {}: nothing sent there arrives", who);
        case PartitionShape::Bridge: {
            const bool named =
                partition.target.kind != TargetKind::Servers || !partition.target.servers.empty();
            return fmt::format("split the network into halves that only {} sees both of",
                               named ? who : std::string("a random server"));
        }
        case PartitionShape::Ring:
            return "let each server see only two neighbours of a random ring";
        case PartitionShape::Random:
            return "cut each direction of each link with probability 50%";
    }
    return "?";
}

const char* verb_of(LinkChange change) {
    switch (change) {
        case LinkChange::Cut:
            return "cut the links";
        case LinkChange::Restore:
            return "restore the links";
        case LinkChange::Clog:
            return "clog the links";
        case LinkChange::Release:
            return "release the links";
        case LinkChange::Quality:
            return "change the links";
    }
    return "?";
}

bool one_server(const Target& target) {
    switch (target.kind) {
        case TargetKind::Servers:
            return target.servers.size() == 1;
        case TargetKind::Leader:
            return true;
        case TargetKind::Random:
        case TargetKind::RandomFollowers:
            return target.count == 1;
        case TargetKind::Followers:
        case TargetKind::Minority:
        case TargetKind::MinorityWithLeader:
        case TargetKind::All:
            return false;
    }
    return false;
}

const char* words_of(MemberKind kind, bool one) {
    switch (kind) {
        case MemberKind::Voter:
            return one ? "voter" : "voters";
        case MemberKind::Learner:
            return one ? "learner" : "learners";
        case MemberKind::Witness:
            return one ? "witness" : "witnesses";
    }
    return "?";
}

std::string calls_that_fail(const SimDisk::Errors& errors) {
    std::vector<std::string> calls;
    if (errors.read) calls.emplace_back("reads");
    if (errors.write) calls.emplace_back("writes");
    if (errors.sync) calls.emplace_back("syncs");
    return list_of(calls, "and");
}

std::string speed_of(const DiskChange& slow) {
    std::vector<std::string> what;
    if (slow.write) what.push_back(explain(*slow.write) + " a write");
    if (slow.bytes_per_second > 0) {
        what.push_back(fmt::format("{} bytes a second", slow.bytes_per_second));
    }
    return list_of(what, "and");
}

std::string words_of(const RotPlace& place) {
    if (place.entry) return fmt::format(" of entry {}", place.entry.value());
    if (!place.file) return {};
    const char* file = *place.file == RotPlace::File::Wal ? "SQLite's log" : "the database";
    if (!place.offset) return fmt::format(" of {}", file);
    return fmt::format(", from byte {} of {} on,", *place.offset, file);
}

std::string explain_disk(const ChangeDisk& change) {
    const DiskChange& what = change.change;
    const std::string who = explain(change.target);
    switch (what.kind) {
        case DiskChangeKind::Fail:
            return fmt::format("let {} fail on the disk of {}", calls_that_fail(what.errors), who);
        case DiskChangeKind::Fill:
            return fmt::format("fill the disk of {}", who);
        case DiskChangeKind::Slow:
            return fmt::format("slow the disk of {} down to {}", who, speed_of(what));
        case DiskChangeKind::Mend:
            return fmt::format("mend the disk of {}", who);
        case DiskChangeKind::Rot:
            return fmt::format(
                "change {}{} on the disk of {}",
                what.bits == 1 ? std::string("a bit") : fmt::format("{} bits", what.bits),
                words_of(what.place), who);
        case DiskChangeKind::Misplace:
            return fmt::format("let the next write to the disk of {} go {}", who,
                               what.where == SimDisk::Misplaced::Nowhere ? "nowhere" : "elsewhere");
        case DiskChangeKind::Save:
            return fmt::format("remember the disk of {}", who);
        case DiskChangeKind::RollBack:
            return fmt::format("roll the disk of {} back to what is remembered", who);
        case DiskChangeKind::Clone:
            return fmt::format("give {} a copy of the disk of {}", who, explain(change.from));
        case DiskChangeKind::Lose:
            return fmt::format("lose the disk of {}", who);
    }
    return "?";
}

// One overload for each kind of action.
struct ActionWords {
    std::string operator()(const Crash& crash) const {
        return fmt::format("crash {}{}{}", explain(crash.target),
                           crash.moment == CrashMoment::AtEvent ? " in its next event" : "",
                           after_that("restart", crash.restart_after));
    }
    std::string operator()(const Restart& restart) const {
        return fmt::format("restart what is down of {}", explain(restart.target));
    }
    std::string operator()(const Pause& pause) const {
        return fmt::format("pause {}{}", explain(pause.target),
                           after_that("resume", pause.resume_after));
    }
    std::string operator()(const Resume& resume) const {
        return fmt::format("resume {}", explain(resume.target));
    }
    std::string operator()(const Partition& partition) const {
        return explain_shape(partition) +
               (partition.cut_clients ? std::string(", and cut the clients off from there") : "");
    }
    std::string operator()(const ChangeLinks& links) const {
        std::string text = fmt::format("{} from {} to {}", verb_of(links.change),
                                       explain(links.from), explain(links.to));
        if (links.change == LinkChange::Quality) text += ": " + explain(links.quality);
        return text;
    }
    std::string operator()(const HealNetwork&) const { return "heal the network"; }
    std::string operator()(const ChangeClock& change) const {
        std::string text = fmt::format("change the clock of {}:", explain(change.target));
        std::vector<std::string> what;
        if (change.step.nanos != 0) what.push_back("it jumps by " + to_string(change.step));
        if (change.drift_ppm) what.push_back(fmt::format("it drifts by {} ppm", *change.drift_ppm));
        if (change.freeze_for)
            what.push_back("it stands still for " + to_string(*change.freeze_for));
        if (change.strobe) {
            what.push_back(fmt::format(
                "it jumps forth and back by {} every {} for {}", to_string(change.strobe->by),
                to_string(change.strobe->every), to_string(change.strobe->lasts)));
        }
        return text + " " + (what.empty() ? std::string("it stays") : list_of(what, "and"));
    }
    std::string operator()(const ChangeMembership& change) const {
        if (change.set) return fmt::format("ask for these members: {}", explain(*change.set));
        std::vector<std::string> what;
        if (names_somebody(change.add)) {
            what.push_back(fmt::format("add {} as {}{}", explain(change.add),
                                       one_server(change.add) ? "a " : "",
                                       words_of(change.add_as, one_server(change.add))));
        }
        if (names_somebody(change.remove)) what.push_back("remove " + explain(change.remove));
        return "ask the leader to " + list_of(what, "and");
    }
    std::string operator()(const TransferLeadership& transfer) const {
        return "ask the leader to hand over to " + (names_somebody(transfer.to)
                                                        ? explain(transfer.to)
                                                        : std::string("whom it thinks best"));
    }
    std::string operator()(const TakeSnapshot& snapshot) const {
        return fmt::format("let {} take a snapshot", explain(snapshot.target));
    }
    std::string operator()(const WipeDisk& wipe) const {
        return fmt::format("wipe the disk of what is down{} of {}",
                           wipe.members_too ? ", members too," : " and no member",
                           explain(wipe.target));
    }
    std::string operator()(const StallDisk& stall) const {
        return fmt::format("stall the disk of {}{}", explain(stall.target),
                           after_that("release it", stall.release_after));
    }
    std::string operator()(const ReleaseDisk& release) const {
        return fmt::format("release the disk of {}", explain(release.target));
    }
    std::string operator()(const ChangeDisk& change) const {
        return explain_disk(change) + after_that("mend it", change.mend_after);
    }
    std::string operator()(const ReplaceServer& replace) const {
        return fmt::format("let the operator replace {}", explain(replace.target));
    }
    std::string operator()(const Invoke& invoke) const {
        return fmt::format("invoke {} put{}{}, first sent to {}{}", invoke.count,
                           invoke.count == 1 ? "" : "s",
                           invoke.count == 1   ? ""
                           : invoke.concurrent ? " at the same time"
                                               : " one after the other",
                           explain(invoke.server), invoke.stick ? " and to no other server" : "");
    }
    std::string operator()(const RunClients& clients) const {
        return clients.run ? "let the clients go on" : "stop the clients";
    }
    std::string operator()(const Mark&) const { return "set the mark"; }
    std::string operator()(const Expect& expect) const {
        return fmt::format("expect that {}", explain(expect));
    }
};

const char* words_of(Metric metric) {
    switch (metric) {
        case Metric::Leader:
            return "the leader's number";
        case Metric::Leaders:
            return "the number of servers that believe to lead";
        case Metric::HighestTerm:
            return "the highest term";
        case Metric::Commit:
            return "the highest commit index";
        case Metric::Behind:
            return "the number of servers behind the highest commit index";
        case Metric::Messages:
            return "the number of messages between servers";
        case Metric::Bytes:
            return "the number of bytes between servers";
        case Metric::OperationsOk:
            return "the number of operations answered ok";
        case Metric::OperationsOpen:
            return "the number of open operations";
        case Metric::Voters:
            return "the number of voters";
        case Metric::Learners:
            return "the number of learners";
        case Metric::Joint:
            return "the number of joint configurations";
        case Metric::ChangesDone:
            return "the number of membership changes";
        case Metric::TransfersDone:
            return "the number of leadership transfers";
        case Metric::SnapshotsTaken:
            return "the number of snapshots taken";
        case Metric::SnapshotsInstalled:
            return "the number of snapshots of leaders installed";
        case Metric::LogEntries:
            return "the length of the longest log";
        case Metric::LeaseReads:
            return "the number of reads that a lease allowed";
        case Metric::SessionsExpired:
            return "the number of requests whose session was gone";
        case Metric::DiskStops:
            return "the number of servers that stopped because of their disk";
        case Metric::DisksRefused:
            return "the number of starts that the disk did not allow";
        case Metric::ServersReplaced:
            return "the number of servers replaced";
        case Metric::NeedOperator:
            return "the number of servers that wait to be replaced";
    }
    return "?";
}

}  // namespace

std::string explain(const Target& target) {
    switch (target.kind) {
        case TargetKind::Servers: {
            std::vector<std::string> numbers;
            for (const ServerId server : target.servers) {
                numbers.push_back(fmt::format("{}", server.value()));
            }
            if (numbers.empty()) return "nobody";
            return (numbers.size() == 1 ? "server " : "servers ") + list_of(numbers, "and");
        }
        case TargetKind::Leader:
            return "the leader";
        case TargetKind::Followers:
            return "all followers";
        case TargetKind::Random:
            return target.count == 1 ? std::string("a random server")
                                     : fmt::format("{} random servers", target.count);
        case TargetKind::RandomFollowers:
            return target.count == 1 ? std::string("a random follower")
                                     : fmt::format("{} random followers", target.count);
        case TargetKind::Minority:
            return "a random minority";
        case TargetKind::MinorityWithLeader:
            return "a minority with the leader";
        case TargetKind::All:
            return "all servers";
    }
    return "?";
}

std::string explain(const Expect& expect) {
    for (const FlagQuestion& known : kFlagQuestions) {
        if (same_question(expect, known.expect)) return known.words;
    }
    if (expect.metric == Metric::Leader && expect.min == expect.max) {
        return fmt::format("server {} leads", expect.min);
    }
    if (expect.metric == Metric::Commit && expect.max == UINT64_MAX && !expect.since_mark) {
        return fmt::format("index {} is committed", expect.min);
    }
    if (const NumberQuestion* known = number_question_of(expect)) {
        const bool most = known->bound == Bound::Most;
        const uint64_t asked = most ? expect.max : expect.min;
        return fmt::format("{}{} {}{}", most ? "at most " : "", asked,
                           asked == 1 ? known->words_for_one : known->words,
                           expect.since_mark ? " since the mark" : "");
    }
    std::string number = fmt::format("{} to {}", expect.min, expect.max);
    if (expect.max == UINT64_MAX) number = fmt::format("at least {}", expect.min);
    if (expect.min == 0) number = fmt::format("at most {}", expect.max);
    if (expect.min == expect.max) number = fmt::format("{}", expect.min);
    if (!expect.since_mark) return fmt::format("{} is {}", words_of(expect.metric), number);
    return fmt::format("{} rose by {} since the mark", words_of(expect.metric), number);
}

std::string explain(const Step& step) {
    std::vector<std::string> times;
    if (step.at) times.push_back(fmt::format("at {}", to_string(*step.at)));
    if (step.after) times.push_back(fmt::format("{} later", to_string(*step.after)));
    if (step.when) {
        times.push_back(
            fmt::format("as soon as {} (within {})", explain(*step.when), to_string(step.within)));
    }
    std::string text = times.empty() ? std::string("at once") : list_of(times, "and");
    text += ": ";
    text += step.action ? std::visit(ActionWords(), *step.action) : std::string("go on");
    if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    text += '.';
    if (!step.label.empty() && !step.label.starts_with("line ")) {
        text += fmt::format(" ({})", step.label);
    }
    return text;
}

}  // namespace wavetank
