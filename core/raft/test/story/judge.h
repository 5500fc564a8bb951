// What no story may show, whatever it expects: the paper's safety properties, recounted from what
// the servers and their disks really hold (paper figure 3; zoo "ack truth", "vote truth"). A story
// that breaks one has failed, also when its expectations are rewritten.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/raft/raft.h"
#include "core/raft/test/story/disk.h"

namespace wavetank::story {

class Judge {
 public:
    struct Seen {
        const Raft& raft;
        const Disk& disk;
    };
    // After each step of a server: `stepped` is one of `running`, which are all that run.
    void look(const Seen& stepped, const std::vector<Seen>& running);
    // A server applied this entry.
    void applied(ServerId id, LogIndex index, const Entry& entry);
    // A server's machine was loaded, and then consists of these commands.
    void loaded(ServerId id, LogIndex index, const std::vector<std::string>& commands);
    // A server starts again, perhaps knowing less.
    void restarted(ServerId id) { commit_.erase(id); }

    void blame(std::string what);
    const std::optional<std::string>& violation() const { return violation_; }

 private:
    void look_at_match(const Raft& leader, const Seen& peer);

    struct Applied {
        Term term;
        EntryKind kind;
        uint64_t digest = 0;
        std::string text;
    };
    std::map<Term, ServerId> leaders_;
    std::map<LogIndex, Applied> applied_;
    std::map<ServerId, LogIndex> commit_;
    std::optional<std::string> violation_;
};

}  // namespace wavetank::story
