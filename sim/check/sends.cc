// Judging messages when they leave, and acknowledgements when they are believed. A message is
// judged once, by what its sender has in memory and on disk at that moment; after that the network
// may delay and repeat it as it likes, because none of what it says can become untrue in its term.
#include "sim/check/sends.h"

#include <algorithm>
#include <variant>

#include "sim/check/elections.h"

namespace wavetank::oracles {
namespace {

constexpr std::string_view kPersistBeforeSend = "persist before send";
constexpr std::string_view kMessageTruth = "message truth";
constexpr std::string_view kAckTruth = "ack truth";

class SendJudge {
 public:
    SendJudge(Shadow& shadow, Findings& findings, ServerShadow& from, ServerId to)
        : shadow_(shadow), findings_(findings), from_(from), to_(to) {}

    void operator()(const PreVote& message) {
        term_at_most("PreVote", message.term, from_.term.next());
        if (message.term != from_.term.next()) return;
        describes_own_log("PreVote", message.last_log_index, message.last_log_term);
    }

    void operator()(const PreVoteReply& message) {
        term_at_most("PreVoteReply", message.term, from_.term);
    }

    void operator()(const RequestVote& message) {
        term_at_most("RequestVote", message.term, from_.term);
        durable_vote("RequestVote", message.term, from_.id);
        if (message.term != from_.term) return;
        describes_own_log("RequestVote", message.last_log_index, message.last_log_term);
        from_.campaigns.of(message.term) = Campaign{message.last_log_index, message.last_log_term};
        if (message.last_log_index > from_.log.last_index() ||
            from_.disk.log.has(message.last_log_index, from_.log.at(message.last_log_index))) {
            return;
        }
        findings_.report(
            kPersistBeforeSend,
            "server {} asks for votes in term {} with a log up to index {} of term {}, "
            "but its disk holds {}",
            from_.id, message.term, message.last_log_index, message.last_log_term,
            shadow_.tree.describe(from_.disk.log.last()));
    }

    void operator()(const RequestVoteReply& message) {
        term_at_most("RequestVoteReply", message.term, from_.term);
        if (!message.granted) return;
        note_vote(findings_, from_, {message.term, to_, VoteSeen::InGrant});
        durable_vote("a granted RequestVoteReply", message.term, to_);
    }

    void operator()(const AppendEntries& message);
    void operator()(const AppendEntriesReply& message);

 private:
    void term_at_most(const char* what, Term term, Term limit) {
        if (term <= limit) return;
        findings_.report(kMessageTruth, "server {} in term {} sends {} of term {} to server {}",
                         from_.id, from_.term, what, term, to_);
    }

    void durable_vote(const char* what, Term term, ServerId candidate) {
        const VoteRecord* vote = from_.votes.find(term);
        if (vote != nullptr && vote->durable && vote->candidate == candidate) return;
        findings_.report(kPersistBeforeSend,
                         "server {} sends {} of term {} to server {}, which rests on its vote for "
                         "server {}; its disk holds term {} and vote {}",
                         from_.id, what, term, to_, candidate, from_.disk.hard_state.current_term,
                         from_.disk.hard_state.voted_for);
    }

    void describes_own_log(const char* what, LogIndex last_index, Term last_term) {
        const EntryTree::Node& last = shadow_.tree[from_.log.last()];
        if (last.index != last_index || last.term != last_term) {
            findings_.report(
                kMessageTruth,
                "server {} (term {}) says in {} that its log ends at index {} of term {}; "
                "it ends at index {} of term {}",
                from_.id, from_.term, what, last_index, last_term, last.index, last.term);
        }
        if (!shadow_.configuration().is_voter(from_.id)) {
            findings_.report(kMessageTruth, "server {} sends {} but has no vote in {}", from_.id,
                             what, shadow_.configuration().to_string());
        }
    }

    // The entries are those of the leader's log. Its first is judged by prev, its last here; one in
    // between that differs will be a phantom in the receiver's log.
    bool is_own_log(const AppendEntries& message) const {
        const LogShadow& log = from_.log;
        const LogIndex prev = message.prev_log_index;
        const LogIndex end = prev.plus(message.entries.size());
        if (prev > log.last_index() || end > log.last_index()) return false;
        if (shadow_.tree[log.at(prev)].term != message.prev_log_term) return false;
        if (message.entries.empty()) return true;
        const Entry& last = message.entries[message.entries.size() - 1];
        return message.entries.first_index() == prev.next() &&
               shadow_.tree[log.at(end)].content == EntryTree::content_of(last);
    }

    Shadow& shadow_;
    Findings& findings_;
    ServerShadow& from_;
    ServerId to_;
};

void SendJudge::operator()(const AppendEntries& message) {
    term_at_most("AppendEntries", message.term, from_.term);
    const LogIndex prev = message.prev_log_index;
    const LogIndex end = prev.plus(message.entries.size());
    const Leadership* leadership = shadow_.leaderships.find(message.term);
    if (leadership == nullptr || leadership->server != from_.id) {
        findings_.report(
            kMessageTruth,
            "server {} ({}, term {}) sends AppendEntries of term {} to server {}, a term "
            "won by server {} (0: nobody)",
            from_.id, name_of(from_.role), from_.term, message.term, to_,
            leadership == nullptr ? ServerId() : leadership->server);
        return;
    }
    const bool leads_now = from_.role == Role::Leader && from_.term == message.term;
    if (leads_now && !is_own_log(message)) {
        findings_.report(
            kMessageTruth,
            "server {}, leader of term {}, sends server {} {} entries after index {} of "
            "term {} that are not those of its own log, which ends with {}",
            from_.id, message.term, to_, uint64_t{message.entries.size()}, prev,
            message.prev_log_term, shadow_.tree.describe(from_.log.last()));
    }
    if (message.leader_commit > from_.commit) {
        findings_.report(
            kMessageTruth,
            "server {}, leader of term {}, sends commit index {} to server {}; its own is {}",
            from_.id, message.term, message.leader_commit, to_, from_.commit);
    }
    const ServerShadow* receiver = shadow_.find_server(to_);
    if (receiver == nullptr) return;
    ServerShadow::Sent& sent = from_.sent[shadow_.slot_of(*receiver)];
    if (sent.term != message.term) {
        sent = {message.term, end};
    } else {
        sent.end = std::max(sent.end, end);
    }
}

void SendJudge::operator()(const AppendEntriesReply& message) {
    term_at_most("AppendEntriesReply", message.term, from_.term);
    if (!message.success) return;
    const LogIndex match = message.match_index;
    if (from_.disk.hard_state.current_term < message.term) {
        findings_.report(
            kPersistBeforeSend,
            "server {} acknowledges index {} to server {} in term {}, but the term on its "
            "disk is {}",
            from_.id, match, to_, message.term, from_.disk.hard_state.current_term);
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
    const ServerShadow::Sent& sent = shadow_.server(to_).sent[shadow_.slot_of(from_)];
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

}  // namespace

void check_send(Shadow& shadow, Findings& findings, ServerShadow& from, const Send& send) {
    std::visit(SendJudge(shadow, findings, from, send.to), send.message);
}

void ack_truth(Shadow& shadow, Findings& findings, const ServerShadow& leader, ServerId peer,
               LogIndex match) {
    if (!match) return;
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
    if (holder->disk.hard_state.current_term != leader.term) return;
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
