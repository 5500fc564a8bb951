// Printing of steps, questions, targets and actions.
#include "scenarios/names.h"
#include "scenarios/print.h"

namespace wavetank {
namespace {

struct Printed {
    const char* name;
    TextTree block;
};

// One overload for each kind of action.
class ActionPrinter {
 public:
    explicit ActionPrinter(const LinkQuality& network) : network_(network) {}

    Printed operator()(const Crash& crash) const {
        TextTree tree = on(crash.target);
        if (crash.moment != CrashMoment::Now) {
            tree.add_word("moment", name_in(kCrashMoments, crash.moment));
        }
        if (crash.restart_after) tree.add_span("restart_after", *crash.restart_after);
        return {"crash", std::move(tree)};
    }
    Printed operator()(const Restart& restart) const { return {"restart", on(restart.target)}; }
    Printed operator()(const Pause& pause) const {
        TextTree tree = on(pause.target);
        if (pause.resume_after) tree.add_span("resume_after", *pause.resume_after);
        return {"pause", std::move(tree)};
    }
    Printed operator()(const Resume& resume) const { return {"resume", on(resume.target)}; }
    Printed operator()(const Partition& partition) const {
        TextTree tree;
        tree.add_word("shape", name_in(kPartitionShapes, partition.shape));
        if (names_somebody(partition.target)) {
            tree.add_block("target", tree_of(partition.target));
        }
        if (partition.cut_clients) tree.add_flag("cut_clients", true);
        return {"partition", std::move(tree)};
    }
    Printed operator()(const ChangeLinks& links) const {
        TextTree tree;
        tree.add_block("from", tree_of(links.from));
        tree.add_block("to", tree_of(links.to));
        if (links.change == LinkChange::Quality) {
            tree.add_block("quality", tree_of(links.quality, network_));
        }
        return {name_in(kLinkChanges, links.change), std::move(tree)};
    }
    Printed operator()(const HealNetwork&) const { return {"heal_network", {}}; }
    Printed operator()(const ChangeClock& change) const {
        TextTree tree = on(change.target);
        const bool other = change.drift_ppm || change.freeze_for || change.strobe;
        if (change.step.nanos != 0 || !other) tree.add_span("step", change.step);
        if (change.drift_ppm) tree.add_signed("drift_ppm", *change.drift_ppm);
        if (change.freeze_for) tree.add_span("freeze_for", *change.freeze_for);
        if (change.strobe) {
            TextTree strobe;
            strobe.add_span("by", change.strobe->by);
            strobe.add_span("every", change.strobe->every);
            strobe.add_span("lasts", change.strobe->lasts);
            tree.add_block("strobe", std::move(strobe));
        }
        return {"change_clock", std::move(tree)};
    }
    Printed operator()(const ChangeMembership& change) const {
        TextTree tree;
        if (change.set) tree.add_block("set", tree_of(*change.set));
        if (names_somebody(change.add)) tree.add_block("add", tree_of(change.add));
        if (change.add_as != MemberKind::Voter) {
            tree.add_word("as", name_in(kMemberKinds, change.add_as));
        }
        if (names_somebody(change.remove)) tree.add_block("remove", tree_of(change.remove));
        return {"change_members", std::move(tree)};
    }
    Printed operator()(const TransferLeadership& transfer) const {
        TextTree tree;
        if (names_somebody(transfer.to)) tree.add_block("to", tree_of(transfer.to));
        return {"transfer", std::move(tree)};
    }
    Printed operator()(const TakeSnapshot& snapshot) const {
        return {"take_snapshot", on(snapshot.target)};
    }
    Printed operator()(const WipeDisk& wipe) const {
        TextTree tree = on(wipe.target);
        if (wipe.members_too) tree.add_flag("members_too", true);
        return {"wipe_disk", std::move(tree)};
    }
    Printed operator()(const StallDisk& stall) const {
        TextTree tree = on(stall.target);
        if (stall.release_after) tree.add_span("release_after", *stall.release_after);
        return {"stall_disk", std::move(tree)};
    }
    Printed operator()(const ReleaseDisk& release) const {
        return {"release_disk", on(release.target)};
    }
    Printed operator()(const ChangeDisk& change) const {
        const DiskChange& what = change.change;
        TextTree tree = on(change.target);
        if (what.errors.read) tree.add_flag("read", true);
        if (what.errors.write) tree.add_flag("write", true);
        if (what.errors.sync) tree.add_flag("sync", true);
        if (what.write) tree.add_block("write", tree_of(*what.write));
        if (what.bytes_per_second > 0) tree.add("bytes_per_second", what.bytes_per_second);
        if (what.bits != DiskChange().bits) tree.add("bits", what.bits);
        if (what.place.file) tree.add_word("file", name_in(kRotFiles, *what.place.file));
        if (what.place.offset) tree.add("offset", *what.place.offset);
        if (what.place.entry) tree.add("entry", what.place.entry.value());
        if (what.where != DiskChange().where) {
            tree.add_word("where", name_in(kMisplaced, what.where));
        }
        if (what.kind == DiskChangeKind::Clone) tree.add_block("from", tree_of(change.from));
        if (change.mend_after) tree.add_span("mend_after", *change.mend_after);
        return {name_in(kDiskChanges, what.kind), std::move(tree)};
    }
    Printed operator()(const ReplaceServer& replace) const {
        return {"replace_server", on(replace.target)};
    }
    Printed operator()(const Invoke& invoke) const {
        TextTree tree;
        if (invoke.count != 1) tree.add("count", invoke.count);
        if (!invoke.concurrent) tree.add_flag("concurrent", false);
        if (invoke.stick) tree.add_flag("stick", true);
        if (invoke.server.kind != TargetKind::Leader) {
            tree.add_block("target", tree_of(invoke.server));
        }
        return {"invoke", std::move(tree)};
    }
    Printed operator()(const RunClients& clients) const {
        return {clients.run ? "start_clients" : "stop_clients", {}};
    }
    Printed operator()(const Mark&) const { return {"mark", {}}; }
    Printed operator()(const Expect& expect) const { return {"expect", tree_of(expect)}; }

