// The generated header is made when CMake configures, again after each commit.
#include "tools/program/build_info.h"

#include "tools/program/build_constants.h"

namespace wavetank {

BuildInfo build_info() {
    return {.version = kBuildVersion,
            .compiler = kBuildCompiler,
            .build_type = kBuildType,
            .commit = kBuildCommit};
}

}  // namespace wavetank
