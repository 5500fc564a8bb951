// The walk over the tokens, one function for each part of the grammar: block, field, list, value.
#include "scenarios/syntax.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "scenarios/suggest.h"
#include "scenarios/tokens.h"

namespace wavetank {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kDepthMax = 32;

// The blocks around the current token, innermost first.
struct Frame {
    const Descriptor* type = nullptr;
    std::string name;  // of the field, or "the scenario"
    Place place;
    const Frame* outer = nullptr;
    int depth = 0;
    std::map<int, Place> seen;  // fields without repetition, by number
};

class Walk {
 public:
    explicit Walk(std::string_view text) : tokens_(tokenize(text)) {
        report_.repaired = text;
        // Protobuf counts a tab as up to eight columns; as a blank it is one, here and there.
        std::size_t from = 0;
        for (const Token& token : tokens_) {
            for (std::size_t i = from; i < token.offset; ++i) {
                if (report_.repaired[i] == '\t') report_.repaired[i] = ' ';
            }
            from = token.end();
        }
    }

    SyntaxReport run(const Descriptor& type, const char* name) {
        const auto bracket = find_bracket_mistake(tokens_);
        Frame file{&type, name, {}, nullptr, 0, {}};
        while (token().kind != TokenKind::End) {
            fields(file);
            if (token().kind != TokenKind::End) ++at_;  // a bracket that closes nothing
        }
        if (bracket) {
            report_.unbalanced = true;
            std::erase_if(report_.errors, [&](const ScenarioError& error) {
                return Place{error.line, error.column} >= bracket->place;
            });
            error_at(bracket->place, bracket->message);
        }
        return std::move(report_);
    }

 private:
    const Token& token() const { return tokens_[at_]; }
    bool at_block() const { return token().is('{') || token().is('<'); }
    bool at_close() const { return token().is('}') || token().is('>') || token().is(']'); }

    void error_at(Place place, std::string message) {
        report_.errors.push_back({"", place.line, place.column, std::move(message)});
    }
    // Takes the tokens [first, at_) out of the repaired text.
    void blank(const Frame& frame, std::size_t first) {
        report_.damaged.insert(frame.place);
        if (first >= at_) return;
        for (std::size_t i = tokens_[first].offset; i < tokens_[at_ - 1].end(); ++i) {
            char& c = report_.repaired[i];
            if (c != '\n') c = ' ';
        }
    }

    void fields(Frame& frame) {
        while (token().kind != TokenKind::End && !at_close()) {
            const std::size_t first = at_;
            if (!field(frame)) blank(frame, first);
            if (token().is(',') || token().is(';')) ++at_;
        }
    }

    // One field with its value. False if it must be blanked out; then it was reported and skipped.
    bool field(Frame& frame) {
        const Token name = token();
        if (name.kind != TokenKind::Name) {
            error_at(name.place, fmt::format("expected the name of a field in {}, found {}",
                                             frame.name, name.text));
            skip_strange();
            return false;
        }
        const FieldDescriptor* field = frame.type->FindFieldByName(std::string(name.text));
        ++at_;
        if (field == nullptr) {
            error_at(name.place, unknown_field(frame, name.text));
            skip_value();
            return false;
        }
        const bool first_time = note(frame, *field, name.place);
        const bool good = field->type() == FieldDescriptor::TYPE_MESSAGE
                              ? message_field(frame, *field, name.place)
                              : scalar_field(*field);
        return first_time && good;
    }

    // Remembers that the field was given. False if it was given before, or another of its oneof.
    bool note(Frame& frame, const FieldDescriptor& field, Place place) {
        if (field.is_repeated()) return true;
        const auto [seen, first] = frame.seen.emplace(field.number(), place);
        if (!first) {
            error_at(place, fmt::format("\"{}\" is given twice in {}, first at line {}; remove one",
                                        field.name(), frame.name, seen->second.line));
            return false;
        }
        if (field.containing_oneof() == nullptr) return true;
        for (int i = 0; i < field.containing_oneof()->field_count(); ++i) {
            const FieldDescriptor& other = *field.containing_oneof()->field(i);
            const auto found = frame.seen.find(other.number());
            if (&other == &field || found == frame.seen.end()) continue;
            frame.seen.erase(field.number());
            error_at(place,
                     fmt::format("\"{}\" and \"{}\" (line {}) exclude each other in {}; "
                                 "keep one of them",
                                 field.name(), other.name(), found->second.line, frame.name));
            return false;
        }
        return true;
    }

