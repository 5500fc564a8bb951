// A cluster of real servers in this process: each has its threads, sockets on the loopback at ports
// that the system chooses, and a disk in memory that outlives it.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/machines/kv.h"
#include "core/tcp/tcp_server.h"
#include "core/tcp/test/memory_store.h"

namespace wavetank {

// What all servers have said. Tests wait for lines instead of for time.
class Lines {
 public:
    void add(const std::string& line) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(line);
        changed_.notify_all();
    }
    // Waits for a line from place `from` on that contains `text`. False if none comes in a time
    // that is far too long.
    bool await(const std::string& text, std::size_t from = 0) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return find(text, from); });
    }
    bool contains(const std::string& text, std::size_t from = 0) {
        const std::lock_guard lock(mutex_);
        return find(text, from);
    }
    // The last line that contains `text`; empty if there is none.
    std::string last(const std::string& text) {
        const std::lock_guard lock(mutex_);
        for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
            if (line->find(text) != std::string::npos) return *line;
        }
        return "";
    }
    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return lines_.size();
    }

 private:
    bool find(const std::string& text, std::size_t from) const {
        for (std::size_t i = from; i < lines_.size(); ++i) {
            if (lines_[i].find(text) != std::string::npos) return true;
        }
        return false;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

class LoopbackCluster {
 public:
    static constexpr ClusterId kCluster{0x7e57};

    // Servers 1 to `servers`, all of them voters. With certificates in `tls` (tools/test-ca) they
    // use these, else they are plain.
    explicit LoopbackCluster(uint32_t servers, std::string tls = "") : tls_(std::move(tls)) {
        // Long enough for a busy machine that runs other tests as well.
        options_.election_timeout_min = milliseconds(400);
        options_.election_timeout_max = milliseconds(800);
        std::vector<ServerId> ids;
        for (uint32_t id = 1; id <= servers; ++id) ids.push_back(ServerId(id));
        for (const ServerId id : ids) {
            disks_[id] = std::make_unique<MemoryDisk>(Configuration::of_voters(ids));
        }
        for (const ServerId id : ids) listen(id);
        for (const ServerId id : ids) start(id);
    }
    ~LoopbackCluster() {
        for (const auto& [id, server] : servers_) server.tcp->stop();
        for (auto& [id, server] : servers_) server.thread.join();
    }

    const std::map<ServerId, Address>& addresses() const { return addresses_; }
    MemoryDisk& disk(uint32_t id) { return *disks_.at(ServerId(id)); }
    Lines& lines() { return lines_; }

    // Ends the server; its disk stays. What `run` has returned.
    Result<bool> stop(uint32_t id) {
        const auto found = servers_.find(ServerId(id));
        found->second.tcp->stop();
        return join(id);
    }
    // Waits until the server has ended by itself.
    Result<bool> join(uint32_t id) {
        const auto found = servers_.find(ServerId(id));
        found->second.thread.join();
        Result<bool> ended = *found->second.ended;
        servers_.erase(found);
        return ended;
    }
    void restart(uint32_t id) {
        listen(ServerId(id));
        start(ServerId(id));
    }
    // The server that was the last to say that it leads; zero if none says so.
    uint32_t await_leader() {
        const std::string words = "] leads term";
        if (!lines_.await(words)) return 0;
        return static_cast<uint32_t>(std::stoul(lines_.last(words).substr(1)));
    }

 private:
    struct Server {
        std::unique_ptr<TcpServer> tcp;
        std::unique_ptr<Result<bool>> ended;
        std::thread thread;
    };

    // At the port it had before, if it had one.
    void listen(ServerId id) {
        TcpServer::Setup setup;
        setup.cluster = kCluster;
        setup.options = options_;
        setup.options.id = id;
        setup.listen = {"127.0.0.1", addresses_[id].port};
        if (!tls_.empty()) setup.credentials = credentials_of(id);
        setup.store = std::make_unique<MemoryStore>(*disks_[id]);
        setup.recovered = disks_[id]->recover();
        setup.machine = std::make_unique<KvMachine>();
        setup.log = [this, id](const std::string& line) {
            lines_.add("[" + std::to_string(id.value()) + "] " + line);
        };
        auto listening = TcpServer::listen(std::move(setup));
        ASSERT_TRUE(listening.ok()) << listening.error().message;
        servers_[id].tcp = std::move(listening.value());
        addresses_[id] = {"127.0.0.1", servers_[id].tcp->port()};
    }
    std::shared_ptr<Credentials> credentials_of(ServerId id) const {
        const std::string name = "server-" + std::to_string(id.value());
        auto credentials = Credentials::load(TlsFiles::in(tls_, name));
        EXPECT_TRUE(credentials.ok()) << credentials.error().message;
        return credentials.ok() ? credentials.value() : nullptr;
    }
    void start(ServerId id) {
        Server& server = servers_[id];
        server.tcp->set_addresses(addresses_);
        server.thread = std::thread(
            [&server] { server.ended = std::make_unique<Result<bool>>(server.tcp->run()); });
    }

    const std::string tls_;
    Options options_;
    Lines lines_;
    std::map<ServerId, std::unique_ptr<MemoryDisk>> disks_;
    std::map<ServerId, Address> addresses_;
    std::map<ServerId, Server> servers_;
};

}  // namespace wavetank
