// The words of a file in Protobuf text format, each with its place. Protobuf's own tokenizer stops
// being useful after the first mistake; this one goes on, so that a file is judged as a whole.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/error.h"

namespace wavetank {

enum class TokenKind : unsigned char {
    Name,      // letters, digits and _, not beginning with a digit
    Number,    // begins with a digit; also swallows "5ms" and "2.5%", which are mistakes with a
               // remedy
    Text,      // in quotes, on one line
    OpenText,  // a text whose closing quote is missing; it goes to the end of the line
    Symbol,    // any other single character
    End,
};

struct Token {
    TokenKind kind = TokenKind::End;
    std::string_view text;  // as written, with quotes
    std::size_t offset = 0;
    Place place;

    bool is(char symbol) const { return kind == TokenKind::Symbol && text[0] == symbol; }
    std::size_t end() const { return offset + text.size(); }
};

// Cuts `text` into tokens, the last one being End. Comments (# to the end of the line) and blanks
// are dropped. The tokens refer to `text`, which must outlive them.
std::vector<Token> tokenize(std::string_view text);

// A bracket that is never closed or closes nothing.
struct BracketMistake {
    Place place;
    std::string message;
};
// The first such mistake. Of several blocks that may lack their "}" the indentation tells which is
// meant: it is the one whose "}" seems to stand further left than the block itself.
std::optional<BracketMistake> find_bracket_mistake(const std::vector<Token>& tokens);

}  // namespace wavetank
