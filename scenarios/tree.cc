// Layout of text format.
#include "scenarios/tree.h"

#include <fmt/core.h>

namespace wavetank {
namespace {

constexpr std::size_t kLineMax = 100;
constexpr std::size_t kIndent = 4;

}  // namespace

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (c == '\n') {
            result += "\\n";
        } else if (byte < 0x20 || byte == 0x7f) {
            result += fmt::format("\\{:03o}", byte);
        } else {
            result += c;
        }
    }
    return result + '"';
}

void TextTree::add_raw(const char* name, std::string value) {
    fields_.push_back({name, std::move(value), {}});
}
void TextTree::add(const char* name, uint64_t number) {
    add_raw(name, fmt::format("{}", number));
}
void TextTree::add_signed(const char* name, int64_t number) {
    add_raw(name, fmt::format("{}", number));
}
void TextTree::add_flag(const char* name, bool flag) {
    add_raw(name, flag ? "true" : "false");
}
void TextTree::add_word(const char* name, std::string_view word) {
    add_raw(name, std::string(word));
}
void TextTree::add_text(const char* name, std::string_view text) {
    add_raw(name, quoted(text));
}
void TextTree::add_span(const char* name, Duration span) {
    add_text(name, to_string(span));
}
void TextTree::add_ratio(const char* name, Ratio ratio) {
    add_text(name, to_string(ratio));
}

void TextTree::add_list(const char* name, const std::vector<uint64_t>& numbers) {
    std::string list;
    for (const uint64_t number : numbers) {
        list += fmt::format("{}{}", list.empty() ? "" : ", ", number);
    }
    add_raw(name, "[" + list + "]");
}

void TextTree::add_spans(const char* name, const std::vector<Duration>& spans) {
    std::string list;
    for (const Duration span : spans) {
        list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", to_string(span));
    }
    add_raw(name, "[" + list + "]");
}

void TextTree::add_texts(const char* name, const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + quoted(text);
    add_raw(name, "[" + list + "]");
}

void TextTree::add_block(const char* name, TextTree block) {
    fields_.push_back({name, "", {}});
    fields_.back().blocks.push_back(std::move(block));
}

std::string TextTree::on_one_line(const Field& field) {
    if (field.blocks.empty()) return fmt::format("{}: {}", field.name, field.value);
    std::string inner;
    for (const Field& part : field.blocks[0].fields_) inner += on_one_line(part) + " ";
    return inner.empty() ? field.name + " {}" : fmt::format("{} {{ {}}}", field.name, inner);
}

void TextTree::lay_out(std::size_t indent, std::string* text) const {
    for (const Field& field : fields_) {
        const std::string blanks(indent, ' ');
        const std::string line = blanks + on_one_line(field);
        if (field.blocks.empty() || line.size() <= kLineMax) {
            *text += line + "\n";
        } else {
            *text += blanks + field.name + " {\n";
            field.blocks[0].lay_out(indent + kIndent, text);
            *text += blanks + "}\n";
        }
    }
}

std::string TextTree::layout() const {
    std::string text;
    lay_out(0, &text);
    return text;
}

}  // namespace wavetank
