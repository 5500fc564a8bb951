// Sizes come from the tree of entries, which knows the sum of the payloads up to each of them, so
// every question here is the difference of two numbers.
#include "sim/check/bounds.h"

#include <algorithm>

namespace wavetank {
namespace {

constexpr std::string_view kBounds = "resource bounds";

// How far the log may outgrow the policy: see bounds.h.
constexpr uint64_t kPatience = 4;
constexpr uint64_t kEntriesWhileWriting = 8192;

}  // namespace

BoundOracle::BoundOracle(Shadow& shadow, Findings& findings)
    : shadow_(shadow),
      findings_(findings),
      streams_(shadow.servers().size() * shadow.servers().size()) {}

BoundOracle::Stream& BoundOracle::stream_of(const ServerShadow& leader, const ServerShadow& peer) {
    const std::size_t row = shadow_.position_of(leader) * shadow_.servers().size();
    return streams_[row + shadow_.position_of(peer)];
}

void BoundOracle::before_step(const ServerShadow& server, const Observation& now) {
    const auto* recv = std::get_if<Recv>(now.input);
    if (recv == nullptr || server.role != Role::Leader) return;
    const auto* reply = std::get_if<AppendEntriesReply>(&recv->message);
    if (reply == nullptr || reply->success) return;
    if (const ServerShadow* peer = shadow_.find_server(recv->from)) {
        stream_of(server, *peer).refused = true;
    }
}

void BoundOracle::leader_moved(const ServerShadow& server, const Observation& now,
                               EntryId last_before) {
    const EntryTree& tree = shadow_.tree;
    const EntryTree::Node& last = tree[server.log.last()];
    const uint64_t uncommitted = last.bytes - bytes_up_to(server, now.commit_index);
    if (uncommitted != now.uncommitted_bytes) {
        findings_.report(kBounds,
                         "server {}, leader of term {}, counts {} bytes that are not committed; in "
                         "its log from index {} to {} are {}",
                         server.id, now.current_term, now.uncommitted_bytes,
                         now.commit_index.next(), last.index, uncommitted);
    }
    const bool took_commands =
        last.kind == EntryKind::Command && last.index > tree[last_before].index;
    if (!took_commands) return;
    const uint64_t before = tree[last_before].bytes - bytes_up_to(server, server.commit);
    const uint64_t after = last.bytes - bytes_up_to(server, server.commit);
    if (before == 0 || after <= server.options.uncommitted_bytes_max) return;
    findings_.report(kBounds,
                     "server {}, leader of term {}, had {} bytes that were not committed and took "
                     "{} more; it may have {}",
                     server.id, now.current_term, before, after - before,
                     server.options.uncommitted_bytes_max);
}

void BoundOracle::applied_more(const ServerShadow& server, const Observation& now) {
    const Options& options = server.options;
    if (options.snapshot_entries == 0) return;
    const uint64_t length =
        now.last_applied.value() - std::min(now.last_applied, server.base).value();
    const uint64_t limit = kPatience * options.snapshot_entries +
                           options.snapshot_trailing_entries + options.apply_entries_max +
                           kEntriesWhileWriting;
    if (length <= limit) return;
    findings_.report(
        kBounds,
        "server {} has applied up to index {}, but its log begins after {}: a snapshot "
        "is due every {} entries, and {} are kept behind it",
        server.id, now.last_applied, server.base, options.snapshot_entries,
        options.snapshot_trailing_entries);
}

void BoundOracle::after_step(const ServerShadow& server, const Open& open) {
    if (open.proposals > server.options.open_proposals_max) {
        findings_.report(kBounds, "server {} has {} open proposals; it may have {}", server.id,
                         uint64_t{open.proposals}, uint64_t{server.options.open_proposals_max});
    }
    const bool leads = server.role == Role::Leader;
    if (leads && open.reads > server.options.pending_reads_max) {
        findings_.report(kBounds, "at server {} {} reads wait; it may have {}", server.id,
                         uint64_t{open.reads}, uint64_t{server.options.pending_reads_max});
    }
}

void BoundOracle::judge_size(const ServerShadow& from, const Send& send, LogIndex prev,
                             uint64_t count) {
    const uint64_t bytes = bytes_up_to(from, prev.plus(count)) - bytes_up_to(from, prev);
    const Options& options = from.options;
    const bool too_big = count > 1 && bytes > options.bytes_per_message_max;
    if (!too_big && count <= options.entries_per_message_max) return;
    findings_.report(kBounds,
                     "server {} sends server {} {} entries with {} bytes after index {} in one "
                     "message; it may hold {} entries and {} bytes",
                     from.id, send.to, count, bytes, prev,
                     uint64_t{options.entries_per_message_max}, options.bytes_per_message_max);
}

void BoundOracle::on_send(const ServerShadow& from, const Send& send) {
    const auto* append = std::get_if<AppendEntries>(&send.message);
    if (append == nullptr || from.role != Role::Leader || append->term != from.term) return;
    const uint64_t count = std::max(append->entries.size(), send.entries_to_fetch);
    const ServerShadow* peer = shadow_.find_server(send.to);
    const LogIndex prev = append->prev_log_index;
    const LogIndex end = prev.plus(count);
    if (count == 0 || peer == nullptr || end > from.log.last_index()) return;
    judge_size(from, send, prev, count);

    Stream& stream = stream_of(from, *peer);
    if (stream.term != append->term || stream.session != append->session) {
        stream = Stream{append->term, append->session, prev, prev, LogIndex(), {}, false};
    }
    if (stream.end != prev || stream.refused) {
        stream.begin = prev;
        stream.ends.clear();
        stream.refused = false;
    }
    while (!stream.ends.empty() && stream.ends[0] <= stream.match) stream.ends.drop_oldest();
    const LogIndex open_from = std::min(std::max(stream.begin, stream.match), prev);
    const uint64_t bytes = bytes_up_to(from, prev) - bytes_up_to(from, open_from);
    const InflightWindow::Limits& window = from.options.window;
    if (stream.ends.size() >= window.messages_max || (bytes >= window.bytes_max && bytes > 0)) {
        findings_.report(kBounds,
                         "server {}, leader of term {}, sends server {} another message with "
                         "entries, although {} with {} bytes are not answered; its window is {} "
                         "messages and {} bytes",
                         from.id, from.term, send.to, uint64_t{stream.ends.size()}, bytes,
                         uint64_t{window.messages_max}, window.bytes_max);
    }
    stream.end = end;
    stream.ends.push(end);
}

void BoundOracle::on_match(const ServerShadow& leader, const ServerShadow& peer, LogIndex match) {
    Stream& stream = stream_of(leader, peer);
    if (stream.term == leader.term) stream.match = std::max(stream.match, match);
}

}  // namespace wavetank
