// A lane takes the job that was left for it, or sleeps.
#include "core/http/lanes.h"

#include <utility>

namespace wavetank {

class Lanes::Pool {
 public:
    struct Setup {
        std::size_t size;
        Duration request_timeout;
        Duration operation_timeout;
        Duration keep_alive;
    };
    Pool(ClientLoop& loop, const Setup& setup) : setup_(setup), size_(setup.size) {
        for (std::size_t i = 0; i < setup.size; ++i) {
            loop.add([this, servers = loop.servers_from(i)](ClientLoop::Lane& lane) {
                serve(lane, servers);
            });
        }
    }

    bool begin(Job job) {
        if (stopping_ || idle_.empty()) return false;
        Place& place = *idle_.back();  // the one that was last used knows best who leads
        idle_.pop_back();
        place.job = std::move(job);
        place.lane->wake();
        return true;
    }
    std::size_t busy() const { return begun_ - idle_.size(); }
    void stop() {
        stopping_ = true;
        const std::vector<Place*> sleeping = idle_;
        for (Place* place : sleeping) place->lane->wake();
    }

 private:
    // Where a lane finds its next job; on its own stack.
    struct Place {
        ClientLoop::Lane* lane;
        Job job;
    };

    void serve(ClientLoop::Lane& lane, const std::vector<ServerId>& servers) {
        ClientSession session(lane, shared_,
                              {.client = lane.id(),
                               .servers = servers,
                               .request_timeout = setup_.request_timeout,
                               .operation_timeout = setup_.operation_timeout,
                               .keep_alive = setup_.keep_alive});
        Place place{&lane, {}};
        ++begun_;
        while (!stopping_) {
            idle_.push_back(&place);
            lane.sleep(session.keep_alive_due());
            std::erase(idle_, &place);
            if (place.job) {
                std::exchange(place.job, {})(session);
            } else if (!stopping_ && lane.now() >= session.keep_alive_due()) {
                session.keep_alive();
            }
        }
        --begun_;
        if (--size_ == 0) session.close();
    }

    const Setup setup_;
    SharedSession shared_;
    std::vector<Place*> idle_;
    std::size_t begun_ = 0;
    std::size_t size_;  // lanes that have not ended
    bool stopping_ = false;
};

Lanes::Lanes(ClientLoop& loop, Setup setup) {
    const auto add = [&](std::size_t size, Duration request, Duration operation) {
        pools_.push_back(
            std::make_unique<Pool>(loop, Pool::Setup{size, request, operation, setup.keep_alive}));
    };
    add(setup.data, setup.request_timeout, setup.operation_timeout);
    add(setup.look, setup.request_timeout, setup.request_timeout);
    add(setup.change, setup.change_timeout, setup.change_timeout);
}

Lanes::~Lanes() = default;

bool Lanes::begin(Purpose purpose, Job job) {
    return pools_[static_cast<std::size_t>(purpose)]->begin(std::move(job));
}

std::size_t Lanes::busy() const {
    std::size_t sum = 0;
    for (const auto& pool : pools_) sum += pool->busy();
    return sum;
}

void Lanes::stop() {
    for (const auto& pool : pools_) pool->stop();
}

}  // namespace wavetank
