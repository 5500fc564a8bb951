// Judging messages when they leave, and acknowledgements when they are believed. A message is
// judged once, by what its sender has in memory and on disk at that moment; after that the network
// may delay and repeat it as it likes, because none of what it says can become untrue in its term.
#include "sim/check/sends.h"

#include <algorithm>
#include <variant>

#include "sim/check/elections.h"
#include "sim/check/roles.h"

namespace wavetank::oracles {
namespace {

constexpr std::string_view kPersistBeforeSend = "persist before send";
constexpr std::string_view kMessageTruth = "message truth";
constexpr std::string_view kAckTruth = "ack truth";
constexpr std::string_view kLogSearch = "log search";

// Far more than are on their way at once, or than heartbeats could make in a run.
constexpr uint64_t kRefusalsMax = 2000;

class SendJudge {
 public:
    SendJudge(Shadow& shadow, Findings& findings, ServerShadow& from, const Send& send)
        : shadow_(shadow), findings_(findings), from_(from), send_(send), to_(send.to) {}

    void operator()(const PreVote& message);
    void operator()(const PreVoteReply& message);
    void operator()(const RequestVote& message);
    void operator()(const RequestVoteReply& message);
    void operator()(const AppendEntries& message);
    void operator()(const AppendEntriesReply& message);
    void operator()(const InstallSnapshot& message);
    void operator()(const InstallSnapshotReply& message);
    void operator()(const TimeoutNow& message);
    void operator()(const ForwardProposalReply& message);
    // The other messages promise nothing; those of reads are judged in reads.h.
    template <class Other>
    void operator()(const Other& message) {
        term_at_most(name_of(send_.message), message.term, from_.term);
    }

 private:
    void term_at_most(const char* what, Term term, Term limit) {
        if (term <= limit) return;
        findings_.report(kMessageTruth, "server {} in term {} sends {} of term {} to server {}",
                         from_.id, from_.term, what, term, to_);
    }

    void refuses_again(const AppendEntriesReply& message);

    void durable_vote(const char* what, Term term, ServerId candidate) {
        const VoteRecord* vote = from_.votes.find(term);
        const bool durable = vote != nullptr && vote->durable && !vote->on_lost_disk;
        if (durable && vote->candidate == candidate) return;
        findings_.report(kPersistBeforeSend,
                         "server {} sends {} of term {} to server {}, which rests on its vote for "
                         "server {}; its disk holds term {} and vote {}",
                         from_.id, what, term, to_, candidate, from_.disk.hard_state.current_term,
                         from_.disk.hard_state.voted_for);
    }

    void describes_own_log(const char* what, LogIndex last_index, Term last_term) {
        const EntryTree::Node& last = shadow_.tree[from_.log.last()];
        if (last.index == last_index && last.term == last_term) return;
        findings_.report(kMessageTruth,
                         "server {} (term {}) says in {} that its log ends at index {} of term {}; "
                         "it ends at index {} of term {}",
                         from_.id, from_.term, what, last_index, last_term, last.index, last.term);
    }

    bool is_winner(const char* what, Term term);
    // The entries are those of the leader's log. Its first is judged by prev, its last here; one in
    // between that differs will be a phantom in the receiver's log.
    bool is_own_log(const AppendEntries& message) const {
        const LogShadow& log = from_.log;
        const LogIndex prev = message.prev_log_index;
        const LogIndex end = prev.plus(count_of(message));
        if (prev > log.last_index() || end > log.last_index()) return false;
        if (shadow_.tree[log.at(prev)].term != message.prev_log_term) return false;
        if (message.entries.empty()) return true;
        const Entry& last = message.entries[message.entries.size() - 1];
        return message.entries.first_index() == prev.next() &&
               shadow_.tree[log.at(end)].content == EntryTree::content_of(last);
    }

    // With those that the host fetches.
    uint64_t count_of(const AppendEntries& message) const {
        return std::max(message.entries.size(), send_.entries_to_fetch);
    }

