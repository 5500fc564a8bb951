// Which program this is: version, compiler, build type and commit, as CMake knew them.
#pragma once

#include "reports/session.h"

namespace wavetank {

BuildInfo build_info();

}  // namespace wavetank
