// What GET /metrics tells of a server and its gateway.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/env/administration.h"
#include "core/http/open_metrics.h"
#include "core/http/process_figures.h"
#include "core/tcp/tcp_server.h"

namespace wavetank {

struct HttpCounts {
    std::map<unsigned, uint64_t> answers;  // by status
    uint64_t connections = 0;              // open now
    uint64_t accepted = 0;                 // since the start
    uint64_t in_progress = 0;              // requests that wait for the cluster now
};

struct ServerFigures {
    OpenMetricsText::Labels build;
    std::optional<ServerStatus> status;  // nothing: the server does not answer
    TcpServer::Counts counts;
    HttpCounts http;
    ProcessFigures process;
};
std::string metrics_text(const ServerFigures& figures);

}  // namespace wavetank
