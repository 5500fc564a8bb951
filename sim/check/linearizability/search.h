// Depth-first search for one legal order (Wing & Gong 1993) with a memory of visited situations
// (Lowe 2015): a set of placed operations together with the value they lead to is searched once.
// Where the frontier keeps all possibilities, this follows one; it is the better engine when
// appends make the value depend on the order, and when many operations have an unknown outcome.
//
// Prunings (each sound by itself, ORACLES 2.3): an observer that holds is placed at once and is no
// choice; operations of unknown outcome are optional, used class by class in invocation order, and
// only where they change something; and with appends, the next get to complete says how the value
// must begin until then, if nothing can replace the value before.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/check/linearizability/frontier.h"
#include "sim/check/linearizability/problem.h"

namespace wavetank::linearizability {

class Search {
 public:
    // `problem` must outlive the engine.
    Search(const Problem& problem, std::size_t memory_bytes_max)
        : problem_(problem), memory_bytes_max_(memory_bytes_max) {}

    // From the beginning, with at most so many expansions.
    Progress run(uint64_t expansions_max);

    uint64_t expansions() const { return expansions_; }

 private:
    struct Fingerprint {
        uint64_t low = 0;
        uint64_t high = 0;
        friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
    };
    // One choice made, and what to restore when it is taken back.
    struct Frame {
        uint32_t choice;         // as cursor_
        uint32_t used_class;     // of which a member was placed, or kNever
        uint32_t placed_before;  // size of placed_
        ValueId value;
        Fingerprint placed;
        uint32_t next_read;
        uint32_t resets_placed;
    };

    void reset();
    bool enter();
    bool choose();
    bool choose_answered();
    bool choose_optional();
    bool choose_other();
    bool use(uint32_t index, const KeyOperation& as, uint32_t before);
    void take_back();
    void place_observers();
    void place(uint32_t operation, uint32_t used_class, ValueId value);
    void lift(uint32_t operation);
    void put_back(uint32_t operation);
    void mark(uint32_t operation);
    void find_target();
    bool remember();
    void grow_memory();
    uint32_t bound() const;
    uint32_t& next_of(uint32_t position) { return links_[position].next; }

    const Problem& problem_;
    std::size_t memory_bytes_max_;
    uint64_t expansions_ = 0;
    bool out_of_memory_ = false;

    // The events of the answered operations not yet placed: a doubly linked list by position,
    // closed by one more element behind the last position.
    struct Link {
        uint32_t previous;
        uint32_t next;
    };
    std::vector<Link> links_;
    uint32_t end_ = 0;

    // The situation.
    ValueId value_ = kAbsent;
    Fingerprint set_;               // of the placed operations
    std::vector<uint32_t> placed_;  // in order: the witness
    std::vector<Frame> frames_;
    uint32_t cursor_ = 0;  // next choice to try: a position, kFirstClass + a class, or kOtherChoice
    std::vector<uint32_t> class_used_;

    // Look-ahead (appends only): the gets in completion order, the first of them not yet placed,
    // and for each when it may be trusted.
    struct Target {
        uint32_t operation;
        uint32_t resets_before;         // answered resets invoked before it completes
        uint32_t unknown_resets_until;  // until then a reset of unknown outcome may come in between
    };
    std::vector<Target> targets_;
    std::vector<uint8_t> is_placed_;
    uint32_t next_read_ = 0;
    uint32_t resets_placed_ = 0;
    ValueId target_ = kNoValue;  // the value must be its prefix; kNoValue: nothing is known

    std::vector<Fingerprint> visited_;  // open addressing; zero: free
    std::size_t visited_count_ = 0;
};

}  // namespace wavetank::linearizability
