// Without a codec a message is its own encoding.
#include "sim/world/round_trip.h"

namespace wavetank {

void round_trip(Message&) {}

}  // namespace wavetank
