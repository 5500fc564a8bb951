// Remembering what was chosen when a read was asked for, and comparing it with what is answered.
// Reads are answered nearly in the order in which they were asked for, so the search begins at the
// oldest.
#include "sim/check/reads.h"

#include <algorithm>

namespace wavetank {
namespace {

constexpr std::string_view kReadIndex = "read index";
constexpr std::string_view kLease = "lease exclusivity";

// A server whose disk has failed answers nobody; what it was asked is forgotten at last.
constexpr std::size_t kWaitingMax = 16'384;

}  // namespace

void ReadOracle::before_step(const ServerShadow& server, const Observation& now) {
    Waiting read;
    if (const auto* own = std::get_if<Read>(now.input)) {
        read.ticket = own->ticket;
    } else if (const auto* recv = std::get_if<Recv>(now.input)) {
        const auto* asked = std::get_if<ReadIndex>(&recv->message);
        if (asked == nullptr) return;
        read.ticket = asked->context;
        read.from = recv->from;
    } else {
        return;
    }
    Fifo<Waiting>& reads = waiting_[shadow_.position_of(server)];
    if (read.from) {
        Waiting* copy = reads.find([&](const Waiting& other) {
            return other.ticket == read.ticket && other.from == read.from;
        });
        if (copy != nullptr) {
            ++copy->copies;
            return;
        }
    }
    read.chosen = shadow_.chosen.last_index();
    if (server.role == Role::Leader) {
        read.term = server.term;
        const auto& sent = server.round_sent;
        read.round = sent.term == server.term ? sent.round + 1 : 1;
    }
    if (reads.size() == kWaitingMax) reads.drop_oldest();
    reads.push(read);
}

void ReadOracle::after_step(const ServerShadow& server, const Observation& now) {
    for (const ReadDone& done : now.output->reads) {
        answered(server, {done.ticket, ServerId(), done.ok, done.index, done.by_lease});
    }
    for (const Send& send : now.output->sends) {
        const auto* reply = std::get_if<ReadIndexReply>(&send.message);
        if (reply == nullptr) continue;
        answered(server, {reply->context, send.to, reply->ok, reply->index, reply->by_lease});
    }
}

void ReadOracle::on_crash(const ServerShadow& server) {
    waiting_[shadow_.position_of(server)].clear();
}

void ReadOracle::answered(const ServerShadow& server, const Answer& answer) {
    Fifo<Waiting>& reads = waiting_[shadow_.position_of(server)];
    const auto is_it = [&](const Waiting& read) {
        return read.ticket == answer.ticket && read.from == answer.to;
    };
    Waiting* found = reads.find(is_it);
    if (found == nullptr) {
        if (!answer.ok) return;
        findings_.report(kReadIndex,
                         "server {} answers read {} of server {} (0: its own) with index {}, but "
                         "was not asked, or has answered before",
                         server.id, answer.ticket, answer.to, answer.index);
        return;
    }
    const Waiting read = *found;
    if (--found->copies == 0) reads.take(is_it);
    if (!answer.ok) return;
    if (answer.index < read.chosen) {
        findings_.report(kReadIndex,
                         "server {} ({}, term {}) answers read {} of server {} (0: its own) with "
                         "index {}, but index {} was chosen when it was asked for{}",
                         server.id, name_of(server.role), server.term, answer.ticket, answer.to,
                         answer.index, read.chosen, shadow_.broken_contract());
    }
    // A leader may step down in the very step in which it answers: when that removes it.
    const Leadership* leadership = shadow_.leaderships.find(read.term);
    const bool led = leadership != nullptr && leadership->server == server.id;
    if (led && read.term == server.term) {
        judge_leader(server, read, answer);
    } else if (answer.to) {
        findings_.report(kReadIndex,
                         "server {} ({}, term {}) answers read {} of server {}, which it was asked "
                         "for as the leader of term {} (0: of none)",
                         server.id, name_of(server.role), server.term, answer.ticket, answer.to,
                         read.term);
    }
}

void ReadOracle::judge_leader(const ServerShadow& leader, const Waiting& read,
                              const Answer& answer) {
    const EntryId committed = leader.log.find(leader.commit);
    if (shadow_.tree[committed].term != leader.term) {
        findings_.report(kReadIndex,
                         "server {} answers a read with index {} before it has committed an entry "
                         "of its term {}: it does not know how far earlier terms are",
                         leader.id, answer.index, leader.term);
    }
    if (answer.index > leader.commit) {
        findings_.report(kReadIndex,
                         "server {}, leader of term {}, answers a read with index {}; its commit "
                         "index is {}",
                         leader.id, leader.term, answer.index, leader.commit);
    }
    if (answer.by_lease) {
        judge_lease(leader, answer);
    } else {
        judge_round(leader, read);
    }
}

void ReadOracle::judge_lease(const ServerShadow& leader, const Answer& answer) {
    ++figures_.reads;
    last_lease_read_ = {leader.term, shadow_.now, leader.options.lease_duration};
    if (leader.options.lease_duration.nanos == 0) {
        findings_.report(kLease,
                         "server {}, leader of term {}, answers a read from a lease, but "
                         "has none",
                         leader.id, leader.term);
    } else if (leader.lease.term != leader.term || !leader.clock_reading.bounded() ||
               leader.clock_reading.latest() >= leader.lease.until) {
        findings_.report(kLease,
                         "server {}, leader of term {}, answers a read from its lease with index "
                         "{}, but the newest entry of its term that it has committed is not "
                         "certainly younger than {} by its clock",
                         leader.id, leader.term, answer.index,
                         to_string(leader.options.lease_duration));
    }
    for (const auto& [term, choices] : shadow_.choices().items()) {
        if (term <= leader.term) continue;
        findings_.report(kLease,
                         "server {}, leader of term {}, answers a read from its lease with index "
                         "{}, but {} ago the leader of term {} has chosen its first entry{}",
                         leader.id, leader.term, answer.index,
                         to_string(shadow_.now - choices.first_at), term,
                         shadow_.broken_contract());
        return;
    }
}

void ReadOracle::judge_round(const ServerShadow& leader, const Waiting& read) {
    const auto confirmed = [&](const ServerShadow& server) {
        if (server.id == leader.id) return true;
        const uint64_t* answered = server.rounds_answered.find(leader.term);
        return answered != nullptr && *answered >= read.round;
    };
    const auto& before = shadow_.tree[leader.configuration_before].configuration;
    const Configuration& after = shadow_.configuration_of(leader);
    if (shadow_.majority(after, confirmed) || shadow_.majority(before, confirmed)) return;
    findings_.report(kReadIndex,
                     "server {}, leader of term {}, answers a read that came before round {}, but "
                     "that round was answered only by {}, itself included",
                     leader.id, leader.term, read.round, shadow_.who(after, confirmed));
}

void ReadOracle::committed(ServerShadow& server, const Observation& now) {
    const Choices* choices = shadow_.choices().find(now.current_term);
    if (choices != nullptr && choices->first_at == shadow_.now) {
        judge_first_choice(now.current_term);
    }
    if (now.role != Role::Leader || !now.log->in_memory(now.commit_index)) return;
    const Entry& newest = now.log->entry_at(now.commit_index);
    if (newest.term != now.current_term || !newest.clock().bounded()) return;
    server.lease = {newest.term, newest.clock().earliest() + server.options.lease_duration};
}

void ReadOracle::judge_first_choice(Term term) {
    for (const ServerShadow& server : shadow_.servers()) {
        const bool leads_before = server.role == Role::Leader && server.term < term;
        if (!leads_before || server.lease.term != server.term) continue;
        if (!server.clock_reading.bounded()) continue;
        // What its clock shows now, if it went on as it went.
        const Duration passed = shadow_.now - server.clock_read_at;
        const Duration left = server.lease.until - (server.clock_reading.latest() + passed);
        if (left.nanos <= 0) continue;
        findings_.report(
            kLease,
            "the leader of term {} chooses its first entry, but server {}, which leads "
            "term {} as far as it knows, could serve reads from its lease for another "
            "{}{}",
            term, server.id, server.term, to_string(left), shadow_.broken_contract());
    }
    const auto& read = last_lease_read_;
    if (!read.term || read.term >= term) return;
    const Duration margin = shadow_.now - read.at;
    if (figures_.margin && *figures_.margin <= margin) return;
    figures_.margin = margin;
    const int64_t lease = std::max<int64_t>(read.lease.nanos, 1);
    figures_.drift_ppm =
        margin.nanos / lease * 1'000'000 + margin.nanos % lease * 1'000'000 / lease;
}

}  // namespace wavetank
