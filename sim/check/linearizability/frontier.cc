// The walk through the events, and what a completion does to the configurations.
#include "sim/check/linearizability/frontier.h"

#include <algorithm>
#include <bit>

namespace wavetank::linearizability {
namespace {

constexpr uint8_t kNoSlot = 255;

constexpr uint32_t kOtherBit = uint32_t{1} << kOtherSlot;
constexpr KeyOperation kOtherWrite{.kind = Kind::Write, .optional = true, .a = kOther};

constexpr uint64_t bit_of(unsigned slot) {
    return uint64_t{1} << slot;
}

}  // namespace

void Frontier::Antichain::clear() {
    for (const Configuration& each : items_) {
        // The walk may have moved it to a value that never had a chain here.
        if (each.value < first_of_value_.size()) first_of_value_[each.value] = kNever;
    }
    items_.clear();
    next_.clear();
}

bool Frontier::Antichain::insert(const Configuration& configuration, const Frontier& frontier) {
    if (configuration.value >= first_of_value_.size()) {
        first_of_value_.resize(
            std::max<std::size_t>(configuration.value + 1, 2 * first_of_value_.size()), kNever);
    }
    uint32_t* link = &first_of_value_[configuration.value];
    while (*link != kNever) {
        Configuration& other = items_[*link];
        if (frontier.dominates(other, configuration)) return false;
        if (frontier.dominates(configuration, other)) {
            other.dominated = true;
            *link = next_[*link];
        } else {
            link = &next_[*link];
        }
    }
    const uint32_t first = first_of_value_[configuration.value];
    first_of_value_[configuration.value] = static_cast<uint32_t>(items_.size());
    items_.push_back(configuration);
    next_.push_back(first);
    return true;
}

// Afterwards the set can be walked and changed in place, and must be cleared before the next
// insert.
void Frontier::Antichain::drop_dominated() {
    std::erase_if(items_, [this](const Configuration& each) {
        first_of_value_[each.value] = kNever;
        return each.dominated;
    });
}

void Frontier::reset() {
    expansions_ = 0;
    failed_at_ = kNever;
    for (Antichain* each : {&current_, &next_, &pending_}) each->clear();
    slot_of_.assign(problem_.operations().size(), kNoSlot);
    class_slot_.assign(problem_.classes().size(), kNoSlot);
    open_ = open_observers_ = open_writes_ = open_absorbable_ = 0;
    class_slots_ = 0;
    available_ = {};
    other_members_.clear();
    retire_next_ = kNever;
    Configuration start;
    start.value = problem_.initial();
    current_.insert(start, *this);
    current_.drop_dominated();
    cuts_.clear();
}

Progress Frontier::run(uint64_t expansions_max) {
    reset();
    const std::vector<Event>& events = problem_.events();
    for (uint32_t position = 0; position < events.size(); ++position) {
        if (position > retire_next_ && !retire_classes(position)) return Progress::Unable;
        const Event event = events[position];
        if (!event.is_completion) {
            if (!invoke(event.operation, position)) return Progress::Unable;
            continue;
        }
        const unsigned slot = slot_of_[event.operation];
        ++expansions_;
        if (expansions_ > expansions_max) return Progress::OutOfBudget;
        if (!complete_alone(slot)) {
            next_.clear();
            pending_.clear();
            // One completion alone may use up the budget: look at it after each configuration.
            complete(slot);
            for (std::size_t i = 0; i < pending_.items().size(); ++i) {
                if (expansions_ > expansions_max) return Progress::OutOfBudget;
                if (pending_.items().size() + next_.items().size() > configurations_max_) {
                    return Progress::Unable;
                }
                const Configuration from = pending_.items()[i];
                if (!from.dominated) expand(from, slot);
            }
            next_.drop_dominated();
            if (next_.items().empty()) {
                failed_at_ = position;
                return Progress::Illegal;
            }
            std::swap(current_, next_);
        }
        close_slot(slot);
        if (cuts_max_ > 0 && open_ == 0 && current_.items().size() == 1) {
            remember_cut(position + 1);
        }
    }
    return Progress::Legal;
}

bool Frontier::invoke(uint32_t operation_index, uint32_t position) {
    const KeyOperation& operation = problem_.operations()[operation_index];
    if (operation.optional) return invoke_optional(operation.optional_class, position);
    if (open_ == ~uint64_t{0}) return false;
    const auto slot = static_cast<unsigned>(std::countr_one(open_));
    const uint64_t bit = bit_of(slot);
    slot_operation_[slot] = operation_index;
    slot_of_[operation_index] = static_cast<uint8_t>(slot);
    open_ |= bit;
    if (operation.kind == Kind::Write) open_writes_ |= bit;
    if (operation.kind == Kind::Write || operation.kind == Kind::Append) open_absorbable_ |= bit;
    if (is_observer(operation.kind)) open_observers_ |= bit;
    if (!is_observer(operation.kind) && operation.kind != Kind::Write) return true;
    for (Configuration& each : current_.items()) settle(each);
    return true;
}

bool Frontier::invoke_optional(uint32_t optional_class, uint32_t position) {
    const OptionalClass& the_class = problem_.classes()[optional_class];
    if (the_class.useful_until <= position) {
        if (problem_.difference_until() <= position) return true;
        class_slots_ |= kOtherBit;
        retire_next_ = std::min(retire_next_, problem_.difference_until());
        if (cuts_max_ > 0) other_members_.push_back(problem_.events()[position].operation);
        return ++available_[kOtherSlot] <= UINT16_MAX;
    }
    uint8_t& slot = class_slot_[optional_class];
    if (slot == kNoSlot) {
        if ((class_slots_ | kOtherBit) == ~uint32_t{0}) return false;
        slot = static_cast<uint8_t>(std::countr_one(class_slots_));
        class_slots_ |= uint32_t{1} << slot;
        class_in_slot_[slot] = optional_class;
        available_[slot] = 0;
        retire_next_ = std::min(retire_next_, the_class.useful_until);
    }
    return ++available_[slot] <= UINT16_MAX;
}

// When nothing asks any more for what a class did, its members are as good as writes of kOther; and
// those count as long as anything asks for a difference. False if there are too many.
bool Frontier::retire_classes(uint32_t position) {
    retire_next_ = kNever;
    const bool difference = problem_.difference_until() >= position;
    for (uint32_t rest = class_slots_ & ~kOtherBit; rest != 0; rest &= rest - 1) {
        const auto slot = static_cast<unsigned>(std::countr_zero(rest));
        const OptionalClass& the_class = problem_.classes()[class_in_slot_[slot]];
        if (the_class.useful_until >= position) {
            retire_next_ = std::min(retire_next_, the_class.useful_until);
            continue;
        }
        class_slots_ &= ~(uint32_t{1} << slot);
        class_slot_[class_in_slot_[slot]] = kNoSlot;
        available_[kOtherSlot] += available_[slot];
        for (uint32_t i = 0; cuts_max_ > 0 && i < available_[slot]; ++i) {
            other_members_.push_back(problem_.members()[the_class.first_member + i]);
        }
        if (available_[kOtherSlot] > UINT16_MAX) return false;
        for (Configuration& each : current_.items()) {
            each.used[kOtherSlot] = static_cast<uint16_t>(each.used[kOtherSlot] + each.used[slot]);
            each.used[slot] = 0;
        }
    }
    class_slots_ &= ~kOtherBit;
    if (difference && available_[kOtherSlot] > 0) {
        class_slots_ |= kOtherBit;
        retire_next_ = std::min(retire_next_, problem_.difference_until());
    } else if (!difference) {
        available_[kOtherSlot] = 0;
        other_members_.clear();
        for (Configuration& each : current_.items()) each.used[kOtherSlot] = 0;
    }
    return true;
}

const KeyOperation& Frontier::operation_of_class_slot(unsigned slot) const {
    if (slot == kOtherSlot) return kOtherWrite;
    const OptionalClass& the_class = problem_.classes()[class_in_slot_[slot]];
    return problem_.operations()[problem_.members()[the_class.first_member]];
}

// The usual case: one configuration, nothing else that could change the value. False if it is
// another.
bool Frontier::complete_alone(unsigned slot) {
    if (current_.items().size() != 1) return false;
    Configuration& only = current_.items().front();
    const uint64_t bit = bit_of(slot);
    const KeyOperation& operation = problem_.operations()[slot_operation_[slot]];
    if ((only.done & bit) != 0) return true;
    // Something else might have come first: observers alone do not, they only watch.
    if (class_slots_ != 0 || (open_ & ~open_observers_ & ~bit) != 0) return false;
    const ValueId value = problem_.apply(operation, only.value);
    if (value == kNoValue) return false;
    // Absorbed, or taking effect now: two possibilities, unless they are the same.
    if ((only.absorbable & bit) != 0 && value != only.value) return false;
    only.value = value;
    settle(only);
    return true;
}

// Sorts the configurations: those that can live with the completion go to `next_`, the others (and
// those that need not, but may let it take effect now) to `pending_`.
void Frontier::complete(unsigned slot) {
    const uint64_t bit = bit_of(slot);
    for (const Configuration& each : current_.items()) {
        if (((each.done | each.absorbable) & bit) != 0) offer(each, bit);
        if ((each.done & bit) != 0) continue;
        Configuration pending = each;
        pending.fresh = false;
        pending_.insert(pending, *this);
    }
}

// Into `next_`, without the completing operation.
void Frontier::offer(Configuration configuration, uint64_t bit) {
    configuration.done &= ~bit;
    configuration.absorbable &= ~bit;
    configuration.fresh = false;
    next_.insert(configuration, *this);
}

// All that can take effect next in `from`, in which the operation in `slot` has not.
void Frontier::expand(const Configuration& from, unsigned slot) {
    const uint64_t bit = bit_of(slot);
    const auto add = [&](const std::optional<Configuration>& child) {
        if (!child) return;
        ++expansions_;
        if ((child->done & bit) != 0) {
            offer(*child, bit);
        } else {
            pending_.insert(*child, *this);
        }
    };
    for (uint64_t rest = open_ & ~open_observers_ & ~from.done; rest != 0; rest &= rest - 1) {
        const auto other = static_cast<unsigned>(std::countr_zero(rest));
        const KeyOperation& operation = problem_.operations()[slot_operation_[other]];
        add(place(from, operation, bit_of(other)));
    }
    for (uint32_t rest = class_slots_; rest != 0; rest &= rest - 1) {
        const auto unknown = static_cast<unsigned>(std::countr_zero(rest));
        if (from.used[unknown] >= available_[unknown]) continue;
        auto child = place(from, operation_of_class_slot(unknown), 0);
        if (!child) continue;
        // Not using it keeps more choice, unless it changes the value or absorbs something.
        if (child->value == from.value && child->absorbable == from.absorbable) continue;
        ++child->used[unknown];
        add(child);
    }
}

// `from` after `operation` took effect; `bit` is its slot, or 0 if its outcome is unknown.
std::optional<Frontier::Configuration> Frontier::place(const Configuration& from,
                                                       const KeyOperation& operation,
                                                       uint64_t bit) const {
    const bool write = operation.kind == Kind::Write;
    // The write before would be absorbable if this one had come in its place.
    if (write && from.fresh) return std::nullopt;
    const ValueId value = problem_.apply(operation, from.value);
    if (value == kNoValue) return std::nullopt;
    Configuration to = from;
    to.value = value;
    to.done |= bit;
    to.absorbable &= ~bit;
    if (write || operation.kind == Kind::Take) to.absorbable |= open_absorbable_ & ~to.done;
    const uint64_t satisfied = to.done & open_observers_;
    settle(to);
    to.fresh = write && (to.done & open_observers_) == satisfied;
    return to;
}

// Observers that hold now are satisfied; writes of the present value may count as done.
void Frontier::settle(Configuration& configuration) const {
    const uint64_t candidates = open_observers_ | open_writes_;
    const uint64_t settled = configuration.done | configuration.absorbable;
    for (uint64_t rest = candidates & ~settled; rest != 0; rest &= rest - 1) {
        const uint64_t bit = rest & -rest;
        const auto slot = static_cast<unsigned>(std::countr_zero(rest));
        const KeyOperation& operation = problem_.operations()[slot_operation_[slot]];
        if (problem_.apply(operation, configuration.value) != configuration.value) continue;
        uint64_t& where =
            (open_observers_ & bit) != 0 ? configuration.done : configuration.absorbable;
        where |= bit;
    }
}

bool Frontier::dominates(const Configuration& better, const Configuration& worse) const {
    const uint64_t differ = better.done ^ worse.done;
    const uint64_t rigid = open_ & ~open_observers_ & ~open_absorbable_;
    if ((differ & rigid) != 0) return false;
    if ((worse.done & ~better.done & open_observers_) != 0) return false;
    if ((open_absorbable_ & ~better.absorbable & (differ | worse.absorbable)) != 0) return false;
    if (class_slots_ == 0) return true;
    bool fewer = true;
    for (std::size_t i = 0; i < kUnknownClassesMax; ++i) fewer &= better.used[i] <= worse.used[i];
    return fewer;
}

void Frontier::close_slot(unsigned slot) {
    const uint64_t keep = ~bit_of(slot);
    for (Configuration& each : current_.items()) {
        each.done &= keep;
        each.absorbable &= keep;
    }
    open_ &= keep;
    open_observers_ &= keep;
    open_writes_ &= keep;
    open_absorbable_ &= keep;
}

void Frontier::remember_cut(uint32_t position) {
    const Configuration& only = current_.items().front();
    Cut cut{position, only.value, {}};
    for (uint32_t rest = class_slots_; rest != 0; rest &= rest - 1) {
        const auto slot = static_cast<unsigned>(std::countr_zero(rest));
        for (uint32_t i = only.used[slot]; i < available_[slot]; ++i) {
            if (slot == kOtherSlot) {
                cut.unused.push_back(other_members_[i]);
                continue;
            }
            const OptionalClass& the_class = problem_.classes()[class_in_slot_[slot]];
            cut.unused.push_back(problem_.members()[the_class.first_member + i]);
        }
    }
    if (cuts_.size() == cuts_max_) cuts_.erase(cuts_.begin());
    cuts_.push_back(std::move(cut));
}

std::vector<ValueId> Frontier::possible_values() const {
    std::vector<ValueId> values;
    for (const Configuration& each : current_.items()) values.push_back(each.value);
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

}  // namespace wavetank::linearizability
