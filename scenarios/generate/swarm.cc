// The whole setup, part by part.
#include "scenarios/generate/swarm.h"

#include <fmt/format.h>

#include "scenarios/generate/swarm_parts.h"

namespace wavetank {

Setup draw_swarm(uint64_t seed) {
    Draws draws(seed);
    Setup setup;
    setup.name = fmt::format("swarm_{}", seed);
    setup.story = fmt::format("Drawn by the swarm from seed {}.", seed);
    draw_members(draws, &setup);
    draw_weather(draws, &setup);
    draw_options(draws, &setup);
    setup.duration = draws.scaled_time("duration", {milliseconds(100), {20, 100}});
    draw_clients(draws, &setup);
    draw_nemesis(draws, &setup);
    draw_priorities(draws, &setup);
    // Priorities, deferred commits and slow links take their time, but not for ever.
    setup.liveness.leader_within = seconds(10) + setup.options.election_timeout_max * 10;
    setup.liveness.commit_within = seconds(60);
    setup.liveness.caught_up_within = seconds(60);
    draw_clocks(draws, &setup);
    return setup;
}

}  // namespace wavetank
