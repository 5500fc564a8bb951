// Draws by weight.
#include "sim/workload/generator.h"

#include <array>

namespace wavetank {

KvFunction KvGenerator::draw_function() {
    if (reads_only_) return KvFunction::Get;
    const std::array<uint32_t, 5> weights = {setup_.get, setup_.put, setup_.append, setup_.cas,
                                             setup_.erase};
    uint64_t total = 0;
    for (const uint32_t weight : weights) total += weight;
    if (total == 0) return KvFunction::Put;
    uint64_t drawn = below(bits(), total);
    std::size_t at = 0;
    while (drawn >= weights[at]) drawn -= weights[at++];
    return static_cast<KvFunction>(at + 1);
}

std::string KvGenerator::draw_value() {
    std::string value = setup_.values == ValueDomain::Small
                            ? std::to_string(below(bits(), setup_.small_values))
                            : unique_value(++value_ordinal_);
    if (value.size() < setup_.value_bytes) value.resize(setup_.value_bytes, '_');
    return value;
}

KvCommand KvGenerator::next() {
    KvCommand command;
    command.function = draw_function();
    const uint64_t key = below(bits(), setup_.keys);
    command.key = keys_[key];
    uint32_t& appends = appends_[key];
    if (command.function == KvFunction::Append) {
        if (appends >= setup_.appends_in_a_row_max) command.function = KvFunction::Put;
        ++appends;
    }
    switch (command.function) {
        case KvFunction::Get:
            break;
        case KvFunction::Delete:
            appends = 0;
            break;
        case KvFunction::Put:
            appends = 0;
            [[fallthrough]];
        case KvFunction::Append:
            command.value = draw_value();
            break;
        case KvFunction::CompareAndSet:
            command.value = draw_value();
            // With unique values a guess from the small domain would never match: expect a value
            // that this client itself may have written.
            command.expected =
                setup_.values == ValueDomain::Small
                    ? std::to_string(below(bits(), setup_.small_values))
                    : unique_value(value_ordinal_ > 1 ? value_ordinal_ - 1 : value_ordinal_);
            if (command.expected.size() < setup_.value_bytes) {
                command.expected.resize(setup_.value_bytes, '_');
            }
            break;
    }
    return command;
}

}  // namespace wavetank
