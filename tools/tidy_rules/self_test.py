"""Every rule on snippets that it must reject, and on one repository that it must accept.

Each case is the good repository with some files changed. It must give a finding of its rule at the
file (and line) named, and no other finding at all.
"""

import pathlib
import shutil
import tempfile
from typing import NamedTuple

from . import external
from .source import Repository

HEADER = "// What this is.\n#pragma once\n"
SOURCE = "// What this is.\n"

# Everything that looks bad here is allowed: in a comment, a string, a declaration, a member.
GOOD_KERNEL = SOURCE + """#include "sim/kernel/kernel.h"

#include "core/base/base.h"

const char* kText = "std::thread, time(nullptr) { and \\" rand(";  // std::mt19937 {
const char* kRaw = R"x(std::random_device { ")" )x";
const int kMillion = 1'000'000;
const char kBrace = '{';

int sleep(int span) { return environment.sleep(span) + world->time(3) + Clock::time(span); }
double seconds();  // tidy: allow-float printed only, nothing depends on it
"""

GOOD = {
    "CMakeLists.txt": "add_subdirectory(core)\n",
    "core/base/CMakeLists.txt": "wavetank_layer(NAME core/base SOURCES base.cc DEPS)\n",
    "core/base/base.h": HEADER,
    "core/base/base.cc": SOURCE + '#include "core/base/base.h"\n',
    "core/wire/CMakeLists.txt": "wavetank_layer(NAME core/wire\n    DEPS core/base  # (bytes)\n"
                                "    PROTOS wire.proto)\n",
    "core/wire/wire.proto": SOURCE,
    "core/wire/wire.cc": SOURCE + '#include "core/base/base.h"\n#include "wire.pb.h"\n',
    "core/tcp/CMakeLists.txt": "wavetank_layer(NAME core/tcp DEPS)\n",
    "core/tcp/tcp.cc": SOURCE + "long now = std::chrono::steady_clock::now();\n",
    "sim/kernel/CMakeLists.txt": "wavetank_layer(NAME sim/kernel DEPS core/base\n"
                                "    TEST_DEPS core/wire)\n",
    "sim/kernel/kernel.h": HEADER,
    "sim/kernel/kernel.cc": GOOD_KERNEL,
    "sim/kernel/test/kernel_test.cc": SOURCE + '#include "core/wire/wire.h"\n',
    "bench/bench.cc": SOURCE + '#include "core/base/base.h"\n',
    "tools/run": "#!/usr/bin/env bash\nset -euo pipefail\necho \"$1\"\n",
}


class Case(NamedTuple):
    rule: str
    at: str  # path:line
    changes: dict  # path -> text


def banned_case(line):
    """One more line at the end of the kernel."""
    return Case("banned", f"sim/kernel/kernel.cc:{GOOD_KERNEL.count(chr(10)) + 1}",
                {"sim/kernel/kernel.cc": GOOD_KERNEL + line + "\n"})


def function_of(lines):
    return "int f(int a) {\n" + "    a = {};\n" * (lines - 2) + "}\n"


BANNED_LINES = [
    "std::unordered_map<int, int> map;", "std::unordered_set<int> set;", "std::hash<int> h;",
    "std::random_device device;", "std::mt19937 generator;",
    "int c = (std::shuffle(a, b), 1);", "std::normal_distribution<> normal;",
    "auto t = std::chrono::system_clock::now();", "auto t = Clock(steady_clock::now());",
    "auto e = std::getenv(name);", "int i = (std::this_thread::yield(), 1);", "std::thread worker;",
    "int i = ::sleep(1);", "int i = (usleep(1), 2);", "int i = 1 + rand();",
    "long t = time(nullptr);", "long t = std::time(0);", "int i = clock_gettime(1, &now);",
    "long double a = 1;", "double a = 1;", "float a = 1;", "const auto a = 0.5;",
    "double a = 1;  // tidy: allow-float",  # no reason given
]

