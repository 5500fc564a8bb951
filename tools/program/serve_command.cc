// `wavetank serve`: one server of a real cluster, until a signal ends it.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "core/http/gateway.h"
#include "core/machines/kv.h"
#include "core/tcp/sqlite_store.h"
#include "core/tcp/tcp_server.h"
#include "scenarios/deployment.h"
#include "tools/program/build_info.h"
#include "tools/program/commands.h"
#include "tools/program/deployed.h"

namespace wavetank {
namespace {

constexpr const char* kUsage = R"(usage: wavetank serve --id N --cluster FILE --data DIR [OPTIONS]

Runs one server of a key-value cluster: Raft over TCP, durable in a SQLite database. What happens to
it is printed to the standard error, a line each time. SIGTERM or SIGINT (Ctrl-C) ends it: a leader
hands over first, and what was accepted gets to the disk. A second signal ends it at once.

  --id N            which of the servers in FILE this is
  --cluster FILE    the cluster: a number of its own, and its servers with id, host and port
                    (scenarios/deployment.proto); the same file for all servers and clients.
                    A server with an http_port there answers HTTP as well: curl can use it. HTTP
                    is not encrypted: with TLS it is answered on the loopback only, by a client of
                    its own, with gateway.pem and gateway.key
  --data DIR        where its database is; of this server alone. Without a database in it the
                    server does not start, unless one of these says what that means:
  --create          this is the very first start of a server of a new cluster: make the database,
                    as FILE says. Refused when DIR has one, so that it cannot stay where a service
                    manager would repeat it after the disk was lost
  --join            when DIR has no database, make one that waits to be added (`wavetank client ...
                    member add`) and has no vote before, whatever FILE says: for a server that was
                    not there at first, or whose disk is lost. Harmless when there is one
  --tls DIR         all connections are mutual TLS 1.3, with certificate and key in DIR: ca.pem,
                    server-N.pem and server-N.key (tools/test-ca makes them); default: the folder
                    that FILE names, if any. Clients then may do what their certificates say.
                    Renewed files are used from the next connection on
  --clock-error T   the system's clock is right within T ("2ms"): without it there are no leases
  --insecure        without TLS, listen at an address that other machines can reach, although
                    nothing is encrypted and anybody who connects may do everything; with TLS, let
                    the HTTP gateway do so
  --help            this text

examples:
  wavetank serve --id 1 --cluster cluster.textproto --data /var/lib/wavetank/1 --create
  wavetank serve --id 1 --cluster cluster.textproto --data /var/lib/wavetank/1 --tls /etc/wavetank/tls

exit code: 0 ended by a signal, 1 it cannot go on (its disk failed or is damaged), 64 wrong usage,
file, address or database
)";

struct ServeRequest {
    ServerId id;
    Deployment deployment;
    std::string data;
    Duration clock_error = ClockReading::kUnknown;
    bool create = false;
    bool join = false;
    bool insecure = false;
};

Result<ServeRequest> read_request(const Arguments& arguments) {
    for (const char* needed : {"id", "cluster", "data"}) {
        if (!arguments.has(needed)) return Error{fmt::format("--{} is missing", needed)};
    }
    if (!arguments.words.empty()) {
        return Error{fmt::format("'{}' belongs to no option", arguments.words.front())};
    }
    ServeRequest request;
    const auto id = read_number("--id", arguments.text("id"), {.min = 1, .max = UINT32_MAX});
    if (!id.ok()) return id.error();
    request.id = ServerId(static_cast<uint32_t>(id.value()));
    request.data = arguments.text("data");
    request.create = arguments.has("create");
    request.join = arguments.has("join");
    if (request.create && request.join) {
        return Error{"--create and --join exclude each other: is the cluster new, or is it not?"};
    }
    request.insecure = arguments.has("insecure");
    if (arguments.has("clock-error")) {
        const auto error = parse_duration(arguments.text("clock-error"));
        if (!error) return Error{"--clock-error must be a time such as 2ms"};
        request.clock_error = *error;
    }
    Result<Deployment> deployment = load_deployment(arguments.text("cluster"));
    if (!deployment.ok()) return deployment.error();
    request.deployment = std::move(deployment.value());
    if (arguments.has("tls")) request.deployment.tls = arguments.text("tls");
    return request;
}

// A server that has lost its disk has forgotten what it promised: an empty directory is not taken
// for that of a new cluster unless somebody says so.
Result<std::unique_ptr<SqliteStorage>> open_storage(const ServeRequest& request) {
    const Deployment& deployment = request.deployment;
    SqliteStorage::Setup setup{.directory = request.data,
                               .cluster = deployment.cluster,
                               .server = request.id,
                               .configuration = deployment.configuration(),
                               .vfs = "",
                               .page_bytes = deployment.page_bytes};
    if (request.join) {
        setup.configuration = Configuration();
    } else if (request.create) {
        setup.opening = SqliteStorage::Opening::OnlyNew;
        setup.advice = "leave out --create, which is for the very first start";
    } else {
        setup.opening = SqliteStorage::Opening::OnlyOld;
        setup.advice = fmt::format(
            "give --create if the cluster is new and this is the server's very first start; if its "
            "disk was lost, `wavetank client ... member remove {0}`, start it with --join, "
            "`wavetank client ... member add {0}`",
            request.id.value());
    }
    return SqliteStorage::open(setup);
}

Result<TcpServer::Setup> open_server(const ServeRequest& request) {
    const Deployment& deployment = request.deployment;
    const DeployedServer* self = deployment.find(request.id);
    if (self == nullptr) {
        return Error{fmt::format("the cluster has no server {}; see its file", request.id.value())};
    }
    auto credentials = load_server_credentials(deployment, request.id);
    if (!credentials.ok()) return credentials.error();
    if (!credentials.value() && !request.insecure && !is_loopback(self->host)) {
        return Error{fmt::format(
            "server {} would listen at {}, which other machines can reach, "
            "without encryption; give --tls DIR, or --insecure if that is what you want",
            request.id.value(), self->host)};
    }
    std::error_code failure;
    if (request.create || request.join) {
        std::filesystem::create_directories(request.data, failure);
    }
    if (failure) {
        return Error{fmt::format("cannot create {}: {}", request.data, failure.message())};
    }
    auto storage = open_storage(request);
    if (!storage.ok()) return storage.error();
    Result<Recovered> recovered = storage.value()->recover();
    if (!recovered.ok()) return recovered.error();
    TcpServer::Setup setup;
    setup.cluster = ClusterId(deployment.cluster);
    setup.options = deployment.options_of(request.id);
    setup.sessions = deployment.sessions;
    setup.listen = {self->host, self->port};
    setup.credentials = std::move(credentials.value());
    setup.clock_error = request.clock_error;
    setup.store = std::make_unique<SqliteStore>(std::move(storage.value()));
    setup.recovered = std::move(recovered.value());
    setup.machine = std::make_unique<KvMachine>();
    return setup;
}

// Null if the server is to have none. `server` must outlive it.
Result<std::unique_ptr<Gateway>> open_gateway(const ServeRequest& request, const TcpServer& server,
                                              const OperatorLog& log) {
    const Deployment& deployment = request.deployment;
    const DeployedServer& self = *deployment.find(request.id);
    if (self.http_port == 0) return std::unique_ptr<Gateway>();
    auto credentials = load_client_credentials(deployment, kGatewayCertificate);
    if (!credentials.ok()) {
        return Error{fmt::format(
            "{}; the HTTP gateway at port {} is a client with rights of its own, which are those "
            "of everybody who uses it: make that certificate, or leave http_port out",
            credentials.error().message, self.http_port)};
    }
    const bool sealed = credentials.value() != nullptr && !request.insecure;
    Gateway::Setup setup{.client = client_setup({deployment, std::move(credentials.value())},
                                                [](const std::string&) {}),
                         .self = request.id,
                         .listen = {sealed ? "127.0.0.1" : self.host, self.http_port},
                         .server_counts = [&server] { return server.counts(); },
                         .log = log};
    setup.lanes.keep_alive = deployment.sessions.expire_after / 3;
    const BuildInfo build = build_info();
    setup.build = {
        {"version", build.version}, {"commit", build.commit}, {"compiler", build.compiler}};
    const std::string url = "http://" + to_string(setup.listen);
    Result<std::unique_ptr<Gateway>> gateway = Gateway::listen(std::move(setup));
    if (gateway.ok()) log(fmt::format("its HTTP gateway is at {}", url));
    return gateway;
}

// Waits for signals on a thread of its own, so that no handler interrupts anything.
class SignalWatch {
 public:
    // The signals must be blocked in all threads. The first one calls `stop`.
    SignalWatch(const sigset_t& signals, std::function<void()> stop)
        : thread_([this, signals, stop = std::move(stop)] { watch(signals, stop); }) {}
    ~SignalWatch() {
        ended_ = true;
        ::pthread_kill(thread_.native_handle(), SIGTERM);
        thread_.join();
    }

