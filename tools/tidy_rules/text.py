"""Rules about one file at a time: sizes, openings, and names that have no place here."""

import re

from . import functions

FILE_LINES_MAX = 500
TEST_LINES_MAX = 800
FUNCTION_LINES_MAX = 70

SOURCE_SUFFIXES = (".h", ".cc", ".proto", ".cmake", ".py", ".sh", "CMakeLists.txt")

DETERMINISTIC = ("core/", "sim/")
EXEMPT = ("core/tcp/", "core/http/")  # the real network, the real clock

# Qualified or unmistakable: banned wherever they stand.
BANNED = [(re.compile(pattern), why) for pattern, why in [
    (r"\bstd::unordered_\w+", "the order of an unordered container differs between libraries"),
    (r"\bstd::hash\b", "std::hash differs between libraries; use core/base/hash.h"),
    (r"\brandom_device\b", "all chance is keyed: use a hash of the seed and the decision"),
    (r"\b(?:mt19937\w*|minstd_rand0?|default_random_engine)\b",
     "all chance is keyed: use a hash of the seed and the decision"),
    (r"\bstd::(?:shuffle|sample|\w+_distribution)\b",
     "differs between libraries; draw with `below`"),
    (r"\b(?:system|steady|high_resolution|utc|tai|gps|file)_clock\b",
     "only core/tcp and core/http may read the system's clock"),
    (r"\bthis_thread\b", "only core/tcp and core/http may sleep"),
    (r"\bstd::(?:thread|jthread|async)\b|\bpthread_create\b",
     "only core/tcp and core/http may have threads"),
]]

# Plain words, which a function of ours may be called as well: banned as calls.
LIBC_CALL = re.compile(r"\b(s?rand|random|drand48|getenv|secure_getenv|time|clock|clock_gettime|"
                       r"gettimeofday|sleep|usleep|nanosleep)\s*\(")

FLOAT = re.compile(r"\b(?:long\s+double|double|float)\b|(?<![\w.])\d[\d']*\.\d")
FLOAT_ALLOWED = re.compile(r"//.*\btidy: allow-float \S")

UNFINISHED = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b")
ABSOLUTE_PATH = re.compile(r"(?<![\w.~$}/-])/(?:work|home|root)/")


def size(repository):
    """Source files have at most 500 lines, tests 800."""
    for file in repository.files:
        if not file.name.endswith(SOURCE_SUFFIXES) and not file.text.startswith("#!"):
            continue
        lines_max = TEST_LINES_MAX if file.in_test else FILE_LINES_MAX
        if len(file.lines) > lines_max:
            yield file.finding(lines_max + 1, "size", f"{len(file.lines)} lines, over {lines_max}")


def function_size(repository):
    """Functions have at most 70 lines."""
    for file in repository.cpp:
        for function in functions.find(file):
            if function.lines > FUNCTION_LINES_MAX:
                yield file.finding(function.first_line, "function_size",
                                   f"{function.name}: {function.lines} lines, "
                                   f"over {FUNCTION_LINES_MAX}")


def is_libc_call(line, match):
    """False if the name is a member (a.time(), a->time()), of another scope or being declared."""
    before = line[:match.start()].rstrip()
    if before.endswith((".", "->")):
        return False
    if before.endswith("::"):
        scope = re.search(r"(\w*)::$", before)[1]
        return scope in ("", "std")
    word = re.search(r"(\w+)[*&>]*$", before)  # a type in front: a declaration
    return word is None or word[1] in ("return", "else", "do", "case", "co_return", "co_await")


def banned(repository):
    """core/ and sim/ name nothing that differs from run to run or machine to machine."""
    for file in repository.cpp:
        if not file.path.startswith(DETERMINISTIC) or file.path.startswith(EXEMPT):
            continue
        for number, line in enumerate(file.code_lines, 1):
            for pattern, why in BANNED:
                match = pattern.search(line)
                if match:
                    yield file.finding(number, "banned", f"{match[0]}: {why}")
            for match in LIBC_CALL.finditer(line):
                if is_libc_call(line, match):
                    yield file.finding(number, "banned", f"{match[1]}(): only core/tcp and core/http may call it")
            match = FLOAT.search(line)
            if match and not FLOAT_ALLOWED.search(file.lines[number - 1]):
                yield file.finding(number, "banned", f"{match[0]}: no floating point; if it must "
                                   "be, say why: `// tidy: allow-float REASON`")


def opening(repository):
    """Sources open with a comment; headers go on with #pragma once."""
    for file in repository.files:
        if not file.name.endswith((".h", ".cc", ".proto")):
            continue
        if not re.match(r"(//|/\*)", file.text):
            yield file.finding(1, "opening", "a file opens with a comment: what this is, and the "
                               "idea that makes it work")
        if file.name.endswith(".h") and not file.code.lstrip().startswith("#pragma once\n"):
            yield file.finding(1, "opening", "a header goes on with #pragma once after its comment")


def unfinished(repository):
    """No notes about work that is left to do."""
    for file in repository.files:
        for number, line in enumerate(file.lines, 1):
            match = UNFINISHED.search(line)
            if match:
                yield file.finding(number, "unfinished", f"{match[0]}: do it, or say what is so")


def absolute_path(repository):
    """No paths of one machine."""
    for file in repository.files:
        for number, line in enumerate(file.lines, 1):
            match = ABSOLUTE_PATH.search(line)
            if match:
                yield file.finding(number, "absolute_path", f"{match[0]} is a place on one machine")


RULES = [size, function_size, banned, opening, unfinished, absolute_path]