CASES = [banned_case(line) for line in BANNED_LINES] + [
    Case("layers", "sim/kernel/kernel.h:3",
         {"sim/kernel/kernel.h": HEADER + '#include "core/wire/wire.h"\n'}),
    Case("layers", "sim/kernel/kernel.h:3",
         {"sim/kernel/kernel.h": HEADER + '#include "world.h"\n'}),
    Case("layers", "sim/kernel/CMakeLists.txt:2",
         {"sim/kernel/CMakeLists.txt":
          "\nwavetank_layer(NAME sim/kernel DEPS core/base core/wire)\n"}),
    Case("layers", "sim/kernel/CMakeLists.txt:1",
         {"sim/kernel/CMakeLists.txt": "wavetank_layer(NAME sim/colonel DEPS core/base)\n"}),
    Case("layers", "core/base/CMakeLists.txt:1",  # a circle
         {"core/base/CMakeLists.txt": "wavetank_layer(NAME core/base DEPS core/wire)\n",
          "core/base/base.cc": SOURCE + '#include "core/wire/wire.h"\n'}),
    Case("layers", "core/wire/CMakeLists.txt:1",  # upwards
         {"core/wire/CMakeLists.txt": "wavetank_layer(NAME core/wire DEPS core/base sim/kernel)\n",
          "core/wire/wire.h": HEADER + '#include "sim/kernel/kernel.h"\n'}),
    Case("layers", "core/fog/fog.h:1", {"core/fog/fog.h": HEADER}),
    Case("protobuf", "core/wire/wire.h:3", {"core/wire/wire.h": HEADER + '#include "wire.pb.h"\n'}),
    Case("protobuf", "core/base/base.cc:3",
         {"core/base/base.cc": SOURCE + '#include "core/base/base.h"\n#include "wire.pb.h"\n'}),
    Case("size", "core/base/base.cc:501", {"core/base/base.cc": SOURCE * 501}),
    Case("size", "sim/kernel/test/kernel_test.cc:801",
         {"sim/kernel/test/kernel_test.cc": SOURCE * 801}),
    Case("size", "tools/run:501", {"tools/run": "#!/usr/bin/env python3\n" + "\n" * 500}),
    Case("function_size", "core/base/base.cc:3",
         {"core/base/base.cc": SOURCE + "\n" + function_of(lines=71)}),
    Case("function_size", "core/base/base.cc:3",
         {"core/base/base.cc": SOURCE + "namespace n {\nA::A(int a) : a_{a}, b_(a) {\n"
          + "    a = {};\n" * 69 + "}\n}  // namespace n\n"}),
    Case("function_size", "core/base/base.h:6",
         {"core/base/base.h": HEADER + "struct alignas(64) A final : B<int> {\n    C c = {1};\n"
          " public:\n    template <class T>\n    auto f(C c = {}) const -> T {\n"
          + '    // "{"\n' * 69 + "    }\n};\n"}),
    Case("opening", "core/base/base.cc:1", {"core/base/base.cc": "\n" + SOURCE}),
    Case("opening", "core/wire/wire.proto:1", {"core/wire/wire.proto": 'syntax = "proto3";\n'}),
    Case("opening", "core/base/base.h:1", {"core/base/base.h": SOURCE + "#include <string>\n"}),
    Case("unfinished", "core/base/base.cc:2",
         {"core/base/base.cc": SOURCE + "// TO" + "DO: more.\n"}),
    Case("unfinished", "tools/run:2", {"tools/run": "#!/usr/bin/env bash\n# FIX" + "ME: no.\n"}),
    Case("absolute_path", "tools/run:2", {"tools/run": "#!/usr/bin/env bash\nls /ho" + "me/me\n"}),
]

# Limits are reached, not passed.
GOOD_CASES = [
    {},
    {"core/base/base.cc": SOURCE * 500},
    {"core/base/base.cc": SOURCE + function_of(lines=70) * 3},
]

# For the outside tools, which see these files alone: the ones above are not laid out with care.
FORMAT_CASES = [Case("format", "core/base/base.cc:2", {"core/base/base.cc": SOURCE + "int  a;\n"})]
BASH_CASES = [
    Case("scripts", "tools/run:3", {"tools/run": "#!/usr/bin/env bash\nif true; then\n"}),
]
SHELLCHECK_CASES = [
    Case("scripts", "tools/run:2", {"tools/run": "#!/usr/bin/env bash\nrm $1\n"}),
]


def findings_of(files, rules, clang_format_style):
    with tempfile.TemporaryDirectory(prefix="tidy_") as folder:
        root = pathlib.Path(folder)
        shutil.copy(clang_format_style, root / ".clang-format")
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        repository = Repository(root)
        return [finding for rule in rules for finding in rule(repository)]


def groups(rules):
    """(rules, files, cases): the cases change the files, and only these rules look at them."""
    in_files = [rule for rule in rules if rule not in external.RULES]
    yield in_files, GOOD, CASES
    yield [external.scripts], {}, BASH_CASES
    if shutil.which("shellcheck"):
        yield [external.scripts], {}, SHELLCHECK_CASES
    if external.find_clang_format():
        yield [external.format], {}, FORMAT_CASES


def run(rules, root):
    """Prints what went wrong; the exit status."""
    style = root / ".clang-format"
    problems = []
    tested = set()
    count = len(GOOD_CASES)
    for group_rules, files, cases in groups(rules):
        for case in cases:
            tested.add(case.rule)
            count += 1
            found = findings_of(files | case.changes, group_rules, style)
            places = {(finding.rule, f"{finding.path}:{finding.line}") for finding in found}
            if places != {(case.rule, case.at)}:
                problems.append((f"only {case.rule} at {case.at}", case.changes, found))
    unformatted = [rule for rule in rules if rule != external.format]
    for changes in GOOD_CASES:
        found = findings_of(GOOD | changes, unformatted, style)
        if found:
            problems.append(("no finding", changes, found))

    for expected, changes, found in problems:
        print(f"expected {expected}, with")
        for path, text in changes.items():
            print(f"    {path}: ... {text[-200:]!r}")
        print("  but found " + "\n            ".join(map(str, found)))
    untested = sorted(rule.__name__ for rule in rules if rule.__name__ not in tested)
    if untested:
        print("not tested, the tool is not installed: " + ", ".join(untested))
    print(f"tidy: {count} cases, {len(problems)} problems")
    # Rules of our own need no tool, so each of them has a case.
    missing = [name for name in untested if name != external.format.__name__]
    return 1 if problems or missing else 0
