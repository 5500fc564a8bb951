// Acceptors, pairs of pipes, and the control socket.
#include "tools/relay/relay.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <list>
#include <map>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "tools/relay/control.h"
#include "tools/relay/pipe_pair.h"

namespace wavetank {
namespace {

using local = asio::local::stream_protocol;

// A server has one connection to a peer; more are left over from its former lives.
constexpr std::size_t kPairsPerRouteMax = 32;

class TcpRelay final : public Relay {
 public:
    explicit TcpRelay(std::vector<Route> routes) : control_(io_) {
        for (Route& route : routes) doors_.emplace_back(io_, std::move(route));
    }
    std::optional<Error> listen(const std::string& control);
    void run() override { io_.run(); }
    void stop() override { io_.stop(); }

 private:
    struct Door {
        Door(asio::io_context& io, Route to) : route(std::move(to)), acceptor(io) {}
        Route route;
        tcp::acceptor acceptor;
        std::list<std::shared_ptr<PipePair>> pairs;
    };
    // One who gives orders.
    struct Caller {
        explicit Caller(local::socket from) : socket(std::move(from)) {}
        local::socket socket;
        std::string words;
        std::string answer;
    };
    static std::optional<Error> open(Door& door);
    void accept(Door& door);
    void welcome(Door& door, tcp::socket socket);
    void accept_caller();
    void hear(const std::shared_ptr<Caller>& caller);
    std::string obey(const std::string& words);

    asio::io_context io_{1};
    Cuts cuts_;
    std::list<Door> doors_;
    local::acceptor control_;
};

std::optional<Error> TcpRelay::open(Door& door) {
    const Address& at = door.route.listen;
    boost::system::error_code error;
    asio::ip::make_address(door.route.target.host, error);
    if (error) {
        return Error{fmt::format("the relay needs a number as address, not {}",
                                 to_string(door.route.target))};
    }
    const tcp::endpoint place(asio::ip::make_address(at.host, error), at.port);
    if (!error) door.acceptor.open(place.protocol(), error);
    if (!error) door.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) door.acceptor.bind(place, error);
    if (!error) door.acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) return std::nullopt;
    return Error{fmt::format("the relay cannot listen at {}: {}", to_string(at), error.message())};
}

std::optional<Error> TcpRelay::listen(const std::string& control) {
    for (Door& door : doors_) {
        if (auto problem = open(door)) return problem;
        accept(door);
    }
    if (control.size() > kControlPathMax) return control_path_too_long(control);
    ::unlink(control.c_str());
    boost::system::error_code error;
    const local::endpoint place(control);
    control_.open(place.protocol(), error);
    const mode_t mask = ::umask(0077);
    if (!error) control_.bind(place, error);
    ::umask(mask);
    if (!error) control_.listen(local::acceptor::max_listen_connections, error);
    if (error) {
        return Error{fmt::format("the relay cannot listen at {}: {}", control, error.message())};
    }
    accept_caller();
    return std::nullopt;
}

void TcpRelay::accept(Door& door) {
    door.acceptor.async_accept([this, &door](const auto& error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error) welcome(door, std::move(socket));
        accept(door);
    });
}

void TcpRelay::welcome(Door& door, tcp::socket socket) {
    door.pairs.remove_if([](const auto& pair) { return pair->ended(); });
    if (door.pairs.size() >= kPairsPerRouteMax) {
        door.pairs.front()->end();
        door.pairs.pop_front();
    }
    const Link& link = door.route.link;
    const auto pair = std::make_shared<PipePair>(std::move(socket), link, cuts_);
    for (const Link& either : {link, Link{link.to, link.from}}) {
        const auto cut = cuts_.find(either);
        if (cut == cuts_.end() || cut->second != Cut::Reset) continue;
        pair->end();
        return;
    }
    door.pairs.push_back(pair);
    const Address& target = door.route.target;
    pair->start({asio::ip::make_address(target.host), target.port});
}

void TcpRelay::accept_caller() {
    control_.async_accept([this](const auto& error, local::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error) hear(std::make_shared<Caller>(std::move(socket)));
        accept_caller();
    });
}

// All of what it says, then the answer, then the end.
void TcpRelay::hear(const std::shared_ptr<Caller>& caller) {
    asio::async_read(caller->socket, asio::dynamic_buffer(caller->words, kControlBytesMax),
                     [this, caller](const auto& error, std::size_t) {
                         caller->answer =
                             error == asio::error::eof ? obey(caller->words) : "error too long\n";
                         asio::async_write(caller->socket, asio::buffer(caller->answer),
                                           [caller](const auto&, std::size_t) {});
                     });
}

std::string TcpRelay::obey(const std::string& words) {
    const std::size_t end = words.find('\n');
    const std::string order = words.substr(0, end);
    if (order == kOrderShow) return kDone + to_string(cuts_);
    if (order != kOrderCut && order != kOrderHeal) {
        return fmt::format("error there is no order '{}'\n", order);
    }
    const Result<Cuts> more = parse_cuts(words.substr(end + 1));
    if (!more.ok()) return "error " + more.error().message + "\n";
    if (order == kOrderHeal) cuts_.clear();
    for (const auto& [link, cut] : more.value()) cuts_[link] = cut;
    for (Door& door : doors_) {
        for (const auto& pair : door.pairs) pair->look_again();
    }
    return kDone + to_string(cuts_);
}

}  // namespace

Result<std::unique_ptr<Relay>> Relay::make(const Setup& setup) {
    auto relay = std::make_unique<TcpRelay>(setup.routes);
    if (auto problem = relay->listen(setup.control)) return *std::move(problem);
    return std::unique_ptr<Relay>(std::move(relay));
}

}  // namespace wavetank
