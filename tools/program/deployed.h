// A deployed cluster as the commands use it: where its servers are, and a client for one purpose.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/client/session.h"
#include "core/env/administration.h"
#include "core/tcp/address.h"
#include "core/tcp/client/client_loop.h"
#include "core/tls/credentials.h"
#include "scenarios/deployment.h"

namespace wavetank {

// What the cluster's file says, and what proves to its servers who we are.
struct Deployed : Deployment {
    std::shared_ptr<Credentials> credentials;  // null: connections are plain
};

// The certificate of the HTTP gateways, which are clients.
inline constexpr const char* kGatewayCertificate = "gateway";

// Which certificate is ours.
struct OurCertificate {
    std::string name = "client";  // of the files in the folder
    std::string folder;           // empty: as the cluster's file says
};
// Reads the cluster's file, and what a client needs of the folder of certificates, if there is one.
// An error says which file cannot be used, or that the certificate is no client's of this cluster.
Result<Deployed> load_deployed(const std::string& file, const OurCertificate& ours = {});
// What a client needs of the folder that `deployment` names: `certificate`.pem and .key. Null
// without a folder.
Result<std::shared_ptr<Credentials>> load_client_credentials(const Deployment& deployment,
                                                             const std::string& certificate);
// The same for a server: its certificate has to be that of this server of this cluster. Null
// without a folder.
Result<std::shared_ptr<Credentials>> load_server_credentials(const Deployment& deployment,
                                                             ServerId server);
// The number of the cluster that the certificates in the folder are for: that of server 1's.
Result<uint64_t> cluster_of_certificates(const std::string& folder);

std::map<ServerId, Address> addresses_of(const Deployment& deployment);
// How a client of the cluster is made. `log` hears of connections that fail.
ClientLoop::Setup client_setup(const Deployed& deployed, OperatorLog log);

// Talks to the cluster as one client, in a session of its own that is closed at the end, until
// `talk` returns. Nobody hears of connections that fail: an answer that does not come says it.
struct Patience {
    Duration request = seconds(1);     // for one server
    Duration operation = seconds(10);  // for the whole
};
void talk_to(const Deployed& deployed, Patience patience,
             const std::function<void(ClientSession&)>& talk);

// How this server sees itself and the cluster; nothing if it does not answer within `patience`.
std::optional<ServerStatus> status_of(const Deployed& deployed, ServerId server, Duration patience);
// Why servers cannot be reached, a line for each of these. Takes a second at most.
std::string complaints_about(const Deployed& deployed);

}  // namespace wavetank