    Shadow& shadow_;
    Findings& findings_;
    ServerShadow& from_;
    const Send& send_;
    ServerId to_;
};

bool SendJudge::is_winner(const char* what, Term term) {
    const Leadership* leadership = shadow_.leaderships.find(term);
    if (leadership != nullptr && leadership->server == from_.id) return true;
    findings_.report(kMessageTruth,
                     "server {} ({}, term {}) sends {} of term {} to server {}, a term won by "
                     "server {} (0: nobody)",
                     from_.id, name_of(from_.role), from_.term, what, term, to_,
                     leadership == nullptr ? ServerId() : leadership->server);
    return false;
}

void SendJudge::operator()(const PreVote& message) {
    term_at_most("PreVote", message.term, from_.term.next());
    if (message.term != from_.term.next()) return;
    describes_own_log("PreVote", message.last_log_index, message.last_log_term);
    // Of all that it has asked with, the best: an older question may be answered late.
    Campaign& best = from_.pre_campaigns.of(message.term);
    const bool better = message.last_log_term != best.last_term
                            ? message.last_log_term > best.last_term
                            : message.last_log_index > best.last_index;
    if (better) best = {message.last_log_index, message.last_log_term};
}

void SendJudge::operator()(const PreVoteReply& message) {
    term_at_most("PreVoteReply", message.term, from_.term);
    if (!message.granted) return;
    ServerShadow* candidate = shadow_.find_server(to_);
    if (candidate == nullptr) return;
    const Campaign* asked = candidate->pre_campaigns.find(message.campaign_term);
    if (asked == nullptr || message.campaign_term <= from_.term ||
        !is_up_to_date(shadow_, from_, *asked) || leader_is_fresh(shadow_, from_, to_)) {
        findings_.report(kMessageTruth,
                         "server {} (term {}) grants server {} a pre-vote for term {}, although {}",
                         from_.id, from_.term, to_, message.campaign_term,
                         asked == nullptr                         ? "it has never asked for one"
                         : message.campaign_term <= from_.term    ? "that is no later term"
                         : !is_up_to_date(shadow_, from_, *asked) ? "its own log is more up to date"
                                                                  : "it has just heard its leader");
    }
    std::vector<ServerId>& granted = candidate->pre_votes.of(message.campaign_term);
    if (!contains(granted, from_.id)) granted.push_back(from_.id);
}

void SendJudge::operator()(const RequestVote& message) {
    term_at_most("RequestVote", message.term, from_.term);
    durable_vote("RequestVote", message.term, from_.id);
    if (message.term != from_.term) return;
    describes_own_log("RequestVote", message.last_log_index, message.last_log_term);
    from_.campaigns.of(message.term) = Campaign{message.last_log_index, message.last_log_term};
    if (message.transfer && from_.transfer_campaign != message.term) {
        findings_.report(kMessageTruth,
                         "server {} says in RequestVote of term {} that a leader has asked it to "
                         "campaign, but that was {} (0: never)",
                         from_.id, message.term, from_.transfer_campaign);
    }
    if (message.last_log_index > from_.log.last_index() ||
        from_.disk.log.has(message.last_log_index, from_.log.at(message.last_log_index))) {
        return;
    }
    findings_.report(kPersistBeforeSend,
                     "server {} asks for votes in term {} with a log up to index {} of term {}, "
                     "but its disk holds {}",
                     from_.id, message.term, message.last_log_index, message.last_log_term,
                     shadow_.tree.describe(from_.disk.log.last()));
}

void SendJudge::operator()(const RequestVoteReply& message) {
    term_at_most("RequestVoteReply", message.term, from_.term);
    if (!message.granted) return;
    note_vote(findings_, from_, {message.term, to_, VoteSeen::InGrant});
    durable_vote("a granted RequestVoteReply", message.term, to_);
}

void SendJudge::operator()(const AppendEntries& message) {
    term_at_most("AppendEntries", message.term, from_.term);
    const LogIndex prev = message.prev_log_index;
    const LogIndex end = prev.plus(count_of(message));
    if (!is_winner("AppendEntries", message.term)) return;
    const bool leads_now = from_.role == Role::Leader && from_.term == message.term;
    if (leads_now && !is_own_log(message)) {
        findings_.report(
            kMessageTruth,
            "server {}, leader of term {}, sends server {} {} entries after index {} of "
            "term {} that are not those of its own log, which ends with {}",
            from_.id, message.term, to_, count_of(message), prev, message.prev_log_term,
            shadow_.tree.describe(from_.log.last()));
    }
    if (message.leader_commit > from_.commit) {
        findings_.report(
            kMessageTruth,
            "server {}, leader of term {}, sends commit index {} to server {}; its own is {}",
            from_.id, message.term, message.leader_commit, to_, from_.commit);
    }
    from_.round_sent.raise(message.term, message.round);
    const ServerShadow* receiver = shadow_.find_server(to_);
    if (receiver != nullptr) from_.sent[shadow_.position_of(*receiver)].raise(message.term, end);
}

void SendJudge::operator()(const AppendEntriesReply& message) {
    term_at_most("AppendEntriesReply", message.term, from_.term);
    if (message.round > 0) {
        uint64_t& answered = from_.rounds_answered.of(message.term);
        answered = std::max(answered, message.round);
    }
    if (!message.success) {
        refuses_again(message);
        return;
    }
    from_.refusals = {};
    const LogIndex match = message.match_index;
    if (from_.disk.hard_state.current_term < message.term) {
        findings_.report(
            kPersistBeforeSend,
            "server {} acknowledges index {} to server {} in term {}, but the term on its "
            "disk is {}",
            from_.id, match, to_, message.term, from_.disk.hard_state.current_term);
    }
    if (message.joined && !from_.disk.hard_state.joined) {
        findings_.report(kPersistBeforeSend,
                         "server {} tells server {} in term {} that it has joined, but its disk "
                         "does not say so",
                         from_.id, to_, message.term);
    }
    const bool durable =
        match <= from_.log.last_index() && from_.disk.log.has(match, from_.log.at(match));
    if (!durable) {
        findings_.report(kPersistBeforeSend,
                         "server {} acknowledges index {} to server {} in term {}; its memory ends "
                         "with {}, its disk with {}, and they do not agree up to there",
                         from_.id, match, to_, message.term,
                         shadow_.tree.describe(from_.log.last()),
                         shadow_.tree.describe(from_.disk.log.last()));
        return;
    }
    const EntryId acknowledged = from_.log.at(match);
    const Leadership* leadership = shadow_.leaderships.find(message.term);
    if (leadership == nullptr || leadership->server != to_ ||
        !shadow_.tree.contains(leadership->last, acknowledged)) {
        findings_.report(
            kAckTruth,
            "server {} acknowledges {} to server {} as the log of the leader of term {}, "
            "which is server {} (0: nobody); that leader's log goes up to {} and has not "
            "this entry",
            from_.id, shadow_.tree.describe(acknowledged), to_, message.term,
            leadership == nullptr ? ServerId() : leadership->server,
            shadow_.tree.describe(leadership == nullptr ? EntryId() : leadership->last));
        return;
    }
    const ServerShadow::Sent& sent = shadow_.server(to_).sent[shadow_.position_of(from_)];
    if (sent.term == message.term && match > sent.end) {
        findings_.report(
            kAckTruth,
            "server {} acknowledges index {} to server {} in term {}, but was sent entries "
            "up to index {} only: more than was verified",
            from_.id, match, to_, message.term, sent.end);
    }
    LogIndex& highest = from_.acknowledged.of(message.term);
    highest = std::max(highest, match);
}

void SendJudge::refuses_again(const AppendEntriesReply& message) {
    ServerShadow::Refusals& refusals = from_.refusals;
    const bool same = refusals.term == message.term && refusals.index == message.rejected_index &&
                      refusals.log_end == from_.log.last();
    if (!same) refusals = {message.term, message.rejected_index, from_.log.last(), 0};
    if (++refusals.count != kRefusalsMax) return;
    findings_.report(kLogSearch,
                     "server {} has refused AppendEntries of server {} {} times in a row in term "
                     "{}, always after index {}, its own log up to {}: the search for the place "
                     "where both agree does not move",
                     from_.id, to_, refusals.count, message.term, message.rejected_index,
                     shadow_.tree.describe(from_.log.last()));
}

void SendJudge::operator()(const InstallSnapshot& message) {
    term_at_most("InstallSnapshot", message.term, from_.term);
    if (!is_winner("InstallSnapshot", message.term)) return;
    const SnapshotMeta& meta = message.meta;
    const std::optional<SnapshotMeta>& durable = from_.disk.snapshot;
    // To a witness goes the same without data.
    const bool same_data =
        durable && meta.bytes == durable->bytes && meta.digest == durable->digest;
    const bool no_data = meta.bytes == 0 && meta.digest == 0 && message.data.size() == 0;
    if (!durable || meta.last != durable->last || !(same_data || no_data) ||
        meta.configuration.members() != durable->configuration.members()) {
        findings_.report(kPersistBeforeSend,
                         "server {}, leader of term {}, sends server {} a snapshot up to index {} "
                         "of term {}; that on its disk goes up to {}",
                         from_.id, message.term, to_, meta.index(), meta.last.term,
                         durable ? durable->index() : LogIndex());
    }
    const uint64_t size = std::max<uint64_t>(message.data.size(), send_.bytes_to_fetch);
    if (message.offset > meta.bytes || size > meta.bytes - message.offset) {
        findings_.report(kMessageTruth,
                         "server {} sends server {} {} bytes from offset {} of a snapshot of {}",
                         from_.id, to_, size, message.offset, meta.bytes);
    }
    const ServerShadow* receiver = shadow_.find_server(to_);
    if (receiver == nullptr) return;
    from_.sent[shadow_.position_of(*receiver)].raise(message.term, meta.index());
}

void SendJudge::operator()(const InstallSnapshotReply& message) {
    term_at_most("InstallSnapshotReply", message.term, from_.term);
    if (message.next_offset == 0) return;
    uint64_t durable = 0;
    for (const PieceRecord& known : from_.pieces) {
        if (known.index == message.index) durable = known.bytes;
    }
    if (message.next_offset <= durable) return;
    findings_.report(
        kPersistBeforeSend,
        "server {} says that {} bytes of the snapshot up to index {} are durable here; "
        "its disk has held {} at most",
        from_.id, message.next_offset, message.index, durable);
}

void SendJudge::operator()(const TimeoutNow& message) {
    term_at_most("TimeoutNow", message.term, from_.term);
    if (!is_winner("TimeoutNow", message.term)) return;
    if (from_.role != Role::Leader) return;  // it leaves; whoever is quick may follow it
    const Configuration& configuration = shadow_.configuration_of(from_);
    if (!votes_in(configuration, to_) || contains(configuration.witnesses(), to_)) {
        findings_.report(kMessageTruth,
                         "server {}, leader of term {}, asks server {} to campaign, which may not "
                         "lead in {}",
                         from_.id, message.term, to_, configuration.to_string());
    }
    const ServerShadow* target = shadow_.find_server(to_);
    if (target == nullptr || target->disk.hard_state.current_term > message.term) return;
    if (target->disk.log.has(from_.log.last_index(), from_.log.last())) return;
    findings_.report(kMessageTruth,
                     "server {}, leader of term {}, asks server {} to campaign, whose disk holds "
                     "{}; it leads with a log up to {}",
                     from_.id, message.term, to_, shadow_.tree.describe(target->disk.log.last()),
                     shadow_.tree.describe(from_.log.last()));
}

void SendJudge::operator()(const ForwardProposalReply& message) {
    term_at_most("ForwardProposalReply", message.term, from_.term);
    if (!message.accepted || !is_winner("ForwardProposalReply", message.term)) return;
    const EntryId entry = from_.log.find(message.index);
    if (entry && shadow_.tree[entry].term == message.term) return;
    findings_.report(kMessageTruth,
                     "server {} says to server {} that it has appended a proposal at index {} in "
                     "term {}; its log has {} there",
                     from_.id, to_, message.index, message.term,
                     entry ? shadow_.tree.describe(entry) : "nothing");
}

}  // namespace

void check_send(Shadow& shadow, Findings& findings, ServerShadow& from, const Send& send) {
    std::visit(SendJudge(shadow, findings, from, send), send.message);
}

void ack_truth(Shadow& shadow, Findings& findings, const ServerShadow& leader, ServerId peer,
               LogIndex match) {
    // Of one that is no member any more nothing counts, and its disk may be gone.
    if (!match || !contains(shadow.configuration_of(leader).all(), peer)) return;
    const ServerShadow* holder = shadow.find_server(peer);
    const LogIndex* acknowledged =
        holder == nullptr ? nullptr : holder->acknowledged.find(leader.term);
    if (leader.role != Role::Leader || acknowledged == nullptr || *acknowledged < match) {
        findings.report(
            kAckTruth,
            "server {} ({}, term {}) believes that server {} holds its log up to index {}; "
            "in that term it has acknowledged index {} at most",
            leader.id, name_of(leader.role), leader.term, peer, match,
            acknowledged == nullptr ? LogIndex() : *acknowledged);
        return;
    }
    if (holder->disk.hard_state.current_term > leader.term) return;
    const bool leader_has_it = match <= leader.log.last_index();
    if (leader_has_it && holder->disk.log.has(match, leader.log.at(match))) return;
    findings.report(
        kAckTruth,
        "server {}, leader of term {}, believes that server {} holds its log up to index "
        "{}, where it has {}; the disk of server {} ends with {}",
        leader.id, leader.term, peer, match,
        leader_has_it ? shadow.tree.describe(leader.log.at(match)) : "nothing", peer,
        shadow.tree.describe(holder->disk.log.last()));
}

}  // namespace wavetank::oracles
