// A few of the core's events in words.
#include "core/tcp/role_log.h"

#include <fmt/format.h>

namespace wavetank {
namespace {

const char* words_of(StepDownReason reason) {
    switch (reason) {
        case StepDownReason::HigherTerm:
            return "there is a later term";
        case StepDownReason::QuorumLost:
            return "no majority answers";
        case StepDownReason::WriteFailed:
            return "its disk failed";
        case StepDownReason::DiskStalled:
            return "its disk is stalled";
        case StepDownReason::Removed:
            return "it is no voter any more";
    }
    return "?";
}

}  // namespace

void RoleLog::stepped(const Raft& raft, const Output& output) {
    for (const Event& event : output.events) tell(raft, event);
    const bool follows = raft.leader() && raft.role() == Role::Follower;
    if (!follows || (followed_ == raft.leader() && followed_term_ == raft.current_term())) return;
    followed_ = raft.leader();
    followed_term_ = raft.current_term();
    log_(fmt::format("follows server {} in term {}", followed_.value(), followed_term_.value()));
}

void RoleLog::tell(const Raft& raft, const Event& event) {
    if (const auto* leader = std::get_if<BecameLeader>(&event)) {
        log_(fmt::format("leads term {}", leader->term.value()));
    } else if (const auto* down = std::get_if<SteppedDown>(&event)) {
        log_(fmt::format("leads term {} no more: {}", down->term.value(), words_of(down->reason)));
    } else if (std::holds_alternative<ConfigurationChanged>(event)) {
        log_(fmt::format("the members are {}", raft.configuration().to_string()));
    } else if (const auto* refused = std::get_if<Refused>(&event)) {
        tell(*refused);
    }
}

void RoleLog::tell(const Refused& refused) {
    ++refused_;
    const auto now = std::chrono::steady_clock::now();
    if (now - refused_told_ < std::chrono::seconds(1)) return;
    log_(
        fmt::format("refused {} messages that no correct server sends, the last by server {} "
                    "(reason {})",
                    refused_, refused.from.value(), static_cast<int>(refused.reason)));
    refused_told_ = now;
    refused_ = 0;
}

}  // namespace wavetank