    static std::string unknown_field(const Frame& frame, std::string_view name) {
        std::vector<std::string> names;
        for (int i = 0; i < frame.type->field_count(); ++i) {
            names.push_back(frame.type->field(i)->name());
        }
        std::string text = fmt::format("unknown field \"{}\" in {}", name, frame.name);
        for (const Frame* outer = frame.outer; outer != nullptr; outer = outer->outer) {
            if (outer->type->FindFieldByName(std::string(name)) == nullptr) continue;
            return text +
                   fmt::format("; it belongs to {}, perhaps a \"}}\" stands at the wrong place",
                               outer->name);
        }
        const std::string near = nearest(name, names);
        if (!near.empty()) return text + fmt::format("; did you mean \"{}\"?", near);
        if (names.empty()) return text + ", which has none; write " + frame.name + " {}";
        return text + "; it has " + list_of(names, "and");
    }

    // --- Blocks ---

    bool message_field(Frame& frame, const FieldDescriptor& field, Place place) {
        const bool colon = token().is(':');
        if (colon) ++at_;
        if (at_block()) return block(frame, field, place);
        if (token().is('[') && field.is_repeated()) {
            ++at_;
            while (token().kind != TokenKind::End && !token().is(']')) {
                if (!at_block()) {
                    error_at(token().place,
                             fmt::format("expected a block {{ ... }} in the list {}, "
                                         "found {}",
                                         field.name(), shown(token())));
                    skip_list();
                    return false;
                }
                if (!block(frame, field, place)) return false;
                if (token().is(',')) ++at_;
            }
            if (token().is(']')) ++at_;
            return true;
        }
        error_at(place, fmt::format("\"{0}\" is a block; write {0} {{ ... }}", field.name()));
        if (colon && !token().is('[')) {
            skip_scalar();
        } else {
            skip_value();
        }
        return false;
    }

    bool block(const Frame& outer, const FieldDescriptor& field, Place place) {
        if (outer.depth == kDepthMax) {
            error_at(place, fmt::format("blocks stand in each other more than {} deep; use fewer",
                                        kDepthMax));
            skip_value();
            return false;
        }
        ++at_;
        Frame inner{field.message_type(), field.name(), place, &outer, outer.depth + 1, {}};
        fields(inner);
        if (token().kind != TokenKind::End) ++at_;
        return true;
    }

    // --- Values ---

    bool scalar_field(const FieldDescriptor& field) {
        const Token name = tokens_[at_ - 1];
        if (at_block()) {
            error_at(name.place, fmt::format("\"{0}\" is not a block; write {0}: {1}", field.name(),
                                             example(field)));
            skip_value();
            return false;
        }
        if (!token().is(':')) {
            error_at(name.place, fmt::format("a colon is missing after \"{0}\"; write {0}: {1}",
                                             field.name(), example(field)));
            skip_scalar();
            return false;
        }
        ++at_;
        if (!token().is('[')) return value(field);
        if (!field.is_repeated()) {
            error_at(token().place,
                     fmt::format("\"{0}\" takes one value, not a list; write {0}: {1}",
                                 field.name(), example(field)));
            ++at_;
            skip_list();
            return false;
        }
        ++at_;
        bool good = true;
        while (token().kind != TokenKind::End && !at_close()) {
            good = value(field) && good;
            if (token().is(',')) {
                ++at_;
            } else if (!token().is(']')) {
                error_at(token().place,
                         fmt::format("expected \",\" or \"]\" in the list {}, found {}",
                                     field.name(), shown(token())));
                skip_list();
                return false;
            }
        }
        if (token().is(']')) ++at_;
        return good;
    }

    bool value(const FieldDescriptor& field) {
        const std::size_t first = at_;
        const std::string wrong = judge(field);
        if (wrong.empty()) return true;
        error_at(tokens_[first].place, wrong);
        at_ = first;
        skip_scalar();
        return false;
    }

    // Reads one value; what is wrong with it, or nothing.
    std::string judge(const FieldDescriptor& field) {
        const Token first = token();
        switch (field.type()) {
            case FieldDescriptor::TYPE_STRING:
                return judge_text(field);
            case FieldDescriptor::TYPE_BOOL:
                ++at_;
                if (first.text == "true" || first.text == "false") return "";
                return fmt::format("\"{}\" is true or false, not {}", field.name(), shown(first));
            case FieldDescriptor::TYPE_ENUM:
                return judge_enum(field);
            case FieldDescriptor::TYPE_UINT32:
                return judge_number<uint32_t>(field);
            case FieldDescriptor::TYPE_UINT64:
                return judge_number<uint64_t>(field);
            default:
                return judge_number<int64_t>(field);
        }
    }

