// The shadow: what the oracles know of the cluster, on their own account. Of each server its memory
// (term, vote, role, log, commit, applied) and its disk (what is synced, and the writes on their
// way); of the cluster who won which term, which entries are chosen, and what was applied where. It
// is fed by observations only and shares no protocol code with the core; it decides nothing itself.
//
// Everything is an array by server slot or log index, and histories that only grow with elections
// are small tables by term (ByTerm), so following a step costs what the step changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/quorum/configuration.h"
#include "core/raft/durable.h"
#include "core/raft/raft.h"
#include "sim/check/entry_tree.h"

namespace wavetank {

// A value per term, sorted, newest last: what is asked for is nearly always the newest.
template <class What>
class ByTerm {
 public:
    struct Item {
        Term term;
        What what;
    };
    // Null if there is none.
    const What* find(Term term) const {
        for (auto item = items_.rbegin(); item != items_.rend() && item->term >= term; ++item) {
            if (item->term == term) return &item->what;
        }
        return nullptr;
    }
    What* find(Term term) { return const_cast<What*>(std::as_const(*this).find(term)); }
    // Made if there is none.
    What& of(Term term) {
        if (!items_.empty() && items_.back().term == term) return items_.back().what;
        auto at = items_.end();
        while (at != items_.begin() && std::prev(at)->term > term) --at;
        if (at != items_.begin() && std::prev(at)->term == term) return std::prev(at)->what;
        return items_.insert(at, Item{term, What()})->what;
    }
    const std::vector<Item>& items() const { return items_; }
    // Removes the items of `from` and later terms that are not worth keeping.
    template <class Keep>
    void keep_if(Term from, Keep keep) {
        const auto first = std::find_if(items_.begin(), items_.end(),
                                        [&](const Item& item) { return item.term >= from; });
        items_.erase(
            std::remove_if(first, items_.end(), [&](const Item& item) { return !keep(item.what); }),
            items_.end());
    }

 private:
    std::vector<Item> items_;
};

// A log as the ids of its entries.
class LogShadow {
 public:
    LogIndex last_index() const { return LogIndex(ids_.size() - 1); }
    EntryId last() const { return ids_.back(); }
    // Zero at index 0. Requires index <= last_index().
    EntryId at(LogIndex index) const { return ids_[index.value()]; }
    // True if the log has `id` at `index`, and with it everything before.
    bool has(LogIndex index, EntryId id) const {
        return index.value() < ids_.size() && ids_[index.value()] == id;
    }
    void push(EntryId id) { ids_.push_back(id); }
    // Nothing happens if the log ends before `from`. Requires from >= 1.
    void truncate_from(LogIndex from) {
        if (from.value() < ids_.size()) ids_.resize(from.value());
    }

 private:
    std::vector<EntryId> ids_ = {EntryId()};
};

// A change on its way to the disk, as Write says it.
struct UnsyncedWrite {
    WriteId id;
    bool has_hard_state = false;
    HardState hard_state;
    LogIndex truncate_from;        // zero: nothing is removed
    LogIndex first;                // of `entries`
    std::vector<EntryId> entries;  // appended
};

struct DiskShadow {
    // What survives any crash.
    HardState hard_state;
    LogShadow log;
    // Issued and not known to be synced, oldest first; the first `unsynced_count` places are in
    // use, the others keep their memory for later.
    std::vector<UnsyncedWrite> unsynced;
    std::size_t unsynced_count = 0;
    WriteId newest_write;  // of this incarnation

    UnsyncedWrite& add_unsynced();
    void drop_first_unsynced();
    // The log once everything issued is carried out.
    LogIndex issued_last() const;
    // Requires index <= issued_last().
    EntryId issued_at(LogIndex index) const;
};

// Whom a server has voted for in a term: for ever once it is durable or promised to somebody, else
// until it crashes.
struct VoteRecord {
    ServerId candidate;
    bool durable = false;
    bool promised = false;
};

// What a candidate's RequestVote of a term said of its log.
struct Campaign {
    LogIndex last_index;
    Term last_term;
};

struct ServerShadow {
    ServerId id;
    bool up = false;
    bool known = false;  // it has started at least once

