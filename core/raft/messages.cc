// Names and digests of messages.
#include "core/raft/messages.h"

namespace wavetank {
namespace {

uint64_t word(LogIndex index) {
    return index.value();
}
uint64_t word(Term term) {
    return term.value();
}
uint64_t word(bool flag) {
    return flag ? 1 : 0;
}
uint64_t word(uint64_t number) {
    return number;
}

template <class... Fields>
Digest digest_of_fields(uint64_t kind, const Fields&... fields) {
    Digest digest(kind);
    (digest.add(word(fields)), ...);
    return digest;
}

Digest digest_fields(const PreVote& m) {
    return digest_of_fields(1, m.term, m.last_log_index, m.last_log_term);
}
Digest digest_fields(const PreVoteReply& m) {
    return digest_of_fields(2, m.term, m.campaign_term, m.granted);
}
Digest digest_fields(const RequestVote& m) {
    return digest_of_fields(3, m.term, m.last_log_index, m.last_log_term, m.transfer);
}
Digest digest_fields(const RequestVoteReply& m) {
    return digest_of_fields(4, m.term, m.granted);
}
void add_entries(Digest& digest, const EntryRange& entries) {
    digest.add(entries.size());
    for (uint32_t i = 0; i < entries.size(); ++i) {
        digest.add(chain_entry(0, entries[i])).add(entries[i].payload.size());
    }
}
Digest digest_fields(const AppendEntries& m) {
    Digest digest = digest_of_fields(5, m.term, m.prev_log_index, m.prev_log_term, m.leader_commit,
                                     m.round, m.session);
    add_entries(digest, m.entries);
    return digest;
}
Digest digest_fields(const AppendEntriesReply& m) {
    return digest_of_fields(6, m.term, m.success, m.match_index, m.rejected_index, m.hint_index,
                            m.hint_term, m.round, m.session, m.joined);
}
Digest digest_fields(const InstallSnapshot& m) {
    Digest digest = digest_of_fields(7, m.term, m.meta.last.index, m.meta.last.term,
                                     m.meta.last.chain, m.meta.bytes, m.meta.digest, m.offset);
    digest.add_bytes(encode(m.meta.configuration)).add(m.data.digest()).add(m.session);
    return digest;
}
Digest digest_fields(const InstallSnapshotReply& m) {
    return digest_of_fields(8, m.term, m.index, m.next_offset, m.session);
}
Digest digest_fields(const TimeoutNow& m) {
    return digest_of_fields(9, m.term);
}
Digest digest_fields(const ReadIndex& m) {
    return digest_of_fields(10, m.term, m.context);
}
Digest digest_fields(const ReadIndexReply& m) {
    return digest_of_fields(11, m.term, m.context, m.ok, m.index, m.by_lease);
}
Digest digest_fields(const ForwardProposal& m) {
    Digest digest = digest_of_fields(12, m.term, m.context);
    add_entries(digest, m.entries);
    return digest;
}
Digest digest_fields(const ForwardProposalReply& m) {
    return digest_of_fields(13, m.term, m.context, m.accepted, m.index);
}

}  // namespace

const char* name_of(const Message& message) {
    struct Name {
        const char* operator()(const PreVote&) { return "PreVote"; }
        const char* operator()(const PreVoteReply&) { return "PreVoteReply"; }
        const char* operator()(const RequestVote&) { return "RequestVote"; }
        const char* operator()(const RequestVoteReply&) { return "RequestVoteReply"; }
        const char* operator()(const AppendEntries&) { return "AppendEntries"; }
        const char* operator()(const AppendEntriesReply&) { return "AppendEntriesReply"; }
        const char* operator()(const InstallSnapshot&) { return "InstallSnapshot"; }
        const char* operator()(const InstallSnapshotReply&) { return "InstallSnapshotReply"; }
        const char* operator()(const TimeoutNow&) { return "TimeoutNow"; }
        const char* operator()(const ReadIndex&) { return "ReadIndex"; }
        const char* operator()(const ReadIndexReply&) { return "ReadIndexReply"; }
        const char* operator()(const ForwardProposal&) { return "ForwardProposal"; }
        const char* operator()(const ForwardProposalReply&) { return "ForwardProposalReply"; }
    };
    return std::visit(Name{}, message);
}

uint64_t digest_of(const Message& message) {
    return std::visit([](const auto& m) { return digest_fields(m).value(); }, message);
}

}  // namespace wavetank
