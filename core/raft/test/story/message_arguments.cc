// Messages written by hand, for what no correct server would send, or for a server that the story
// plays itself.
#include <fmt/format.h>

#include "core/raft/test/story/commands.h"

namespace wavetank::story {
namespace {

Term term_of(Arguments& arguments, std::string_view key) {
    return Term(arguments.number_of(key, 0));
}
LogIndex index_of(Arguments& arguments, std::string_view key) {
    return LogIndex(arguments.number_of(key, 0));
}

bool granted(Arguments& arguments) {
    const bool yes = arguments.take("granted");
    if (!yes && !arguments.take("refused")) arguments.fail("'granted' or 'refused' is missing");
    return yes;
}

Message pre_vote(Arguments& arguments) {
    return PreVote{term_of(arguments, "term"), index_of(arguments, "last"),
                   term_of(arguments, "last_term")};
}

Message pre_vote_reply(Arguments& arguments) {
    PreVoteReply reply{term_of(arguments, "term"), term_of(arguments, "for")};
    reply.granted = granted(arguments);
    return reply;
}

Message request_vote(Arguments& arguments) {
    RequestVote request{term_of(arguments, "term"), index_of(arguments, "last"),
                        term_of(arguments, "last_term")};
    request.transfer = arguments.take("transfer");
    return request;
}

Message request_vote_reply(Arguments& arguments) {
    RequestVoteReply reply{term_of(arguments, "term")};
    reply.granted = granted(arguments);
    return reply;
}

Message append_entries(Arguments& arguments) {
    AppendEntries request;
    request.term = term_of(arguments, "term");
    request.prev_log_index = index_of(arguments, "prev");
    request.prev_log_term = term_of(arguments, "prev_term");
    request.leader_commit = index_of(arguments, "commit");
    request.round = arguments.number_of("round", 0);
    request.session = arguments.number_of("session", 0);
    const std::vector<Entry> entries = arguments.entries_of("entries");
    if (!entries.empty() && arguments.ok()) {
        request.entries = EntryRange::of(request.prev_log_index.next(), entries);
    }
    return request;
}

Message append_entries_reply(Arguments& arguments) {
    AppendEntriesReply reply;
    reply.term = term_of(arguments, "term");
    if (const std::optional<std::string> match = arguments.value("match")) {
        reply.success = true;
        reply.match_index = LogIndex(parse_number(*match).value_or(0));
        if (!parse_number(*match)) arguments.fail(fmt::format("match={} is no number", *match));
    } else {
        reply.rejected_index = index_of(arguments, "rejects");
        reply.hint_index = index_of(arguments, "hint");
        reply.hint_term = term_of(arguments, "hint_term");
    }
    reply.round = arguments.number_of("round", 0);
    reply.session = arguments.number_of("session", 0);
    reply.joined = reply.success && arguments.number_of("joined", 1) != 0;
    return reply;
}

Message install_snapshot_reply(Arguments& arguments) {
    return InstallSnapshotReply{term_of(arguments, "term"), index_of(arguments, "index"),
                                arguments.number_of("next", 0), arguments.number_of("session", 0)};
}

// A snapshot of some bytes of text, whole or a part of it, that says who the voters were.
Message install_snapshot(Arguments& arguments) {
    InstallSnapshot request;
    request.term = term_of(arguments, "term");
    request.meta.last.index = index_of(arguments, "index");
    request.meta.last.term = term_of(arguments, "last_term");
    request.meta.configuration =
        Configuration::of_voters(arguments.servers_of("voters").value_or(std::vector<ServerId>{}));
    const Payload whole = Payload::copy_of(arguments.value("data").value_or(""));
    request.meta.bytes = whole.size();
    request.meta.digest = whole.digest();
    request.offset = arguments.number_of("offset", 0);
    request.session = arguments.number_of("session", 0);
    const uint64_t bytes = arguments.number_of("bytes", 0);
    if (request.offset > whole.size() || bytes > whole.size() - request.offset) {
        arguments.fail("the data are shorter than that");
        return request;
    }
    request.data = Payload::copy_of(whole.bytes().substr(request.offset, bytes));
    return request;
}

Message timeout_now(Arguments& arguments) {
    return TimeoutNow{term_of(arguments, "term")};
}

Message read_index(Arguments& arguments) {
    return ReadIndex{term_of(arguments, "term"), arguments.number_of("context", 0)};
}

struct Kind {
    std::string_view name;
    Message (*parse)(Arguments&);  // null: cannot be written by hand
};
constexpr Kind kKinds[] = {
    {"PreVote", pre_vote},
    {"PreVoteReply", pre_vote_reply},
    {"RequestVote", request_vote},
    {"RequestVoteReply", request_vote_reply},
    {"AppendEntries", append_entries},
    {"AppendEntriesReply", append_entries_reply},
    {"InstallSnapshot", install_snapshot},
    {"InstallSnapshotReply", install_snapshot_reply},
    {"TimeoutNow", timeout_now},
    {"ReadIndex", read_index},
    {"ReadIndexReply", nullptr},
    {"ForwardProposal", nullptr},
    {"ForwardProposalReply", nullptr},
};

const Kind* find_kind(std::string_view word) {
    for (const Kind& kind : kKinds) {
        if (kind.name == word) return &kind;
    }
    return nullptr;
}

}  // namespace

bool is_message_name(std::string_view word) {
    return find_kind(word) != nullptr;
}

std::optional<Message> parse_message(Arguments& arguments) {
    const std::string name = arguments.word("the kind of message");
    const Kind* kind = find_kind(name);
    if (kind == nullptr || kind->parse == nullptr) {
        arguments.fail(fmt::format("'{}' is no message that can be written by hand", name));
        return std::nullopt;
    }
    Message message = kind->parse(arguments);
    if (!arguments.complete()) return std::nullopt;
    return message;
}

}  // namespace wavetank::story
