// Text in Protobuf's text format, built as a tree of fields and laid out for people: a block that
// fits on a line stands on one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "sim/world/ratio.h"

namespace wavetank {

class TextTree {
 public:
    // Each adds one field to the block.
    void add(const char* name, uint64_t number);
    void add_signed(const char* name, int64_t number);
    void add_flag(const char* name, bool flag);
    void add_word(const char* name, std::string_view word);  // an enumerator
    void add_text(const char* name, std::string_view text);
    void add_span(const char* name, Duration span);
    void add_ratio(const char* name, Ratio ratio);
    void add_list(const char* name, const std::vector<uint64_t>& numbers);
    void add_texts(const char* name, const std::vector<std::string>& texts);
    void add_spans(const char* name, const std::vector<Duration>& spans);
    void add_block(const char* name, TextTree block);

    bool empty() const { return fields_.empty(); }
    // The fields of the outermost block, each on a line or several.
    std::string layout() const;

 private:
    struct Field {
        std::string name;
        std::string value;             // of a field that is no block
        std::vector<TextTree> blocks;  // of a block: exactly one
    };
    void add_raw(const char* name, std::string value);
    static std::string on_one_line(const Field& field);
    void lay_out(std::size_t indent, std::string* text) const;

    std::vector<Field> fields_;
};

// In double quotes, with escapes where text format needs them.
std::string quoted(std::string_view text);

}  // namespace wavetank
