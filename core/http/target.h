// The target of an HTTP request (RFC 9112, 3.2): a path and a query, taken apart. Percent-encoding
// is for bytes, not for text: keys may have any.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace wavetank {

struct Target {
    std::string path;  // begins with a slash; as it came: decode what is taken out of it
    // Names and values, decoded, in their order, no name twice. "?raw" has an empty value. A plus
    // sign is a plus sign.
    std::vector<std::pair<std::string, std::string>> query;

    // Null if there is none.
    const std::string* find(std::string_view name) const;
};

// Takes "/path?query" and "http://host/path?query".
Result<Target> parse_target(std::string_view text);

// "%2f" becomes "/". An error at a percent sign without two hexadecimal digits.
Result<std::string> percent_decoded(std::string_view text);

}  // namespace wavetank