    std::string judge_text(const FieldDescriptor& field) {
        const Token first = token();
        if (first.kind == TokenKind::OpenText) {
            return "this text is not closed on its line; add the closing quote";
        }
        if (first.kind == TokenKind::Text) {
            while (token().kind == TokenKind::Text) ++at_;
            return "";
        }
        const bool minus = first.is('-') && tokens_[at_ + 1].kind == TokenKind::Number;
        if (minus || first.kind == TokenKind::Number || first.kind == TokenKind::Name) {
            const std::string written =
                std::string(first.text) +
                (minus ? std::string(tokens_[at_ + 1].text) : std::string());
            return fmt::format("\"{0}\" takes a text in quotes; write {0}: \"{1}\"", field.name(),
                               written);
        }
        return fmt::format("\"{}\" takes a text in quotes, found {}", field.name(), shown(first));
    }

    std::string judge_enum(const FieldDescriptor& field) {
        const Token first = token();
        std::vector<std::string> names;
        for (int i = 0; i < field.enum_type()->value_count(); ++i) {
            names.push_back(field.enum_type()->value(i)->name());
            if (first.kind == TokenKind::Name && first.text == names.back()) {
                ++at_;
                return "";
            }
        }
        const std::string near = nearest(first.text, names);
        if (near.empty() || first.kind != TokenKind::Name) {
            return fmt::format("\"{}\" cannot be {}; it is {}", field.name(), shown(first),
                               list_of(names));
        }
        return fmt::format("\"{}\" cannot be {}; did you mean {}?", field.name(), shown(first),
                           near);
    }

    template <class Number>
    std::string judge_number(const FieldDescriptor& field) {
        std::string written;
        if (token().is('-')) {
            written = "-";
            ++at_;
        }
        const Token& digits = token();
        written += shown(digits);
        if (digits.kind == TokenKind::Number) {
            const bool hex = written.starts_with("0x") || written.starts_with("0X");
            const bool octal = !hex && written.size() > 1 && written[0] == '0';
            if (hex || octal) {
                return fmt::format("\"{}\" is {}; write a decimal number without leading zeros",
                                   field.name(), written);
            }
            Number number{};
            const char* end = written.data() + written.size();
            const auto read = std::from_chars(written.data(), end, number);
            if (read.ec == std::errc() && read.ptr == end) {
                ++at_;
                return "";
            }
        }
        return fmt::format("\"{}\" takes a whole number from {} to {}, found {}", field.name(),
                           std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max(),
                           written);
    }

    static std::string shown(const Token& token) {
        return token.kind == TokenKind::End ? "the end of the file" : std::string(token.text);
    }
    static std::string example(const FieldDescriptor& field) {
        switch (field.type()) {
            case FieldDescriptor::TYPE_STRING:
                return "\"...\"";
            case FieldDescriptor::TYPE_BOOL:
                return "true";
            case FieldDescriptor::TYPE_ENUM:
                return field.enum_type()->value(0)->name();
            default:
                return field.is_repeated() ? "[1, 2]" : "1";
        }
    }

    // --- Going on after a mistake ---

    // Past whatever stands where a name should: up to the next name, or the end of the block.
    void skip_strange() {
        while (token().kind != TokenKind::End && token().kind != TokenKind::Name && !at_close()) {
            skip_one();
        }
    }
    // Past the value of an unknown field.
    void skip_value() {
        const bool colon = token().is(':');
        if (colon) ++at_;
        if (at_block() || token().is('[')) {
            skip_one();
        } else if (colon) {
            skip_scalar();
        }
    }
    void skip_scalar() {
        if (token().is('-')) ++at_;
        if (token().kind == TokenKind::Text) {
            while (token().kind == TokenKind::Text) ++at_;
        } else if (token().kind != TokenKind::End && !at_close()) {
            // "5 sec" without quotes: the second word is no name of a field.
            const bool number = token().kind == TokenKind::Number;
            skip_one();
            const Token& next = token();
            if (number && next.kind == TokenKind::Name && !tokens_[at_ + 1].is(':') &&
                !tokens_[at_ + 1].is('{')) {
                ++at_;
            }
        }
    }
    // Past the rest of a list whose "[" was read.
    void skip_list() {
        while (token().kind != TokenKind::End && !at_close()) skip_one();
        if (token().is(']')) ++at_;
    }
    // Past one token, or past a bracket and all it holds.
    void skip_one() {
        int depth = 0;
        do {
            if (at_block() || token().is('[')) ++depth;
            if (at_close()) --depth;
            ++at_;
        } while (depth > 0 && token().kind != TokenKind::End);
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    SyntaxReport report_;
};

}  // namespace

SyntaxReport check_syntax(std::string_view text, const Descriptor& type, const char* name) {
    return Walk(text).run(type, name);
}

}  // namespace wavetank
