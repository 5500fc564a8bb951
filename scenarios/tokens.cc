// Cutting a text into tokens, and counting brackets.
#include "scenarios/tokens.h"

#include <fmt/core.h>

namespace wavetank {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

class Cutter {
 public:
    explicit Cutter(std::string_view text) : text_(text) {}

    std::vector<Token> cut() {
        std::vector<Token> tokens;
        while (true) {
            skip_blanks();
            tokens.push_back(next());
            if (tokens.back().kind == TokenKind::End) return tokens;
        }
    }

 private:
    void skip_blanks() {
        while (at_ < text_.size()) {
            if (text_[at_] == '#') {
                while (at_ < text_.size() && text_[at_] != '\n') ++at_;
            } else if (text_[at_] == '\n') {
                ++at_;
                ++line_;
                line_start_ = at_;
            } else if (is_blank(text_[at_])) {
                ++at_;
            } else {
                return;
            }
        }
    }

    Token next() {
        const std::size_t start = at_;
        const Place place{line_, static_cast<int>(start - line_start_) + 1};
        TokenKind kind = TokenKind::End;
        if (at_ < text_.size()) {
            const char first = text_[at_++];
            if (is_letter(first)) {
                kind = TokenKind::Name;
                while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
            } else if (is_digit(first)) {
                kind = TokenKind::Number;
                while (at_ < text_.size() && in_number(text_[at_])) ++at_;
            } else if (first == '"' || first == '\'') {
                kind = finish_text(first);
            } else {
                kind = TokenKind::Symbol;
            }
        }
        return Token{kind, text_.substr(start, at_ - start), start, place};
    }

    static bool in_number(char c) { return is_digit(c) || is_letter(c) || c == '.' || c == '%'; }

    TokenKind finish_text(char quote) {
        while (at_ < text_.size() && text_[at_] != '\n') {
            const char c = text_[at_++];
            if (c == quote) return TokenKind::Text;
            if (c == '\\' && at_ < text_.size() && text_[at_] != '\n') ++at_;
        }
        return TokenKind::OpenText;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::size_t line_start_ = 0;
};

struct Opened {
    std::size_t token = 0;
    int indent = 0;  // column of the first token of its line
};

char closing_of(const Token& open) {
    return open.is('{') ? '}' : open.is('[') ? ']' : '>';
}

BracketMistake never_closed(const std::vector<Token>& tokens, std::size_t open) {
    // The block is known by the name before its bracket, perhaps with a colon between.
    std::size_t name = open;
    while (name > 0 && name + 2 > open && tokens[name].kind != TokenKind::Name) --name;
    const Token& bracket = tokens[open];
    if (tokens[name].kind != TokenKind::Name) {
        return {bracket.place, fmt::format("this \"{}\" is never closed; add \"{}\"", bracket.text,
                                           closing_of(bracket))};
    }
    return {tokens[name].place,
            fmt::format("\"{} {}\" is opened at line {} and never closed; add \"{}\"",
                        tokens[name].text, bracket.text, bracket.place.line, closing_of(bracket))};
}

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
    return Cutter(text).cut();
}

std::optional<BracketMistake> find_bracket_mistake(const std::vector<Token>& tokens) {
    std::vector<Opened> open;
    std::optional<std::size_t> suspect;
    int line = 0;
    int indent = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        const bool first_of_line = token.place.line != line;
        if (first_of_line) {
            line = token.place.line;
            indent = token.place.column;
        }
        if (token.is('{') || token.is('[') || token.is('<')) {
            open.push_back({i, indent});
        } else if (token.is('}') || token.is(']') || token.is('>')) {
            if (open.empty()) {
                return BracketMistake{token.place,
                                      fmt::format("this \"{}\" closes nothing; remove it, or look "
                                                  "for a block above that was closed too early",
                                                  token.text)};
            }
            const Opened last = open.back();
            if (token.text[0] != closing_of(tokens[last.token])) {
                return never_closed(tokens, last.token);
            }
            const bool outdented = first_of_line && tokens[last.token].place.line != line &&
                                   token.place.column < last.indent;
            if (outdented && !suspect) suspect = last.token;
            open.pop_back();
        }
    }
    if (open.empty()) return std::nullopt;
    return never_closed(tokens, suspect.value_or(open.back().token));
}

}  // namespace wavetank
