// A request and its answer, as far as the gateway's own logic is concerned: without sockets, and
// without the library that reads and writes them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wavetank {

struct HttpRequest {
    std::string method;  // "GET"; for HEAD as well: the connection leaves the body out
    std::string target;
    std::string content_type;  // empty: not told
    bool conditional = false;  // has If-Match, If-None-Match or the like
    std::string body;
};

struct HttpAnswer {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;  // besides those that all have
};

// {"error": "..."} under this status.
HttpAnswer refusal(unsigned status, std::string_view why);

}  // namespace wavetank
