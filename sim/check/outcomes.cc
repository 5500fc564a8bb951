// Proposals and changes by their tickets. Outcomes come nearly in the order of the proposals, so
// the search begins at the oldest.
#include "sim/check/outcomes.h"

#include <algorithm>

namespace wavetank {
namespace {

constexpr std::string_view kOutcomeTruth = "outcome truth";

// A server whose disk has failed answers nobody; what it was asked is forgotten at last.
constexpr std::size_t kChangesMax = 64;

}  // namespace

void OutcomeOracle::before_step(const ServerShadow& server, const Observation& now) {
    Asked& asked = asked_[shadow_.position_of(server)];
    if (const auto* propose = std::get_if<Propose>(now.input)) {
        const bool any = !propose->commands.empty();
        asked.proposing = {propose->ticket, any ? propose->commands[0].digest() : 0,
                           propose->commands.size(), EntryId()};
    } else if (const auto* change = std::get_if<ChangeMembers>(now.input)) {
        if (asked.changes.size() == kChangesMax) asked.changes.erase(asked.changes.begin());
        asked.changes.push_back({change->ticket, Configuration(change->members)});
    }
}

void OutcomeOracle::after_step(const ServerShadow& server, const Observation& now) {
    const Output& output = *now.output;
    Asked& asked = asked_[shadow_.position_of(server)];
    for (const ProposeDone& done : output.proposed) proposed(server, asked, done);
    for (const Outcome& outcome : output.outcomes) ended(server, asked, outcome);
    for (const ChangeDone& done : output.changes) changed(server, asked, done);
    for (const TransferDone& done : output.transfers) transferred(server, done);
}

void OutcomeOracle::on_crash(const ServerShadow& server) {
    asked_[shadow_.position_of(server)] = Asked();
}

void OutcomeOracle::proposed(const ServerShadow& server, Asked& asked, const ProposeDone& done) {
    Proposal proposal = asked.proposing;
    if (proposal.ticket != done.ticket) {
        findings_.report(kOutcomeTruth, "server {} answers proposal {}; it was asked for {}",
                         server.id, done.ticket, proposal.ticket);
        return;
    }
    const bool open =
        done.status == ProposeStatus::Accepted || done.status == ProposeStatus::Forwarded;
    if (!open || proposal.count == 0) return;
    if (done.status == ProposeStatus::Accepted) {
        proposal.entry = server.log.find(done.index);
        const EntryTree::Node& node = shadow_.tree[proposal.entry];
        const LogIndex last = done.index.plus(proposal.count).previous();
        const bool appended = proposal.entry && server.role == Role::Leader &&
                              node.term == server.term && node.payload == proposal.payload &&
                              last <= server.log.last_index();
        if (!appended) {
            findings_.report(kOutcomeTruth,
                             "server {} ({}, term {}) says it has appended proposal {} from index "
                             "{} on, but its log has {} there",
                             server.id, name_of(server.role), server.term, done.ticket, done.index,
                             shadow_.tree.describe(proposal.entry));
            return;
        }
    }
    asked.proposals.push(proposal);
}

void OutcomeOracle::ended(const ServerShadow& server, Asked& asked, const Outcome& outcome) {
    const auto found = asked.proposals.take(
        [&](const Proposal& proposal) { return proposal.ticket == outcome.ticket; });
    if (!found) {
        findings_.report(kOutcomeTruth,
                         "server {} tells what became of proposal {}, which is not open", server.id,
                         outcome.ticket);
        return;
    }
    const Proposal& proposal = *found;
    if (outcome.kind == OutcomeKind::Unknown) return;
    const EntryId chosen = shadow_.chosen.find(outcome.index);
    const bool same = proposal.entry ? chosen == proposal.entry
                                     : chosen && shadow_.tree[chosen].payload == proposal.payload;
    if (outcome.kind == OutcomeKind::Committed && !same) {
        findings_.report(kOutcomeTruth,
                         "server {} says that proposal {} is committed at index {}; chosen there: "
                         "{}",
                         server.id, outcome.ticket, outcome.index,
                         chosen ? shadow_.tree.describe(chosen) : "nothing yet");
    }
    const bool replaced = chosen && !(proposal.entry && chosen == proposal.entry);
    if (outcome.kind == OutcomeKind::Lost && !replaced) {
        findings_.report(kOutcomeTruth,
                         "server {} says that proposal {} is lost to another entry at index {}; "
                         "chosen there: {}",
                         server.id, outcome.ticket, outcome.index,
                         chosen ? "this very proposal" : "nothing yet");
    }
}

void OutcomeOracle::changed(const ServerShadow& server, Asked& asked, const ChangeDone& done) {
    const auto found =
        std::find_if(asked.changes.begin(), asked.changes.end(),
                     [&](const Change& change) { return change.ticket == done.ticket; });
    if (found == asked.changes.end()) {
        findings_.report(kOutcomeTruth,
                         "server {} tells what became of membership change {}, which is not open",
                         server.id, done.ticket);
        return;
    }
    const Configuration wanted = std::move(found->members);
    asked.changes.erase(found);
    if (done.status != ChangeStatus::Done) return;
    const EntryId committed = server.log.find(server.commit);
    const Configuration& in_force = shadow_.configuration_at(server, committed);
    if (in_force.members() == wanted.members()) return;
    findings_.report(kOutcomeTruth,
                     "server {} says that membership change {} to {} is done; committed is {}",
                     server.id, done.ticket, wanted.to_string(), in_force.to_string());
}

void OutcomeOracle::transferred(const ServerShadow& server, const TransferDone& done) {
    const bool leads_no_more =
        done.status == TransferStatus::Done || done.status == TransferStatus::NotLeader;
    if (!leads_no_more || server.role != Role::Leader) return;
    findings_.report(kOutcomeTruth,
                     "server {} says of transfer {} that it leads no more, but it leads term {}",
                     server.id, done.ticket, server.term);
}

}  // namespace wavetank
