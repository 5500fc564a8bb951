// JUnit XML: a testsuite per scenario, a testcase per seed. There is no standard, so the strict
// form (valid under the Ant schema and under Jenkins') is what every reader takes: file, seed and
// reproduction command stand in the failure's text and in the suite's properties. GitLab reads more
// (testcase/@file, testcase/system-out), which both schemas forbid: that is the other flavour.
//   fail -> <failure type="oracle">, unknown -> <error type="unknown">, never <skipped>:
// a run that could not be judged must not look harmless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reports/session.h"

namespace wavetank {

enum class JunitFlavor : uint8_t { Strict, Gitlab };
// "strict", "gitlab".
std::optional<JunitFlavor> parse_junit_flavor(std::string_view name);

// Requires complete(session).
std::string junit_xml(const Session& session, JunitFlavor flavor);

}  // namespace wavetank
