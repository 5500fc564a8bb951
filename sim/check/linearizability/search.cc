// The search as a loop over an explicit stack.
#include "sim/check/linearizability/search.h"

#include <algorithm>

#include "core/base/hash.h"

namespace wavetank::linearizability {
namespace {

// Cursors from here on mean classes of unknown outcome; below, positions of events.
constexpr uint32_t kFirstClass = 0x80000000U;
// The choice after all classes: any member that is as good as a write of kOther.
constexpr uint32_t kOtherChoice = UINT32_MAX - 1;
constexpr KeyOperation kOtherWrite{.kind = Kind::Write, .optional = true, .a = kOther};
constexpr std::size_t kVisitedMin = 256;
constexpr uint64_t kLowKey = 0x6c696e6c6f77ULL;
constexpr uint64_t kHighKey = 0x6c696e68696768ULL;

// Replaces the value by one from which something that is asked for can still be reached.
bool may_lead_on(const KeyOperation& operation) {
    if (operation.kind == Kind::Write) return operation.a != kOther;
    if (operation.kind == Kind::Cas) return operation.b != kOther;
    return operation.kind == Kind::Take;
}

}  // namespace

void Search::reset() {
    const std::vector<Event>& events = problem_.events();
    const std::vector<KeyOperation>& operations = problem_.operations();
    expansions_ = 0;
    out_of_memory_ = false;
    end_ = static_cast<uint32_t>(events.size());
    // Element 0 is position 0's; `end_` is the head as well as the tail of the ring.
    links_.assign(end_ + 1, Link{end_, end_});
    uint32_t last = end_;
    for (uint32_t position = 0; position < end_; ++position) {
        if (operations[events[position].operation].optional) continue;
        links_[position] = {last, end_};
        links_[last].next = position;
        last = position;
    }
    links_[end_].previous = last;

    value_ = problem_.initial();
    set_ = {};
    placed_.clear();
    frames_.clear();
    class_used_.assign(problem_.classes().size(), 0);
    visited_.assign(kVisitedMin, Fingerprint{});
    visited_count_ = 0;

    targets_.clear();
    is_placed_.assign(operations.size(), 0);
    next_read_ = 0;
    resets_placed_ = 0;
    target_ = kNoValue;
    if (!problem_.appends()) return;
    uint32_t resets = 0;
    uint32_t unknown_until = 0;
    for (const Event& event : events) {
        const KeyOperation& operation = operations[event.operation];
        if (event.is_completion) {
            if (operation.kind == Kind::Read) {
                targets_.push_back({event.operation, resets, unknown_until});
            }
        } else if (may_lead_on(operation)) {
            if (!operation.optional) {
                ++resets;
            } else {
                const uint32_t until = problem_.classes()[operation.optional_class].useful_until;
                if (until > operation.invoked) unknown_until = std::max(unknown_until, until);
            }
        }
    }
}

Progress Search::run(uint64_t expansions_max) {
    reset();
    bool entered = enter();
    while (true) {
        if (links_[end_].next == end_) return Progress::Legal;
        if (out_of_memory_) return Progress::Unable;
        if (entered && choose()) {
            if (expansions_ > expansions_max) return Progress::OutOfBudget;
            entered = enter();
            continue;
        }
        if (frames_.empty()) return Progress::Illegal;
        take_back();
        entered = true;
    }
}

// Comes to a new situation. False if there is nothing to find here.
bool Search::enter() {
    place_observers();
    cursor_ = links_[end_].next;
    if (cursor_ == end_) return true;
    if (problem_.appends()) {
        find_target();
        if (target_ != kNoValue && !problem_.values().is_prefix(value_, target_)) return false;
    }
    return remember();
}

void Search::place_observers() {
    const std::vector<Event>& events = problem_.events();
    uint32_t next = end_;
    for (uint32_t at = links_[end_].next; at != end_; at = next) {
        const Event event = events[at];
        if (event.is_completion) break;
        next = links_[at].next;
        const KeyOperation& operation = problem_.operations()[event.operation];
        if (!is_observer(operation.kind)) continue;
        if (problem_.apply(operation, value_) == kNoValue) continue;
        const uint32_t previous = links_[at].previous;
        mark(event.operation);
        lift(event.operation);
        next = links_[previous].next;  // its completion may have been the next
    }
}

// The next get says how the value must begin, unless a reset may still come before it.
void Search::find_target() {
    target_ = kNoValue;
    while (next_read_ < targets_.size() && is_placed_[targets_[next_read_].operation] != 0) {
        ++next_read_;
    }
    if (next_read_ == targets_.size()) return;
    const Target& target = targets_[next_read_];
    if (resets_placed_ != target.resets_before) return;
    if (target.unknown_resets_until > 0 && bound() <= target.unknown_resets_until) return;
    target_ = problem_.operations()[target.operation].a;
}

// The position of the first completion among what is not placed: nothing invoked later can be next.
uint32_t Search::bound() const {
    uint32_t at = links_[end_].next;
    while (at != end_ && !problem_.events()[at].is_completion) at = links_[at].next;
    return at;
}

bool Search::choose() {
    if (cursor_ < kFirstClass) {
        if (choose_answered()) return true;
        cursor_ = kFirstClass;
    }
    if (problem_.classes().empty()) return false;
    if (cursor_ < kOtherChoice) {
        if (choose_optional()) return true;
        cursor_ = kOtherChoice;
    }
    return cursor_ == kOtherChoice && choose_other();
}

bool Search::choose_answered() {
    for (; cursor_ != end_; cursor_ = links_[cursor_].next) {
        const Event event = problem_.events()[cursor_];
        if (event.is_completion) return false;
        const KeyOperation& operation = problem_.operations()[event.operation];
        if (is_observer(operation.kind)) continue;
        if (target_ != kNoValue && operation.kind == Kind::Append &&
            !problem_.values().continues(value_, operation.a, target_)) {
            continue;
        }
        const ValueId value = problem_.apply(operation, value_);
        if (value == kNoValue) continue;
        place(event.operation, kNever, value);
        lift(event.operation);
        return true;
    }
    return false;
}

bool Search::choose_optional() {
    const std::vector<OptionalClass>& classes = problem_.classes();
    const uint32_t before = bound();
    for (; cursor_ - kFirstClass < classes.size(); ++cursor_) {
        const OptionalClass& each = classes[cursor_ - kFirstClass];
        const KeyOperation& first = problem_.operations()[problem_.members()[each.first_member]];
        if (first.invoked > before) return false;
        if (each.useful_until < before) continue;
        if (target_ != kNoValue && first.kind == Kind::Append &&
            !problem_.values().continues(value_, first.a, target_)) {
            continue;
        }
        if (use(cursor_ - kFirstClass, first, before)) return true;
    }
    return false;
}

// One such member is as good as another: only the first free one is a choice.
bool Search::choose_other() {
    const std::vector<OptionalClass>& classes = problem_.classes();
    const uint32_t before = bound();
    if (problem_.difference_until() < before || target_ != kNoValue) return false;
    for (uint32_t index = 0; index < classes.size(); ++index) {
        if (classes[index].useful_until >= before) continue;
        if (use(index, kOtherWrite, before)) return true;
    }
    return false;
}

// Places the next member of a class if one was invoked before that position, as if it were `as`.
bool Search::use(uint32_t index, const KeyOperation& as, uint32_t before) {
    const OptionalClass& the_class = problem_.classes()[index];
    if (class_used_[index] == the_class.member_count) return false;
    const uint32_t member = problem_.members()[the_class.first_member + class_used_[index]];
    if (problem_.operations()[member].invoked > before) return false;
    // Not using it keeps more choice if it changes nothing.
    const ValueId value = problem_.apply(as, value_);
    if (value == kNoValue || value == value_) return false;
    place(member, index, value);
    ++class_used_[index];
    return true;
}

void Search::place(uint32_t operation, uint32_t used_class, ValueId value) {
    ++expansions_;
    frames_.push_back({cursor_, used_class, static_cast<uint32_t>(placed_.size()), value_, set_,
                       next_read_, resets_placed_});
    mark(operation);
    const KeyOperation& placed = problem_.operations()[operation];
    if (!placed.optional && may_lead_on(placed)) ++resets_placed_;
    value_ = value;
}

void Search::mark(uint32_t operation) {
    placed_.push_back(operation);
    is_placed_[operation] = 1;
    set_.low ^= mix(operation, kLowKey);
    set_.high ^= mix(operation, kHighKey);
}

// Takes back the last choice with all observers placed after it; the next one is tried then.
void Search::take_back() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    while (placed_.size() > frame.placed_before) {
        const uint32_t operation = placed_.back();
        placed_.pop_back();
        is_placed_[operation] = 0;
        if (!problem_.operations()[operation].optional) put_back(operation);
    }
    value_ = frame.value;
    set_ = frame.placed;
    next_read_ = frame.next_read;
    resets_placed_ = frame.resets_placed;
    if (frame.used_class != kNever) --class_used_[frame.used_class];
    cursor_ = frame.choice < kFirstClass ? links_[frame.choice].next : frame.choice + 1;
    if (problem_.appends()) find_target();
}

