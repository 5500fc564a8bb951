// Routes: what the gateway's paths mean. Each request is checked before anybody is asked, and ends
// in exactly one answer.
//
//   GET, HEAD /v1/kv/KEY         a linearizable read; ?raw: the bytes alone
//   PUT       /v1/kv/KEY         stores the body; ?expected=OLD: only if OLD is there
//   DELETE    /v1/kv/KEY
//   GET, HEAD /v1/members        the configuration as its leader has it
//   POST      /v1/members        {"add": ID, "as": "voter"} or {"remove": ID}
//   POST      /v1/transfer       {} or {"to": ID}: the leadership
//   GET, HEAD /healthz /metrics  of this server
//
// The answer to a write whose outcome nobody knows is 504 and says so. 503 means that nothing was
// done.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/http/exchange.h"
#include "core/http/lanes.h"
#include "core/http/metrics.h"
#include "core/machines/kv.h"
#include "core/tcp/address.h"

namespace wavetank {

class Routes {
 public:
    struct Setup {
        ServerId self;
        std::map<ServerId, Address> servers;
        OpenMetricsText::Labels build;
        std::function<TcpServer::Counts()> server_counts;
        std::function<HttpCounts()> http_counts;
        Duration operation_timeout;  // of the lanes, for what is said of it
        Duration change_timeout;
    };
    // Called once, at once or from a lane.
    using Done = std::function<void(HttpAnswer answer)>;

    // `lanes` must outlive it.
    Routes(Lanes& lanes, Setup setup) : lanes_(lanes), setup_(std::move(setup)) {}
    // For the loop's thread.
    void handle(const HttpRequest& request, const Done& done);

 private:
    struct Route;
    static const Route kRoutes[];
    struct Call;
    static const Route* find(const std::string& path);

    void kv(const Call& call);
    void get_members(const Call& call);
    void post_members(const Call& call);
    void transfer(const Call& call);
    void health(const Call& call);
    void metrics(const Call& call);

    void run(const KvCommand& command, bool raw, const Done& done);
    void change(ServerId first, RequestKind kind, const std::string& wish, const Done& done);
    // Has a lane do it, or says that all are busy.
    void begin(Purpose purpose, Lanes::Job job, const Done& done);
    // Of whoever leads, as far as it can be found; nothing: nobody says that he does. Suspends.
    std::optional<ServerStatus> leader_status(ClientSession& session) const;
    bool known(ServerId server, const Done& done) const;

    Lanes& lanes_;
    const Setup setup_;
};

}  // namespace wavetank
