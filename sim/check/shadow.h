// The shadow: what the oracles know of the cluster, on their own account: of each server its memory
// and its disk (server_shadow.h); of the cluster who won which term, which entries are chosen, and
// what was applied where. It is fed by observations only and shares no protocol code with the core;
// it decides nothing itself.
//
// Everything is an array by server or log index, and histories that only grow with elections are
// small tables by term, so following a step costs what the step changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/base/ids.h"
#include "core/quorum/configuration.h"
#include "sim/check/by_term.h"
#include "sim/check/entry_tree.h"
#include "sim/check/log_shadow.h"
#include "sim/check/server_shadow.h"

namespace wavetank {

// The servers of a run, and the members that the cluster begins with; the others wait to be added.
struct Cluster {
    std::vector<ServerId> servers;
    Configuration initial;
    // Disks of members may be emptied: then what is chosen may be gone, and nobody is to blame.
    bool beyond_limit = false;
};

inline bool contains(const std::vector<ServerId>& ids, ServerId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}
// True for a voter of either half.
inline bool votes_in(const Configuration& configuration, ServerId id) {
    return contains(configuration.voters(), id) || contains(configuration.outgoing(), id);
}

// Who won a term, and the log it leads with.
struct Leadership {
    ServerId server;
    EntryId elected_with;  // the last entry of an earlier term in its log
    EntryId last;          // the furthest its log has reached
};

// What the leader of a term has chosen.
struct Choices {
    LogIndex upto;
    Instant first_at;  // true time of the first one
};

// What the first server to apply an index made of it.
struct Applied {
    EntryId entry;
    ServerId by;
    bool executed = false;
    uint64_t machine_digest = 0;
};

class Shadow {
 public:
    explicit Shadow(Cluster cluster);
    bool beyond_limit() const { return beyond_limit_; }

    // --- Servers ---
    // Requires one of the cluster.
    ServerShadow& server(ServerId id) {
        ServerShadow* found = find_server(id);
        CHECK(found != nullptr);
        return *found;
    }
    // Null for a stranger.
    ServerShadow* find_server(ServerId id) {
        // Most clusters are numbered 1, 2, 3, ...
        const std::size_t guess = id.value() - std::size_t{1};
        if (guess < servers_.size() && servers_[guess].id == id) return &servers_[guess];
        return find_by_search(id);
    }
    std::size_t position_of(const ServerShadow& server) const {
        return static_cast<std::size_t>(&server - servers_.data());
    }
    std::vector<ServerShadow>& servers() { return servers_; }

    // --- Configurations and majorities ---
    // In force at a server whose log ends with `last`. Empty at one that waits to be added.
    const Configuration& configuration_at(const ServerShadow& server, EntryId last) const {
        const ConfigurationId id = tree[last].configuration;
        return id || server.knows_initial ? tree[id].configuration : nobody_;
    }
    const Configuration& configuration_of(const ServerShadow& server) const {
        return configuration_at(server, server.log.last());
    }
    // True if it has had all that was chosen when its disk was new. Before, it must not vote: under
    // the same name it may have promised something in an earlier life.
    bool has_joined(const ServerShadow& server) const {
        const LogIndex owed = server.chosen_before;
        return server.log.has(owed, chosen.find(owed));
    }
    // True if, in each half of the configuration, a majority satisfies `holds`; never if there are
    // no members. Counted here and not by core/quorum, which is under test.
    template <class Holds>
    bool majority(const Configuration& configuration, Holds holds) {
        return half_majority(configuration.voters(), holds) &&
               (!configuration.joint() || half_majority(configuration.outgoing(), holds));
    }
    // "{1,3} of {1,2,3}": who satisfies `holds`.
    template <class Holds>
    std::string who(const Configuration& configuration, Holds holds) {
        Configuration::Members members;
        for (ServerShadow& server : servers_) {
            if (holds(server)) members.voters.push_back(server.id);
        }
        return Configuration(members).to_string() + " of " + configuration.to_string();
    }

    // --- Leaders and what is chosen ---
    // True if `id` is in the log the leader of `term` has, or had when it last led.
    bool leader_has(Term term, EntryId id) const;
    // How far `log` agrees with what is chosen.
    LogIndex chosen_in(const LogShadow& log) const { return chosen.agreement(log); }
    // The leader of `term` has committed its log up to `upto`, counting with `configuration`.
    // Requires that it has all that is chosen.
    struct Choice {
        Term term;
        LogIndex upto;
        ConfigurationId configuration;
    };
    void choose(const ServerShadow& leader, const Choice& choice);
    // The highest index chosen by a leader of a term below `term`.
    LogIndex chosen_before(Term term) const;
    const ByTerm<Choices>& choices() const { return choices_; }
    // With which the last entry was chosen: a majority of it must keep all that is chosen. It was
    // in force at the leader that chose; an older one has no say any more once a newer one has
    // chosen, and of a newer one nobody has counted a majority yet.
    const Configuration& choosing_configuration() const { return tree[chosen_with_].configuration; }

    // " (the scenario broke the contract: ...)" if a clock was further from true time than its
    // server was told, or jumped; else nothing.
    std::string broken_contract() const;

    EntryTree tree;
    ByTerm<Leadership> leaderships;
    LogShadow chosen;              // what may be committed anywhere
    std::vector<Applied> applied;  // by index; index 0 is unused
    Instant now;                   // true time

 private:
    ServerShadow* find_by_search(ServerId id);
    template <class Holds>
    bool half_majority(const std::vector<ServerId>& voters, Holds holds) {
        std::size_t count = 0;
        for (const ServerId id : voters) {
            ServerShadow* voter = find_server(id);
            if (voter != nullptr && holds(*voter)) ++count;
        }
        return count > voters.size() / 2;
    }

    std::vector<ServerShadow> servers_;  // by id, rising
    ByTerm<Choices> choices_;
    ConfigurationId chosen_with_;
    const Configuration nobody_;
    bool beyond_limit_ = false;
};

}  // namespace wavetank