void Search::lift(uint32_t operation) {
    const KeyOperation& lifted = problem_.operations()[operation];
    for (const uint32_t at : {lifted.invoked, lifted.completed}) {
        links_[links_[at].previous].next = links_[at].next;
        links_[links_[at].next].previous = links_[at].previous;
    }
}

// Exactly the reverse of `lift`: the links of a lifted element still say where it was.
void Search::put_back(uint32_t operation) {
    const KeyOperation& lifted = problem_.operations()[operation];
    for (const uint32_t at : {lifted.completed, lifted.invoked}) {
        links_[links_[at].previous].next = at;
        links_[links_[at].next].previous = at;
    }
}

// Enters the situation into the memory. False if it is there already.
bool Search::remember() {
    Fingerprint key{set_.low ^ mix(value_, kHighKey), set_.high ^ mix(value_, kLowKey)};
    if (key == Fingerprint{}) key.low = 1;
    if ((visited_count_ + 1) * 2 > visited_.size()) grow_memory();
    std::size_t at = key.low & (visited_.size() - 1);
    while (!(visited_[at] == Fingerprint{})) {
        if (visited_[at] == key) return false;
        at = (at + 1) & (visited_.size() - 1);
    }
    visited_[at] = key;
    ++visited_count_;
    return true;
}

void Search::grow_memory() {
    std::vector<Fingerprint> old(visited_.size() * 2);
    if (old.size() * sizeof(Fingerprint) + problem_.values().memory_bytes() > memory_bytes_max_) {
        out_of_memory_ = true;
    }
    old.swap(visited_);
    for (const Fingerprint& key : old) {
        if (key == Fingerprint{}) continue;
        std::size_t at = key.low & (visited_.size() - 1);
        while (!(visited_[at] == Fingerprint{})) at = (at + 1) & (visited_.size() - 1);
        visited_[at] = key;
    }
}

}  // namespace wavetank::linearizability
