// Servers: made, started, awaited.
#include "tools/program/local_cluster.h"

#include <fmt/format.h>

#include <filesystem>
#include <random>
#include <thread>

#include "core/storage/sqlite_storage.h"
#include "reports/text.h"
#include "tools/program/deployed.h"

namespace wavetank {
namespace {

constexpr Duration kStatusPatience = milliseconds(200);

}  // namespace

Result<Deployment> LocalCluster::new_deployment(const Size& size) {
    Deployment deployment;
    std::random_device device;
    deployment.cluster = 1 + device();
    if (!size.tls.empty()) {
        const Result<uint64_t> cluster = cluster_of_certificates(size.tls);
        if (!cluster.ok()) return cluster.error();
        deployment.cluster = cluster.value();
        deployment.tls = std::filesystem::absolute(size.tls).string();
    }
    const bool http =
        size.http && (size.tls.empty() || std::filesystem::exists(fmt::format(
                                              "{}/{}.pem", size.tls, kGatewayCertificate)));
    for (uint32_t i = 0; i < size.servers; ++i) {
        DeployedServer server;
        server.id = ServerId(i + 1);
        server.host = "127.0.0.1";
        server.port = static_cast<uint16_t>(size.first_port + i);
        if (http) server.http_port = static_cast<uint16_t>(server.port + kHttpPortsAfter);
        deployment.servers.push_back(server);
    }
    return deployment;
}

Result<LocalCluster> LocalCluster::create(const std::string& directory, const Size& size) {
    const Result<Deployment> deployment = new_deployment(size);
    if (!deployment.ok()) return deployment.error();
    return create(directory, deployment.value(), {});
}

Result<LocalCluster> LocalCluster::create(const std::string& directory,
                                          const Deployment& deployment,
                                          const std::vector<Deployment>& seen) {
    const std::string file = file_in(directory);
    if (std::filesystem::exists(file)) return Error{fmt::format("{} exists already", file)};
    std::error_code failure;
    std::filesystem::create_directories(directory, failure);
    if (failure) return Error{fmt::format("cannot create {}: {}", directory, failure.message())};
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const auto problem =
            write_file(fmt::format("{}/{}.textproto", directory, deployment.servers[i].id.value()),
                       print_deployment(seen[i]));
        if (problem) return Error{*problem};
    }
    if (const auto problem = write_file(file, print_deployment(deployment))) return Error{*problem};
    return open(directory);
}

Result<LocalCluster> LocalCluster::open(const std::string& directory) {
    Result<Deployed> deployment = load_deployed(file_in(directory));
    if (!deployment.ok()) return deployment.error();
    return LocalCluster(std::filesystem::weakly_canonical(directory).string(),
                        std::move(deployment.value()));
}

std::vector<ServerId> LocalCluster::servers() const {
    std::vector<ServerId> ids;
    for (const DeployedServer& server : deployment_.servers) ids.push_back(server.id);
    return ids;
}

std::string LocalCluster::place(ServerId id, const char* ending) const {
    return fmt::format("{}/{}{}", directory_, id.value(), ending);
}

KeptProcess LocalCluster::process(ServerId id) const {
    return {.pid_file = place(id, ".pid"), .log = place(id, ".log"), .mark = place(id, "")};
}

std::string LocalCluster::file_of(ServerId id) const {
    return cuttable() ? place(id, ".textproto") : file_in(directory_);
}

// Here, and not by the server with `serve --create`: that could be killed before it has done it,
// and then nobody could tell a server that was never there from one that lost its disk.
std::optional<Error> LocalCluster::make_database(ServerId id) const {
    std::error_code failure;
    std::filesystem::create_directories(place(id, ""), failure);
    if (failure)
        return Error{fmt::format("cannot create {}: {}", place(id, ""), failure.message())};
    const bool spare = deployment_.find(id)->role == DeployedRole::Spare;
    const auto storage =
        SqliteStorage::open({.directory = place(id, ""),
                             .cluster = deployment_.cluster,
                             .server = id,
                             .configuration = spare ? Configuration() : deployment_.configuration(),
                             .vfs = "",
                             .page_bytes = deployment_.page_bytes});
    if (!storage.ok()) return storage.error();
    return std::nullopt;
}

std::optional<Error> LocalCluster::start(ServerId id, bool joins) const {
    const KeptProcess kept = process(id);
    if (const auto running = kept.find()) {
        return Error{fmt::format("server {} runs already, as process {}", id.value(), *running)};
    }
    if (!joins && !std::filesystem::exists(kept.log)) {
        if (auto problem = make_database(id)) return problem;
    }
    std::vector<std::string> words = {std::filesystem::read_symlink("/proc/self/exe").string(),
                                      "serve",
                                      "--id",
                                      std::to_string(id.value()),
                                      "--cluster",
                                      file_of(id),
                                      "--data",
                                      place(id, "")};
    if (joins) words.emplace_back("--join");
    if (!is_loopback(deployment_.find(id)->host)) words.emplace_back("--insecure");
    if (!inside_) return kept.start(words);
    words.insert(words.begin(), {"/usr/bin/setpriv", "--pdeathsig", "KILL"});
    return inside_(id, [&] { return kept.start(words); });
}

std::optional<Error> LocalCluster::await_answer(ServerId id, Duration patience) const {
    const KeptProcess kept = process(id);
    for (const Deadline deadline(patience); !deadline.passed();) {
        if (status_of(deployment_, id, kStatusPatience)) return std::nullopt;
        if (kept.find()) continue;
        return Error{fmt::format("server {} does not run; the end of its log {}:\n{}", id.value(),
                                 kept.log, kept.last_words())};
    }
    return Error{
        fmt::format("server {} does not answer after {}", id.value(), to_string(patience))};
}

Result<ServerStatus> LocalCluster::await_leader(Duration patience) const {
    for (const Deadline deadline(patience); !deadline.passed();) {
        for (const ServerId id : servers()) {
            const auto status = status_of(deployment_, id, kStatusPatience);
            if (status && status->role == Role::Leader) return *status;
        }
        std::this_thread::sleep_for(kLook);
    }
    for (const ServerId id : servers()) {
        const KeptProcess kept = process(id);
        if (kept.find()) continue;
        return Error{fmt::format("server {} does not run; the end of its log:\n{}", id.value(),
                                 kept.last_words())};
    }
    return Error{fmt::format("no server leads after {}", to_string(patience))};
}

}  // namespace wavetank
