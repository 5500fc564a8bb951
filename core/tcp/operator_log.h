// Where a process says what happens to it: a line each time, without a newline, from one thread.
#pragma once

#include <functional>
#include <string>

namespace wavetank {

using OperatorLog = std::function<void(const std::string& line)>;

}  // namespace wavetank
