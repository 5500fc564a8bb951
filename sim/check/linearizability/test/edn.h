// For the tests of this folder: as much of EDN as recorded histories use (numbers and names,
// strings without escapes, vectors, lists, maps, tagged values without their tag, comments).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace wavetank {

struct Edn {
    enum class Type { Atom, String, Sequence, Map };
    Type type = Type::Atom;
    std::string text;        // of an atom (":read", "4", "nil") or string
    std::vector<Edn> items;  // of a sequence; of a map: key, value, key, value, ...

    bool is_nil() const { return type == Type::Atom && text == "nil"; }
    // The value of a map's keyword; null if there is none.
    const Edn* find(std::string_view keyword) const {
        for (std::size_t i = 0; type == Type::Map && i + 1 < items.size(); i += 2) {
            if (items[i].text == keyword) return &items[i + 1];
        }
        return nullptr;
    }
    // The text of a map's keyword, or "".
    std::string text_of(std::string_view keyword) const {
        const Edn* found = find(keyword);
        return found == nullptr ? std::string() : found->text;
    }
};

class EdnReader {
 public:
    explicit EdnReader(std::string_view input) : in_(input) {}

    bool at_end() {
        skip_blanks();
        return in_.empty();
    }
    // The next value. What is broken ends early rather than being reported: the caller compares
    // counts.
    Edn read() {
        skip_blanks();
        Edn result;
        if (in_.empty()) return result;
        const char first = in_.front();
        if (first == '[' || first == '(' || first == '{') {
            result.type = first == '{' ? Edn::Type::Map : Edn::Type::Sequence;
            in_.remove_prefix(1);
            while (!at_end() && !closes(in_.front())) result.items.push_back(read());
            if (!in_.empty()) in_.remove_prefix(1);
        } else if (first == '"') {
            result.type = Edn::Type::String;
            std::size_t end = 1;
            for (; end < in_.size() && in_[end] != '"'; ++end) {
                if (in_[end] == '\\' && end + 1 < in_.size()) ++end;
                result.text.push_back(in_[end]);
            }
            in_.remove_prefix(std::min(end + 1, in_.size()));
        } else {
            const std::size_t end = std::min(in_.find_first_of(" ,\t\r\n()[]{}\";"), in_.size());
            result.text = in_.substr(0, end);
            in_.remove_prefix(end == 0 ? 1 : end);
            if (result.text.starts_with('#')) return read();
        }
        return result;
    }

 private:
    static bool closes(char c) { return c == ']' || c == ')' || c == '}'; }
    void skip_blanks() {
        while (!in_.empty()) {
            const std::size_t blanks = std::min(in_.find_first_not_of(" ,\t\r\n"), in_.size());
            in_.remove_prefix(blanks);
            if (in_.empty() || in_.front() != ';') return;
            in_.remove_prefix(std::min(in_.find('\n'), in_.size()));
        }
    }

    std::string_view in_;
};

}  // namespace wavetank
