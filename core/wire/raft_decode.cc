// From heads to the plain structs. Each number is checked where it is read (Intake); what is said
// of a whole message follows its fields. Whether a message makes sense to this server is decided by
// the core.
#include <fmt/format.h>

#include "core/wire/body.h"
#include "core/wire/head_arena.h"
#include "core/wire/raft_codec.h"
#include "raft.pb.h"

namespace wavetank {
namespace {

EntryKind read_kind(int kind, Intake& in) {
    switch (kind) {
        case wire::ENTRY_KIND_EMPTY:
            return EntryKind::Empty;
        case wire::ENTRY_KIND_COMMAND:
            return EntryKind::Command;
        case wire::ENTRY_KIND_CONFIGURATION:
            return EntryKind::Configuration;
        default:
            in.refuse(fmt::format("an entry is of the unknown kind {}", kind));
            return EntryKind::Empty;
    }
}

// Between 1 and 256 entries, with indexes that fit, and one element for each in every list.
void check_shape(const wire::EntryRange& from, Intake& in) {
    const int count = from.kinds_size();
    if (count == 0) in.refuse("a range of entries has none");
    if (count > static_cast<int>(LogChunk::kEntries)) {
        in.refuse(fmt::format("it has {} entries, but a message carries at most {}", count,
                              LogChunk::kEntries));
    }
    for (const int size : {from.terms_size(), from.times_size(), from.errors_size(),
                           from.payload_bytes_size(), from.payload_digests_size()}) {
        if (size != count) {
            in.refuse(fmt::format("a list has {} elements for {} entries", size, count));
        }
    }
    const LogIndex first = in.index(from.first_index());
    if (in.good() && static_cast<uint64_t>(count) - 1 > kOrdinalMax - first.value()) {
        in.refuse(fmt::format("the indexes of {} entries from {} on end over 2^63 - 1", count,
                              first.value()));
    }
}

// The entry at `position`; `next_stub` is the first stub that is not before it. Requires that the
// shape is good.
Entry read_entry(const wire::EntryRange& from, int position, int& next_stub, Intake& in) {
    const ClockReading clock = in.clock(from.times(position), from.errors(position));
    Entry entry;
    entry.kind = read_kind(from.kinds(position), in);
    entry.term = in.term(from.terms(position));
    entry.time = clock.local;
    entry.error = clock.error;
    const Intake::Announced announced{from.payload_bytes(position), from.payload_digests(position)};
    if (next_stub == from.stubs_size() ||
        from.stubs(next_stub) != static_cast<uint64_t>(position)) {
        entry.payload = in.payload(announced);
        return entry;
    }
    ++next_stub;
    if (announced.bytes != 0) in.refuse("the stub of a payload has bytes");
    entry.payload = Payload::received_stub(announced.digest);
    return entry;
}

EntryRange read(const wire::EntryRange& from, Intake& in) {
    in.only_known_fields(from);
    check_shape(from, in);
    if (!in.good()) return {};

    ChunkRef chunk = ChunkRef::make();
    int next_stub = 0;
    for (int position = 0; position < from.kinds_size(); ++position) {
        chunk->append(read_entry(from, position, next_stub, in), 0);
        if (!in.good()) return {};
    }
    if (next_stub != from.stubs_size()) {
        in.refuse(fmt::format("there is no entry at position {} to be a stub, or it stands twice",
                              from.stubs(next_stub)));
    }
    const uint32_t count = chunk->used();
    return EntryRange(std::move(chunk), 0, count, LogIndex(from.first_index()));
}

std::vector<ServerId> read(const google::protobuf::RepeatedField<uint64_t>& from, Intake& in) {
    std::vector<ServerId> ids;
    ids.reserve(static_cast<std::size_t>(from.size()));
    for (const uint64_t id : from) {
        const ServerId server = in.server(id);
        if (!ids.empty() && server <= ids.back()) {
            in.refuse(
                fmt::format("a list of members has server {} after {}", id, ids.back().value()));
        }
        ids.push_back(server);
    }
    return ids;
}

Configuration read(const wire::Configuration& from, Intake& in) {
    in.only_known_fields(from);
    Configuration::Members members;
    members.voters = read(from.voters(), in);
    members.outgoing = read(from.outgoing(), in);
    members.learners = read(from.learners(), in);
    members.witnesses = read(from.witnesses(), in);
    if (!in.good()) return {};
    Configuration configuration(std::move(members));
    const char* why = "";
    if (!configuration.valid(&why)) {
        in.refuse(fmt::format("its configuration is none: {}", why));
    }
    return configuration;
}

SnapshotMeta read(const wire::SnapshotMeta& from, Intake& in) {
    in.only_known_fields(from);
    SnapshotMeta meta;
    meta.last.index = in.index(from.last_index());
    meta.last.term = in.term(from.last_term());
    meta.last.chain = from.chain();
    meta.last.clock = in.clock(from.time(), from.error());
    if (!from.has_configuration()) in.refuse("a snapshot has no configuration");
    if (from.has_configuration()) meta.configuration = read(from.configuration(), in);
    meta.bytes = from.bytes();
    meta.digest = from.digest();
    return meta;
}

PreVote read(const wire::PreVote& from, Intake& in) {
    PreVote to;
    to.term = in.term(from.term());
    to.last_log_index = in.index(from.last_log_index());
    to.last_log_term = in.term(from.last_log_term());
    return to;
}

PreVoteReply read(const wire::PreVoteReply& from, Intake& in) {
    PreVoteReply to;
    to.term = in.term(from.term());
    to.campaign_term = in.term(from.campaign_term());
    to.granted = from.granted();
    return to;
}

RequestVote read(const wire::RequestVote& from, Intake& in) {
    RequestVote to;
    to.term = in.term(from.term());
    to.last_log_index = in.index(from.last_log_index());
    to.last_log_term = in.term(from.last_log_term());
    to.transfer = from.transfer();
    return to;
}

RequestVoteReply read(const wire::RequestVoteReply& from, Intake& in) {
    RequestVoteReply to;
    to.term = in.term(from.term());
    to.granted = from.granted();
    return to;
}

AppendEntries read(const wire::AppendEntries& from, Intake& in) {
    AppendEntries to;
    to.term = in.term(from.term());
    to.prev_log_index = in.index(from.prev_log_index());
    to.prev_log_term = in.term(from.prev_log_term());
    to.leader_commit = in.index(from.leader_commit());
    to.round = from.round();
    to.session = from.session();
    if (!from.has_entries()) return to;
    to.entries = read(from.entries(), in);
    if (in.good() && to.entries.first_index() != to.prev_log_index.next()) {
        in.refuse(fmt::format("its entries begin at {}, not after {}",
                              to.entries.first_index().value(), to.prev_log_index.value()));
    }
    return to;
}

AppendEntriesReply read(const wire::AppendEntriesReply& from, Intake& in) {
    AppendEntriesReply to;
    to.term = in.term(from.term());
    to.success = from.success();
    to.match_index = in.index(from.match_index());
    to.rejected_index = in.index(from.rejected_index());
    to.hint_index = in.index(from.hint_index());
    to.hint_term = in.term(from.hint_term());
    to.round = from.round();
    to.session = from.session();
    to.joined = from.joined();
    return to;
}

InstallSnapshot read(const wire::InstallSnapshot& from, Intake& in) {
    InstallSnapshot to;
    to.term = in.term(from.term());
    if (!from.has_meta()) in.refuse("it does not say which snapshot");
    if (from.has_meta()) to.meta = read(from.meta(), in);
    to.offset = from.offset();
    to.data = in.payload({from.data_bytes(), from.data_digest()});
    to.session = from.session();
    if (to.offset > to.meta.bytes || to.data.size() > to.meta.bytes - to.offset) {
        in.refuse(fmt::format("{} bytes at {} lie outside of a snapshot of {}", to.data.size(),
                              to.offset, to.meta.bytes));
    }
    return to;
}

InstallSnapshotReply read(const wire::InstallSnapshotReply& from, Intake& in) {
    InstallSnapshotReply to;
    to.term = in.term(from.term());
    to.index = in.index(from.index());
    to.next_offset = from.next_offset();
    to.session = from.session();
    return to;
}

TimeoutNow read(const wire::TimeoutNow& from, Intake& in) {
    return {in.term(from.term())};
}

ReadIndex read(const wire::ReadIndex& from, Intake& in) {
    return {in.term(from.term()), from.context()};
}

ReadIndexReply read(const wire::ReadIndexReply& from, Intake& in) {
    ReadIndexReply to;
    to.term = in.term(from.term());
    to.context = from.context();
    to.ok = from.ok();
    to.index = in.index(from.index());
    to.by_lease = from.by_lease();
    return to;
}

ForwardProposal read(const wire::ForwardProposal& from, Intake& in) {
    ForwardProposal to;
    to.term = in.term(from.term());
    to.context = from.context();
    if (from.has_entries()) to.entries = read(from.entries(), in);
    return to;
}

ForwardProposalReply read(const wire::ForwardProposalReply& from, Intake& in) {
    return {in.term(from.term()), from.context(), from.accepted(), in.index(from.index())};
}

// One kind of message, with what is checked for all of them.
template <class Head>
Message read_kind_of(const Head& head, Intake& in) {
    in.only_known_fields(head);
    Message message = read(head, in);
    if (in.good()) in.finish();
    return message;
}

Message read(const wire::RaftMessage& head, Intake& in) {
    in.only_known_fields(head);
    switch (head.kind_case()) {
        case wire::RaftMessage::kPreVote:
            return read_kind_of(head.pre_vote(), in);
        case wire::RaftMessage::kPreVoteReply:
            return read_kind_of(head.pre_vote_reply(), in);
        case wire::RaftMessage::kRequestVote:
            return read_kind_of(head.request_vote(), in);
        case wire::RaftMessage::kRequestVoteReply:
            return read_kind_of(head.request_vote_reply(), in);
        case wire::RaftMessage::kAppendEntries:
            return read_kind_of(head.append_entries(), in);
        case wire::RaftMessage::kAppendEntriesReply:
            return read_kind_of(head.append_entries_reply(), in);
        case wire::RaftMessage::kInstallSnapshot:
            return read_kind_of(head.install_snapshot(), in);
        case wire::RaftMessage::kInstallSnapshotReply:
            return read_kind_of(head.install_snapshot_reply(), in);
        case wire::RaftMessage::kTimeoutNow:
            return read_kind_of(head.timeout_now(), in);
        case wire::RaftMessage::kReadIndex:
            return read_kind_of(head.read_index(), in);
        case wire::RaftMessage::kReadIndexReply:
            return read_kind_of(head.read_index_reply(), in);
        case wire::RaftMessage::kForwardProposal:
            return read_kind_of(head.forward_proposal(), in);
        case wire::RaftMessage::kForwardProposalReply:
            return read_kind_of(head.forward_proposal_reply(), in);
        case wire::RaftMessage::KIND_NOT_SET:
            in.refuse("it is of no kind that is known here");
            return {};
    }
    CHECK(false);
    return {};
}

}  // namespace

Result<Message> decode_message(const Payload& received, Payload::Part part) {
    Intake in(received, part, kServerLimits);
    HeadArena arena;
    auto& head = arena.make<wire::RaftMessage>();
    if (!in.parse(head)) return in.error("a message between servers");
    Message message = read(head, in);
    if (!in.good()) {
        const bool known = head.kind_case() != wire::RaftMessage::KIND_NOT_SET;
        return in.error(known ? name_of(message) : "a message between servers");
    }
    return message;
}

}  // namespace wavetank
