// From the plain structs to heads, one function a message, then the payloads behind them. Each
// function takes its struct apart with a structured binding, so that a field that somebody adds to
// the struct does not compile until it travels as well.
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
        const auto& [term, kind, payload, time, error] = from[i];
        to.add_kinds(kind_of(kind));
        to.add_terms(term.value());
        to.add_times(time.nanos);
        to.add_errors(error.nanos);
        to.add_payload_bytes(payload.size());
        to.add_payload_digests(payload.digest());
        if (payload.is_stub()) to.add_stubs(i);
    }
}

void fill(const std::vector<ServerId>& from, google::protobuf::RepeatedField<uint64_t>& to) {
    to.Reserve(static_cast<int>(from.size()));
    for (const ServerId id : from) to.AddAlreadyReserved(id.value());
}

void fill(const Configuration& from, wire::Configuration& to) {
    const auto& [voters, outgoing, learners, witnesses] = from.members();
    fill(voters, *to.mutable_voters());
    fill(outgoing, *to.mutable_outgoing());
    fill(learners, *to.mutable_learners());
    fill(witnesses, *to.mutable_witnesses());
}

void fill(const SnapshotMeta& from, wire::SnapshotMeta& to) {
    const auto& [last, configuration, bytes, digest] = from;
    const auto& [index, term, chain, clock] = last;
    to.set_last_index(index.value());
    to.set_last_term(term.value());
    to.set_chain(chain);
    to.set_time(clock.local.nanos);
    to.set_error(clock.error.nanos);
    fill(configuration, *to.mutable_configuration());
    to.set_bytes(bytes);
    to.set_digest(digest);
}

void fill(const PreVote& from, wire::RaftMessage& message) {
    const auto& [term, last_log_index, last_log_term] = from;
    wire::PreVote& to = *message.mutable_pre_vote();
    to.set_term(term.value());
    to.set_last_log_index(last_log_index.value());
    to.set_last_log_term(last_log_term.value());
}

void fill(const PreVoteReply& from, wire::RaftMessage& message) {
    const auto& [term, campaign_term, granted] = from;
    wire::PreVoteReply& to = *message.mutable_pre_vote_reply();
    to.set_term(term.value());
    to.set_campaign_term(campaign_term.value());
    to.set_granted(granted);
}

void fill(const RequestVote& from, wire::RaftMessage& message) {
    const auto& [term, last_log_index, last_log_term, transfer] = from;
    wire::RequestVote& to = *message.mutable_request_vote();
    to.set_term(term.value());
    to.set_last_log_index(last_log_index.value());
    to.set_last_log_term(last_log_term.value());
    to.set_transfer(transfer);
}

void fill(const RequestVoteReply& from, wire::RaftMessage& message) {
    const auto& [term, granted] = from;
    wire::RequestVoteReply& to = *message.mutable_request_vote_reply();
    to.set_term(term.value());
    to.set_granted(granted);
}

void fill(const AppendEntries& from, wire::RaftMessage& message) {
    const auto& [term, prev_log_index, prev_log_term, leader_commit, round, entries, session] =
        from;
    wire::AppendEntries& to = *message.mutable_append_entries();
    to.set_term(term.value());
    to.set_prev_log_index(prev_log_index.value());
    to.set_prev_log_term(prev_log_term.value());
    to.set_leader_commit(leader_commit.value());
    to.set_round(round);
    to.set_session(session);
    if (!entries.empty()) fill(entries, *to.mutable_entries());
}

void fill(const AppendEntriesReply& from, wire::RaftMessage& message) {
    const auto& [term, success, match_index, rejected_index, hint_index, hint_term, round, session,
                 joined] = from;
    wire::AppendEntriesReply& to = *message.mutable_append_entries_reply();
    to.set_term(term.value());
    to.set_success(success);
    to.set_match_index(match_index.value());
    to.set_rejected_index(rejected_index.value());
    to.set_hint_index(hint_index.value());
    to.set_hint_term(hint_term.value());
    to.set_round(round);
    to.set_session(session);
    to.set_joined(joined);
}

void fill(const InstallSnapshot& from, wire::RaftMessage& message) {
    const auto& [term, meta, offset, data, session] = from;
    CHECK(!data.is_stub());
    wire::InstallSnapshot& to = *message.mutable_install_snapshot();
    to.set_term(term.value());
    fill(meta, *to.mutable_meta());
    to.set_offset(offset);
    to.set_data_bytes(data.size());
    to.set_data_digest(data.digest());
    to.set_session(session);
}

void fill(const InstallSnapshotReply& from, wire::RaftMessage& message) {
    const auto& [term, index, next_offset, session] = from;
    wire::InstallSnapshotReply& to = *message.mutable_install_snapshot_reply();
    to.set_term(term.value());
    to.set_index(index.value());
    to.set_next_offset(next_offset);
    to.set_session(session);
}

void fill(const TimeoutNow& from, wire::RaftMessage& message) {
    const auto& [term] = from;
    message.mutable_timeout_now()->set_term(term.value());
}

void fill(const ReadIndex& from, wire::RaftMessage& message) {
    const auto& [term, context] = from;
    wire::ReadIndex& to = *message.mutable_read_index();
    to.set_term(term.value());
    to.set_context(context);
}

void fill(const ReadIndexReply& from, wire::RaftMessage& message) {
    const auto& [term, context, ok, index, by_lease] = from;
    wire::ReadIndexReply& to = *message.mutable_read_index_reply();
    to.set_term(term.value());
    to.set_context(context);
    to.set_ok(ok);
    to.set_index(index.value());
    to.set_by_lease(by_lease);
}

void fill(const ForwardProposal& from, wire::RaftMessage& message) {
    const auto& [term, context, entries] = from;
    wire::ForwardProposal& to = *message.mutable_forward_proposal();
    to.set_term(term.value());
    to.set_context(context);
    if (!entries.empty()) fill(entries, *to.mutable_entries());
}

void fill(const ForwardProposalReply& from, wire::RaftMessage& message) {
    const auto& [term, context, accepted, index] = from;
    wire::ForwardProposalReply& to = *message.mutable_forward_proposal_reply();
    to.set_term(term.value());
    to.set_context(context);
    to.set_accepted(accepted);
    to.set_index(index.value());
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
