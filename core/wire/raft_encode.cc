// From the plain structs to heads, one function a message, then the payloads behind them.
#include <fmt/format.h>

#include "core/base/check.h"
#include "core/wire/body.h"
#include "core/wire/head_arena.h"
#include "core/wire/raft_codec.h"
#include "raft.pb.h"

namespace wavetank {
namespace {

wire::EntryKind kind_of(EntryKind kind) {
    switch (kind) {
        case EntryKind::Empty:
            return wire::ENTRY_KIND_EMPTY;
        case EntryKind::Command:
            return wire::ENTRY_KIND_COMMAND;
        case EntryKind::Configuration:
            return wire::ENTRY_KIND_CONFIGURATION;
    }
    CHECK(false);
    return wire::ENTRY_KIND_UNSPECIFIED;
}

void fill(const EntryRange& from, wire::EntryRange& to) {
    const auto count = static_cast<int>(from.size());
    to.set_first_index(from.first_index().value());
    to.mutable_kinds()->Reserve(count);
    to.mutable_terms()->Reserve(count);
    to.mutable_times()->Reserve(count);
    to.mutable_errors()->Reserve(count);
    to.mutable_payload_bytes()->Reserve(count);
    to.mutable_payload_digests()->Reserve(count);
    for (uint32_t i = 0; i < from.size(); ++i) {
        const Entry& entry = from[i];
        to.add_kinds(kind_of(entry.kind));
        to.add_terms(entry.term.value());
        to.add_times(entry.time.nanos);
        to.add_errors(entry.error.nanos);
        to.add_payload_bytes(entry.payload.size());
        to.add_payload_digests(entry.payload.digest());
        if (entry.payload.is_stub()) to.add_stubs(i);
    }
}

void fill(const std::vector<ServerId>& from, google::protobuf::RepeatedField<uint64_t>& to) {
    to.Reserve(static_cast<int>(from.size()));
    for (const ServerId id : from) to.AddAlreadyReserved(id.value());
}

void fill(const SnapshotMeta& from, wire::SnapshotMeta& to) {
    to.set_last_index(from.last.index.value());
    to.set_last_term(from.last.term.value());
    to.set_chain(from.last.chain);
    to.set_time(from.last.clock.local.nanos);
    to.set_error(from.last.clock.error.nanos);
    wire::Configuration& configuration = *to.mutable_configuration();
    fill(from.configuration.voters(), *configuration.mutable_voters());
    fill(from.configuration.outgoing(), *configuration.mutable_outgoing());
    fill(from.configuration.learners(), *configuration.mutable_learners());
    fill(from.configuration.witnesses(), *configuration.mutable_witnesses());
    to.set_bytes(from.bytes);
    to.set_digest(from.digest);
}

void fill(const PreVote& from, wire::RaftMessage& message) {
    wire::PreVote& to = *message.mutable_pre_vote();
    to.set_term(from.term.value());
    to.set_last_log_index(from.last_log_index.value());
    to.set_last_log_term(from.last_log_term.value());
}

void fill(const PreVoteReply& from, wire::RaftMessage& message) {
    wire::PreVoteReply& to = *message.mutable_pre_vote_reply();
    to.set_term(from.term.value());
    to.set_campaign_term(from.campaign_term.value());
    to.set_granted(from.granted);
}

void fill(const RequestVote& from, wire::RaftMessage& message) {
    wire::RequestVote& to = *message.mutable_request_vote();
    to.set_term(from.term.value());
    to.set_last_log_index(from.last_log_index.value());
    to.set_last_log_term(from.last_log_term.value());
    to.set_transfer(from.transfer);
}

void fill(const RequestVoteReply& from, wire::RaftMessage& message) {
    wire::RequestVoteReply& to = *message.mutable_request_vote_reply();
    to.set_term(from.term.value());
    to.set_granted(from.granted);
}

void fill(const AppendEntries& from, wire::RaftMessage& message) {
    wire::AppendEntries& to = *message.mutable_append_entries();
    to.set_term(from.term.value());
    to.set_prev_log_index(from.prev_log_index.value());
    to.set_prev_log_term(from.prev_log_term.value());
    to.set_leader_commit(from.leader_commit.value());
    to.set_round(from.round);
    to.set_session(from.session);
    if (!from.entries.empty()) fill(from.entries, *to.mutable_entries());
}

void fill(const AppendEntriesReply& from, wire::RaftMessage& message) {
    wire::AppendEntriesReply& to = *message.mutable_append_entries_reply();
    to.set_term(from.term.value());
    to.set_success(from.success);
    to.set_match_index(from.match_index.value());
    to.set_rejected_index(from.rejected_index.value());
    to.set_hint_index(from.hint_index.value());
    to.set_hint_term(from.hint_term.value());
    to.set_round(from.round);
    to.set_session(from.session);
}

void fill(const InstallSnapshot& from, wire::RaftMessage& message) {
    CHECK(!from.data.is_stub());
    wire::InstallSnapshot& to = *message.mutable_install_snapshot();
    to.set_term(from.term.value());
    fill(from.meta, *to.mutable_meta());
    to.set_offset(from.offset);
    to.set_data_bytes(from.data.size());
    to.set_data_digest(from.data.digest());
    to.set_session(from.session);
}

void fill(const InstallSnapshotReply& from, wire::RaftMessage& message) {
    wire::InstallSnapshotReply& to = *message.mutable_install_snapshot_reply();
    to.set_term(from.term.value());
    to.set_index(from.index.value());
    to.set_next_offset(from.next_offset);
    to.set_session(from.session);
}

void fill(const TimeoutNow& from, wire::RaftMessage& message) {
    message.mutable_timeout_now()->set_term(from.term.value());
}

void fill(const ReadIndex& from, wire::RaftMessage& message) {
    wire::ReadIndex& to = *message.mutable_read_index();
    to.set_term(from.term.value());
    to.set_context(from.context);
}

void fill(const ReadIndexReply& from, wire::RaftMessage& message) {
    wire::ReadIndexReply& to = *message.mutable_read_index_reply();
    to.set_term(from.term.value());
    to.set_context(from.context);
    to.set_ok(from.ok);
    to.set_index(from.index.value());
}

void fill(const ForwardProposal& from, wire::RaftMessage& message) {
    wire::ForwardProposal& to = *message.mutable_forward_proposal();
    to.set_term(from.term.value());
    to.set_context(from.context);
    if (!from.entries.empty()) fill(from.entries, *to.mutable_entries());
}

void fill(const ForwardProposalReply& from, wire::RaftMessage& message) {
    wire::ForwardProposalReply& to = *message.mutable_forward_proposal_reply();
    to.set_term(from.term.value());
    to.set_context(from.context);
    to.set_accepted(from.accepted);
    to.set_index(from.index.value());
}

// The payloads of a message, in the order of the head.
template <class Kind, class Each>
void for_each_payload(const Kind&, Each) {}
template <class Each>
void for_each_payload(const EntryRange& entries, Each each) {
    for (uint32_t i = 0; i < entries.size(); ++i) each(entries[i].payload);
}
template <class Each>
void for_each_payload(const AppendEntries& message, Each each) {
    for_each_payload(message.entries, each);
}
template <class Each>
void for_each_payload(const ForwardProposal& message, Each each) {
    for_each_payload(message.entries, each);
}
template <class Each>
void for_each_payload(const InstallSnapshot& message, Each each) {
    each(message.data);
}

template <class Kind>
Result<std::size_t> append(const Kind& message, std::string& out) {
    HeadArena arena;
    auto& head = arena.make<wire::RaftMessage>();
    fill(message, head);

    uint64_t payload_bytes = 0;
    for_each_payload(message, [&](const Payload& payload) { payload_bytes += payload.size(); });
    Result<std::size_t> size = append_head(head, kServerLimits, payload_bytes, out);
    if (!size.ok()) return size;
    for_each_payload(message, [&](const Payload& payload) { out.append(payload.bytes()); });
    return size;
}

}  // namespace

Result<std::size_t> encode(const Message& message, std::string& out) {
    Result<std::size_t> size =
        std::visit([&](const auto& kind) { return append(kind, out); }, message);
    if (size.ok()) return size;
    return Error{fmt::format("{}: {}", name_of(message), size.error().message)};
}

}  // namespace wavetank