 private:
    static TextTree on(const Target& target) {
        TextTree tree;
        tree.add_block("target", tree_of(target));
        return tree;
    }
    const LinkQuality& network_;
};

}  // namespace

TextTree tree_of(const Target& target) {
    TextTree tree;
    if (target.kind == TargetKind::Servers) {
        std::vector<uint64_t> servers;
        for (const ServerId server : target.servers) servers.push_back(server.value());
        tree.add_list("servers", servers);
        return tree;
    }
    for (const RoleName& role : kRoles) {
        if (role.kind != target.kind) continue;
        if (role.counted) {
            tree.add(role.name, target.count);
        } else {
            tree.add_flag(role.name, true);
        }
    }
    return tree;
}

TextTree tree_of(const Expect& expect) {
    TextTree tree;
    for (const FlagQuestion& known : kFlagQuestions) {
        if (!same_question(expect, known.expect)) continue;
        tree.add_flag(known.name, known.value);
        return tree;
    }
    if (expect.metric == Metric::Leader && expect.min == expect.max) {
        tree.add("leader_is", expect.min);
    } else if (const NumberQuestion* known = number_question_of(expect)) {
        tree.add(known->name, known->bound == Bound::Most ? expect.max : expect.min);
    } else {
        tree.add_word("metric", name_in(kMetricNames, expect.metric));
        if (expect.min != 0 || expect.max == UINT64_MAX) tree.add("min", expect.min);
        if (expect.max != UINT64_MAX) tree.add("max", expect.max);
    }
    if (expect.since_mark) tree.add_flag("since_mark", true);
    return tree;
}

TextTree tree_of(const Step& step, const LinkQuality& network) {
    TextTree tree;
    if (step.at) tree.add_span("at", *step.at);
    if (step.after) tree.add_span("after", *step.after);
    if (step.when) {
        tree.add_block("when", tree_of(*step.when));
        if (step.within != Step().within) tree.add_span("within", step.within);
    }
    if (!step.label.empty() && !step.label.starts_with("line ")) tree.add_text("label", step.label);
    if (step.action) {
        Printed action = std::visit(ActionPrinter(network), *step.action);
        tree.add_block(action.name, std::move(action.block));
    } else if (!step.when) {
        tree.add_block("wait", {});
    }
    return tree;
}

}  // namespace wavetank
