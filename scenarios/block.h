// Reading a parsed scenario file: one Block for each `name { ... }`, with typed access to its
// fields by name and errors that know their place. Everything about Protobuf's reflection and its
// tree of positions stays in here. Reading never stops at a mistake: a faulty field leaves its
// target as it was, and the mistake is noted.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "scenarios/error.h"
#include "scenarios/names.h"
#include "sim/world/ratio.h"

namespace wavetank {

// What all blocks of one file share.
struct Notes {
    std::vector<ScenarioError> errors;  // without the file's name
    std::set<Place> damaged;            // see SyntaxReport
    uint32_t servers = 0;               // numbers of servers are checked against this
    std::set<ServerId> with_sqlite;     // those that keep their state in SQLite
    bool beyond_limit = false;          // what disks suffer may be more than can be survived
};

template <class Number>
struct Limits {
    Number min = 0;
    Number max = std::numeric_limits<Number>::max();
};

enum class Sign : uint8_t { Positive, NotNegative, Any };

// A view into the parsed message, its tree of positions and the notes; all must outlive it. A field
// that the message type does not have is a bug of the caller.
class Block {
 public:
    using Message = google::protobuf::Message;
    using Tree = google::protobuf::TextFormat::ParseInfoTree;
    struct Source {
        const Message* message;
        const Tree* tree;  // none for a block that is not in the file
        Place place;
    };
    Block(Source source, std::string name, Notes* notes)
        : source_(source), name_(std::move(name)), notes_(notes) {}

    const std::string& name() const { return name_; }
    Place place() const { return source_.place; }
    Notes& notes() const { return *notes_; }

    bool has(const char* field) const;
    // Requires has(field).
    Block child(const char* field) const;
    std::vector<Block> children(const char* field) const;
    // The field of the oneof that is given, or "".
    std::string chosen(const char* oneof) const;

    // Each reads the field into `value` if it is given, and returns whether that was done. A value
    // that makes no sense is noted as an error and not stored.
    bool number(const char* field, uint32_t* value, Limits<uint32_t> limits = {}) const;
    bool number(const char* field, uint64_t* value, Limits<uint64_t> limits = {}) const;
    bool number(const char* field, int64_t* value, Limits<int64_t> limits) const;
    bool flag(const char* field, bool* value) const;
    bool text(const char* field, std::string* value) const;
    bool duration(const char* field, Duration* value, Sign sign = Sign::NotNegative) const;
    bool ratio(const char* field, Ratio* value) const;
    bool server(const char* field, ServerId* value) const;
    // All of a repeated field; on a faulty element nothing is stored.
    bool servers(const char* field, std::vector<ServerId>* values) const;
    bool numbers(const char* field, std::vector<uint64_t>* values) const;
    bool durations(const char* field, std::vector<Duration>* values) const;
    std::vector<std::string> texts(const char* field) const;
    template <class Enum, std::size_t N>
    bool choice(const char* field, Enum* value, const EnumName<Enum> (&names)[N]) const {
        if (!has(field)) return false;
        const std::string name = enumerator(field);
        for (const EnumName<Enum>& known : names) {
            if (name == known.name) *value = known.value;
        }
        return true;
    }

    // Notes a mistake at the field (or, if it is not given, at this block).
    void error(const char* field, std::string message) const;
    void error(std::string message) const;
    // The same for something that is not there; not noted if a part of this block was unreadable.
    void missing(std::string message) const;
    bool damaged() const { return notes_->damaged.contains(source_.place); }
    // Notes and returns false if the field is not given.
    bool require(const char* field, std::string_view example) const;

 private:
    const google::protobuf::FieldDescriptor& descriptor(const char* field) const;
    Place place_of(const char* field, int index = -1) const;
    std::string enumerator(const char* field) const;
    bool read_duration(const char* field, const std::string& text, Duration* value,
                       Sign sign) const;
    bool known_server(const char* field, uint32_t number) const;
    template <class Number>
    bool within(const char* field, Number number, Limits<Number> limits) const;

    Source source_;
    std::string name_;
    Notes* notes_;
};

}  // namespace wavetank
