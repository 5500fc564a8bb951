// Certificates that fit the cluster, and client loops with a single purpose.
#include "tools/program/deployed.h"

#include <fmt/format.h>

#include "core/client/ask_status.h"

namespace wavetank {
namespace {

constexpr Duration kComplaintPatience = seconds(1);

// Loads NAME of the folder, and sees that it is for this cluster.
Result<std::shared_ptr<Credentials>> load_credentials(const Deployment& deployment,
                                                      const std::string& name) {
    const TlsFiles files = TlsFiles::in(deployment.tls, name);
    Result<std::shared_ptr<Credentials>> loaded = Credentials::load(files);
    if (!loaded.ok()) {
        return Error{fmt::format("{} (tools/test-ca makes such files)", loaded.error().message)};
    }
    const CertificateName& ours = loaded.value()->name();
    if (ours.cluster != ClusterId(deployment.cluster)) {
        return Error{fmt::format("{} is for cluster {}, not for {}", files.certificate,
                                 ours.cluster.value(), deployment.cluster)};
    }
    return loaded;
}

}  // namespace

Result<Deployed> load_deployed(const std::string& file, const OurCertificate& ours) {
    Result<Deployment> deployment = load_deployment(file);
    if (!deployment.ok()) return deployment.error();
    if (!ours.folder.empty()) deployment.value().tls = ours.folder;
    auto credentials = load_client_credentials(deployment.value(), ours.name);
    if (!credentials.ok()) return credentials.error();
    return Deployed{std::move(deployment.value()), std::move(credentials.value())};
}

Result<std::shared_ptr<Credentials>> load_client_credentials(const Deployment& deployment,
                                                             const std::string& certificate) {
    if (deployment.tls.empty()) return std::shared_ptr<Credentials>();
    auto credentials = load_credentials(deployment, certificate);
    if (!credentials.ok()) return credentials;
    const CertificateName& name = credentials.value()->name();
    if (!name.server) return credentials;
    return Error{fmt::format("{}/{}.pem is the certificate of {}, and a client needs its own",
                             deployment.tls, certificate, words_of(name))};
}

Result<std::shared_ptr<Credentials>> load_server_credentials(const Deployment& deployment,
                                                             ServerId server) {
    if (deployment.tls.empty()) return std::shared_ptr<Credentials>();
    const std::string name = fmt::format("server-{}", server.value());
    auto credentials = load_credentials(deployment, name);
    if (!credentials.ok()) return credentials;
    if (credentials.value()->name().server == server) return credentials;
    return Error{fmt::format("{}/{}.pem is the certificate of {}, not of server {}", deployment.tls,
                             name, words_of(credentials.value()->name()), server.value())};
}

Result<uint64_t> cluster_of_certificates(const std::string& folder) {
    const auto credentials = Credentials::load(TlsFiles::in(folder, "server-1"));
    if (!credentials.ok()) return credentials.error();
    return credentials.value()->name().cluster.value();
}

std::map<ServerId, Address> addresses_of(const Deployment& deployment) {
    std::map<ServerId, Address> addresses;
    for (const DeployedServer& server : deployment.servers) {
        addresses[server.id] = {server.host, server.port};
    }
    return addresses;
}

ClientLoop::Setup client_setup(const Deployed& deployed, OperatorLog log) {
    return {.cluster = ClusterId(deployed.cluster),
            .servers = addresses_of(deployed),
            .credentials = deployed.credentials,
            .log = std::move(log)};
}

void talk_to(const Deployed& deployed, Patience patience,
             const std::function<void(ClientSession&)>& talk) {
    const auto loop = ClientLoop::make(client_setup(deployed, [](const std::string&) {}));
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

std::optional<ServerStatus> status_of(const Deployed& deployed, ServerId server,
                                      Duration patience) {
    std::optional<ServerStatus> status;
    talk_to(deployed, {.request = patience, .operation = patience},
            [&](ClientSession& session) { status = ask_status(session, server); });
    return status;
}

std::string complaints_about(const Deployed& deployed) {
    std::string lines;
    const auto loop = ClientLoop::make(
        client_setup(deployed, [&](const std::string& line) { lines += line + "\n"; }));
    SharedSession shared;
    for (const ServerId server : loop->servers_from(0)) {
        loop->add([&, server](ClientLoop::Lane& lane) {
            ClientSession session(lane, shared,
                                  {.client = lane.id(),
                                   .servers = {server},
                                   .request_timeout = kComplaintPatience,
                                   .operation_timeout = kComplaintPatience});
            session.administer(RequestKind::Status, "");
        });
    }
    loop->run();
    return lines;
}

}  // namespace wavetank
