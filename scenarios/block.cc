// Typed access to fields by reflection.
#include "scenarios/block.h"

#include <fmt/core.h>

#include "core/base/check.h"

namespace wavetank {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

// Longer spans are mistakes, and sums of shorter ones never overflow.
constexpr Duration kDurationMax = seconds(3600) * 1000;

}  // namespace

const FieldDescriptor& Block::descriptor(const char* field) const {
    const FieldDescriptor* found = source_.message->GetDescriptor()->FindFieldByName(field);
    CHECK(found != nullptr);
    return *found;
}

bool Block::has(const char* field) const {
    const FieldDescriptor& found = descriptor(field);
    const auto* reflection = source_.message->GetReflection();
    if (found.is_repeated()) return reflection->FieldSize(*source_.message, &found) > 0;
    return reflection->HasField(*source_.message, &found);
}

Place Block::place_of(const char* field, int index) const {
    if (source_.tree == nullptr) return source_.place;
    const FieldDescriptor& found = descriptor(field);
    if (found.is_repeated() && index < 0) index = 0;
    // A list [a, b] has one place for all its elements.
    auto location = source_.tree->GetLocation(&found, found.is_repeated() ? index : -1);
    for (; location.line < 0 && index > 0; --index) {
        location = source_.tree->GetLocation(&found, index - 1);
    }
    if (location.line < 0) return source_.place;
    return {location.line + 1, location.column + 1};
}

Block Block::child(const char* field) const {
    CHECK(has(field));
    const FieldDescriptor& found = descriptor(field);
    const Message& message = source_.message->GetReflection()->GetMessage(*source_.message, &found);
    const Tree* tree =
        source_.tree == nullptr ? nullptr : source_.tree->GetTreeForNested(&found, -1);
    return Block({&message, tree, place_of(field)}, field, notes_);
}

std::vector<Block> Block::children(const char* field) const {
    const FieldDescriptor& found = descriptor(field);
    const auto* reflection = source_.message->GetReflection();
    std::vector<Block> blocks;
    for (int i = 0; i < reflection->FieldSize(*source_.message, &found); ++i) {
        const Message& message = reflection->GetRepeatedMessage(*source_.message, &found, i);
        const Tree* tree =
            source_.tree == nullptr ? nullptr : source_.tree->GetTreeForNested(&found, i);
        blocks.emplace_back(Source{&message, tree, place_of(field, i)}, field, notes_);
    }
    return blocks;
}

std::string Block::chosen(const char* oneof) const {
    const OneofDescriptor* found = source_.message->GetDescriptor()->FindOneofByName(oneof);
    CHECK(found != nullptr);
    const FieldDescriptor* field =
        source_.message->GetReflection()->GetOneofFieldDescriptor(*source_.message, found);
    return field == nullptr ? std::string() : field->name();
}

// --- Mistakes ---

void Block::error(const char* field, std::string message) const {
    const Place place = place_of(field);
    notes_->errors.push_back({"", place.line, place.column, std::move(message)});
}

void Block::error(std::string message) const {
    notes_->errors.push_back({"", source_.place.line, source_.place.column, std::move(message)});
}

void Block::missing(std::string message) const {
    if (!damaged()) error(std::move(message));
}

bool Block::require(const char* field, std::string_view example) const {
    if (has(field)) return true;
    missing(fmt::format("{} needs \"{}\"; add for example {}", name_, field, example));
    return false;
}

// --- Values ---

template <class Number>
bool Block::within(const char* field, Number number, Limits<Number> limits) const {
    if (number >= limits.min && number <= limits.max) return true;
    if (limits.max == std::numeric_limits<Number>::max()) {
        error(field, fmt::format("{} is {}; it must be at least {}", field, number, limits.min));
    } else {
        error(field, fmt::format("{} is {}; it must be from {} to {}", field, number, limits.min,
                                 limits.max));
    }
    return false;
}

bool Block::number(const char* field, uint32_t* value, Limits<uint32_t> limits) const {
    if (!has(field)) return false;
    const uint32_t read =
        source_.message->GetReflection()->GetUInt32(*source_.message, &descriptor(field));
    if (!within(field, read, limits)) return false;
    *value = read;
    return true;
}

bool Block::number(const char* field, uint64_t* value, Limits<uint64_t> limits) const {
    if (!has(field)) return false;
    const uint64_t read =
        source_.message->GetReflection()->GetUInt64(*source_.message, &descriptor(field));
    if (!within(field, read, limits)) return false;
    *value = read;
    return true;
}

bool Block::number(const char* field, int64_t* value, Limits<int64_t> limits) const {
    if (!has(field)) return false;
    const int64_t read =
        source_.message->GetReflection()->GetInt64(*source_.message, &descriptor(field));
    if (!within(field, read, limits)) return false;
    *value = read;
    return true;
}

