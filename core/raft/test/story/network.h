// The messages on their way, oldest first. Nothing arrives by itself: a story delivers, drops,
// repeats, holds back and reorders them, and cuts links.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/raft/messages.h"

namespace wavetank::story {

struct InFlight {
    uint64_t number = 0;  // from 1, in the order of sending
    ServerId from;
    ServerId to;
    Message message;
    bool held = false;
};

// Which messages: "1->2", "*->3 RequestVote", "1->2 AppendEntries first", "#7".
struct Pattern {
    std::vector<ServerId> from;  // empty: anybody
    std::vector<ServerId> to;
    std::string kind;  // name_of the message; empty: any
    std::optional<uint64_t> number;
    enum class Choice : uint8_t { All, First, Last };
    Choice choice = Choice::All;

    bool fits(const InFlight& message) const;
    friend bool operator==(const Pattern&, const Pattern&) = default;
};

class Network {
 public:
    // What is sent over a cut link is lost: false.
    bool send(ServerId from, ServerId to, Message message);
    bool is_cut(ServerId from, ServerId to) const;

    // Those that fit, oldest first. What is held fits only if it is asked for by its number, or if
    // `held` says so.
    enum class Held : uint8_t { Skip, Only };
    std::vector<uint64_t> find(const Pattern& pattern, Held held = Held::Skip) const;
    // The oldest that is not held, between these servers; all servers if empty.
    std::optional<uint64_t> next(const std::vector<ServerId>& among) const;
    // Requires that it is on its way, as do all below.
    const InFlight& get(uint64_t number) const;
    InFlight take(uint64_t number);
    // A copy arrives after everything that is on its way now.
    void repeat(uint64_t number);
    // Puts these into the opposite order, each in the place of another.
    void reverse(const std::vector<uint64_t>& numbers);

    // Sets aside what fits, now and from now on.
    void hold(const Pattern& pattern);
    // Ends hold(pattern), and hands over what it kept.
    void release(const Pattern& pattern);
    void release_all();

    // Cuts a link in one direction; what is on its way there is lost.
    void cut(ServerId from, ServerId to);
    void heal() { cut_.clear(); }
    // What is on its way to a server that dies arrives nowhere.
    void forget_to(ServerId to);

    const std::vector<InFlight>& all() const { return in_flight_; }

 private:
    struct Link {
        ServerId from;
        ServerId to;
        friend bool operator==(const Link&, const Link&) = default;
    };

    std::vector<InFlight> in_flight_;
    std::vector<Pattern> held_;
    std::vector<Link> cut_;
    uint64_t sent_ = 0;
};

}  // namespace wavetank::story