    // Memory, as after its last step.
    Term term;
    ServerId vote;
    Role role = Role::Follower;
    LogIndex commit;
    LogIndex announced_applied;  // what the core told its host to apply
    LogIndex applied;            // what was applied
    LogShadow log;
    uint64_t core_chain = 0;          // the core's digest of that log
    uint64_t steps = 0;               // of all incarnations
    uint64_t whole_scan_at = 0;       // the step at which the whole log is compared next
    std::size_t writes_to_check = 0;  // the newest unsynced writes, issued in the present step

    DiskShadow disk;

    // For ever, across crashes.
    ByTerm<VoteRecord> votes;
    ByTerm<Campaign> campaigns;
    ByTerm<LogIndex> acknowledged;  // highest match_index it promised to the leader of the term

    // As a leader: how far the AppendEntries of `term` to each slot reached (prev + n).
    struct Sent {
        Term term;
        LogIndex end;
    };
    std::vector<Sent> sent;
};

// Who won a term, and the log it leads with.
struct Leadership {
    ServerId server;
    EntryId elected_with;  // the last entry of an earlier term in its log
    EntryId last;          // the furthest its log has reached
};

// What the first server to apply an index made of it.
struct Applied {
    EntryId entry;
    ServerId by;
    uint64_t machine_digest = 0;
};

class Shadow {
 public:
    explicit Shadow(const Configuration& configuration);

    const Configuration& configuration() const { return configuration_; }
    // Requires a member.
    ServerShadow& server(ServerId id);
    // Null for a stranger.
    ServerShadow* find_server(ServerId id);
    std::size_t slot_of(const ServerShadow& server) const {
        return static_cast<std::size_t>(&server - servers_.data());
    }
    std::vector<ServerShadow>& servers() { return servers_; }

    // True if, in each half of the configuration, a majority satisfies `holds`. Counted here and
    // not by core/quorum, which is under test.
    template <class Holds>
    bool majority(Holds holds) {
        return half_majority(configuration_.voters(), holds) &&
               (!configuration_.joint() || half_majority(configuration_.outgoing(), holds));
    }
    // "{1,3} of {1,2,3}": who satisfies `holds`.
    template <class Holds>
    std::string who(Holds holds) {
        Configuration::Members members;
        for (ServerShadow& server : servers_) {
            if (holds(server)) members.voters.push_back(server.id);
        }
        return Configuration(members).to_string() + " of " + configuration_.to_string();
    }

    // True if `id` is in the log the leader of `term` has, or had when it last led.
    bool leader_has(Term term, EntryId id) const;

    // How far `log` agrees with what is chosen.
    LogIndex chosen_in(const LogShadow& log) const;
    // The leader of `term` has committed its log up to `upto`. Requires that it has all that is
    // chosen.
    void choose(const ServerShadow& leader, Term term, LogIndex upto);
    // The highest index chosen by a leader of a term below `term`.
    LogIndex chosen_before(Term term) const;

    EntryTree tree;
    ByTerm<Leadership> leaderships;
    LogShadow chosen;              // what may be committed anywhere
    std::vector<Applied> applied;  // by index; index 0 is unused

 private:
    template <class Holds>
    bool half_majority(const std::vector<ServerId>& voters, Holds holds) {
        std::size_t count = 0;
        for (const ServerId id : voters) {
            if (holds(server(id))) ++count;
        }
        return count > voters.size() / 2;
    }

    Configuration configuration_;
    std::vector<ServerShadow> servers_;  // by slot
    std::vector<uint32_t> slot_by_id_;   // slot + 1, for small ids; zero: no member
    ByTerm<LogIndex> chosen_by_term_;    // the last index chosen by the leader of a term
};

}  // namespace wavetank