bool Block::flag(const char* field, bool* value) const {
    if (!has(field)) return false;
    *value = source_.message->GetReflection()->GetBool(*source_.message, &descriptor(field));
    return true;
}

bool Block::text(const char* field, std::string* value) const {
    if (!has(field)) return false;
    *value = source_.message->GetReflection()->GetString(*source_.message, &descriptor(field));
    return true;
}

bool Block::read_duration(const char* field, const std::string& text, Duration* value,
                          Sign sign) const {
    const bool negative = text.starts_with('-');
    const auto span = parse_duration(std::string_view(text).substr(negative ? 1 : 0));
    if (!span) {
        error(field,
              fmt::format("{} is \"{}\", which is no duration; write it as \"20ns\", \"100us\", "
                          "\"250ms\", \"1.5s\", \"2m\" or \"1h\"",
                          field, text));
        return false;
    }
    if (negative && sign != Sign::Any) {
        error(field, fmt::format("{} is \"{}\"; it must not be negative", field, text));
        return false;
    }
    if (sign == Sign::Positive && span->nanos == 0) {
        error(field, fmt::format("{} is \"{}\"; it must be longer than that", field, text));
        return false;
    }
    if (*span > kDurationMax) {
        error(field, fmt::format("{} is \"{}\"; it must be at most \"1000h\"", field, text));
        return false;
    }
    *value = negative ? Duration{-span->nanos} : *span;
    return true;
}

bool Block::duration(const char* field, Duration* value, Sign sign) const {
    std::string written;
    return text(field, &written) && read_duration(field, written, value, sign);
}

bool Block::durations(const char* field, std::vector<Duration>* values) const {
    const FieldDescriptor& found = descriptor(field);
    const auto* reflection = source_.message->GetReflection();
    std::vector<Duration> read;
    for (int i = 0; i < reflection->FieldSize(*source_.message, &found); ++i) {
        const std::string written = reflection->GetRepeatedString(*source_.message, &found, i);
        if (!read_duration(field, written, &read.emplace_back(), Sign::NotNegative)) return false;
    }
    *values = std::move(read);
    return true;
}

bool Block::ratio(const char* field, Ratio* value) const {
    std::string written;
    if (!text(field, &written)) return false;
    const auto read = parse_ratio(written);
    if (!read) {
        error(field,
              fmt::format("{} is \"{}\", which is no probability; write it as \"0%\", \"2.5%\" "
                          "or \"100%\"",
                          field, written));
        return false;
    }
    *value = *read;
    return true;
}

bool Block::known_server(const char* field, uint32_t number) const {
    if (number >= 1 && number <= notes_->servers) return true;
    error(field, fmt::format("there is no server {}; servers are numbered 1 to {}", number,
                             notes_->servers));
    return false;
}

bool Block::server(const char* field, ServerId* value) const {
    uint32_t read = 0;
    if (!number(field, &read) || !known_server(field, read)) return false;
    *value = ServerId(read);
    return true;
}

bool Block::servers(const char* field, std::vector<ServerId>* values) const {
    const FieldDescriptor& found = descriptor(field);
    const auto* reflection = source_.message->GetReflection();
    std::vector<ServerId> read;
    for (int i = 0; i < reflection->FieldSize(*source_.message, &found); ++i) {
        const uint32_t number = reflection->GetRepeatedUInt32(*source_.message, &found, i);
        if (!known_server(field, number)) return false;
        for (const ServerId other : read) {
            if (other.value() != number) continue;
            error(field, fmt::format("server {} is listed twice; once is enough", number));
            return false;
        }
        read.push_back(ServerId(number));
    }
    *values = std::move(read);
    return true;
}

bool Block::numbers(const char* field, std::vector<uint64_t>* values) const {
    const FieldDescriptor& found = descriptor(field);
    const auto* reflection = source_.message->GetReflection();
    std::vector<uint64_t> read;
    for (int i = 0; i < reflection->FieldSize(*source_.message, &found); ++i) {
        read.push_back(reflection->GetRepeatedUInt64(*source_.message, &found, i));
    }
    *values = std::move(read);
    return true;
}

std::vector<std::string> Block::texts(const char* field) const {
    const FieldDescriptor& found = descriptor(field);
    const auto* reflection = source_.message->GetReflection();
    std::vector<std::string> read;
    for (int i = 0; i < reflection->FieldSize(*source_.message, &found); ++i) {
        read.push_back(reflection->GetRepeatedString(*source_.message, &found, i));
    }
    return read;
}

std::string Block::enumerator(const char* field) const {
    return source_.message->GetReflection()->GetEnum(*source_.message, &descriptor(field))->name();
}

}  // namespace wavetank