 private:
    void watch(const sigset_t& signals, const std::function<void()>& stop) {
        for (bool first = true;; first = false) {
            int signal = 0;
            ::sigwait(&signals, &signal);
            if (ended_) return;
            if (!first) std::_Exit(kExitSignal + signal);
            stop();
        }
    }

    std::atomic<bool> ended_{false};
    std::thread thread_;
};

sigset_t block_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

OperatorLog log_to(std::ostream& err, ServerId id) {
    // The server and its gateway have threads of their own.
    return [&err, id, mutex = std::make_shared<std::mutex>()](const std::string& line) {
        const std::lock_guard lock(*mutex);
        const auto now =
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        const auto part = now.time_since_epoch().count() % 1000;
        err << fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z [{}] {}\n",
                           fmt::gmtime(std::chrono::system_clock::to_time_t(now)), part, id.value(),
                           line)
            << std::flush;
    };
}

int serve(const Program& program, const ServeRequest& request) {
    const sigset_t signals = block_signals();
    const OperatorLog log = log_to(program.err, request.id);
    Result<TcpServer::Setup> setup = open_server(request);
    if (!setup.ok()) {
        program.err << "wavetank serve: " << setup.error().message << "\n";
        return kExitUsage;
    }
    setup.value().log = log;
    const Address address = setup.value().listen;
    const std::shared_ptr<Credentials> credentials = setup.value().credentials;
    const std::size_t entries = setup.value().recovered.entries.size();
    Result<std::unique_ptr<TcpServer>> server = TcpServer::listen(std::move(setup.value()));
    if (!server.ok()) {
        program.err << "wavetank serve: " << server.error().message << "\n";
        return kExitUsage;
    }
    log(to_string(build_info()));
    log(fmt::format("server {} of cluster {} listens at {}, with {} entries in {}",
                    request.id.value(), request.deployment.cluster, to_string(address), entries,
                    request.data));
    if (credentials) {
        log("connections are mutual TLS 1.3; our certificate: " + credentials->description());
        credentials->on_renewal(log);
    } else {
        log("connections are plain, and whoever connects may do everything");
    }
    server.value()->set_addresses(addresses_of(request.deployment));
    const Result<std::unique_ptr<Gateway>> gateway = open_gateway(request, *server.value(), log);
    if (!gateway.ok()) {
        program.err << "wavetank serve: " << gateway.error().message << "\n";
        return kExitUsage;
    }
    // First the gateway, while the cluster still answers it.
    const auto stop = [&] {
        if (!gateway.value()) return server.value()->stop();
        gateway.value()->stop([&] { server.value()->stop(); });
    };
    Result<bool> ended = true;
    {
        const SignalWatch watch(signals, stop);
        ended = server.value()->run();
    }
    if (!ended.ok()) {
        log(ended.error().message);
        return kExitFailed;
    }
    const TcpServer::Counts counts = server.value()->counts();
    log(fmt::format("stopped after {} inputs in {} turns, {} writes in {} commits", counts.steps,
                    counts.turns, counts.writes, counts.commits));
    return kExitPassed;
}

}  // namespace

int serve_command(const Program& program, const std::vector<std::string>& arguments) {
    namespace options = boost::program_options;
    options::options_description known;
    known.add_options()("help", "")("id", options::value<std::string>())(
        "cluster", options::value<std::string>())("data", options::value<std::string>())(
        "clock-error", options::value<std::string>())("insecure", "")("create", "")("join", "")(
        "tls", options::value<std::string>());
    const Result<Arguments> read = read_arguments(known, arguments);
    if (!read.ok()) return usage_error(program, "serve", read.error().message);
    if (read.value().has("help")) {
        program.out << kUsage;
        return kExitPassed;
    }
    const Result<ServeRequest> request = read_request(read.value());
    if (!request.ok()) return usage_error(program, "serve", request.error().message);
    return serve(program, request.value());
}

}  // namespace wavetank
