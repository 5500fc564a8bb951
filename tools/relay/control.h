// Orders to a relay, from another process, through its control socket. A caller connects, says one
// order and ends its side; the answer is "done" and the cuts there are now, or "error" and why.
//
//   show                     what is cut
//   cut\n1 2 drop\n...       cuts these links too (cuts.h says the lines)
//   heal\n...                ends all cuts, and makes those that are named
#pragma once

#include <string>

#include "core/base/result.h"
#include "tools/relay/cuts.h"

namespace wavetank {

inline const std::string kOrderShow = "show";
inline const std::string kOrderCut = "cut";
inline const std::string kOrderHeal = "heal";
inline const std::string kDone = "done\n";
inline constexpr std::size_t kControlBytesMax = std::size_t{1} << 20;
// What the system allows for the path of a socket.
inline constexpr std::size_t kControlPathMax = 107;
Error control_path_too_long(const std::string& path);

// Says `order` to the relay at that path. The cuts afterwards, or why they cannot be told. Blocks,
// for five seconds at most.
Result<Cuts> tell_relay(const std::string& path, const std::string& order, const Cuts& cuts);

}  // namespace wavetank
