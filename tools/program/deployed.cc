// A client loop with a single lane.
#include "tools/program/deployed.h"

#include "core/tcp/client/client_loop.h"

namespace wavetank {

std::map<ServerId, Address> addresses_of(const Deployment& deployment) {
    std::map<ServerId, Address> addresses;
    for (const DeployedServer& server : deployment.servers) {
        addresses[server.id] = {server.host, server.port};
    }
    return addresses;
}

void talk_to(const Deployment& deployment, Patience patience,
             const std::function<void(ClientSession&)>& talk) {
    const auto loop = ClientLoop::make({.cluster = ClusterId(deployment.cluster),
                                        .servers = addresses_of(deployment),
                                        .log = [](const std::string&) {}});
    SharedSession shared;
    loop->add([&](ClientLoop::Lane& lane) {
        ClientSession session(lane, shared,
                              {.client = lane.id(),
                               .servers = loop->servers_from(0),
                               .request_timeout = patience.request,
                               .operation_timeout = patience.operation});
        talk(session);
        session.close();
    });
    loop->run();
}

std::optional<ServerStatus> status_of(const Deployment& deployment, ServerId server,
                                      Duration patience) {
    std::optional<ServerStatus> status;
    talk_to(deployment, {.request = patience, .operation = patience}, [&](ClientSession& session) {
        session.prefer(server);
        session.stick(true);
        const auto reply = session.administer(RequestKind::Status, "");
        if (reply) status = decode_server_status(reply->body);
    });
    return status;
}

}  // namespace wavetank
