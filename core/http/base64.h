// Base64 (RFC 4648, section 4), for bytes in JSON that are no text.
#pragma once

#include <string>
#include <string_view>

namespace wavetank {

std::string base64(std::string_view bytes);

}  // namespace wavetank
