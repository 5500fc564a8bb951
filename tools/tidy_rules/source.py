"""Files as the rules see them: their lines, and their C++ with comments and strings blanked out."""

import functools
import os
import pathlib
import re
import subprocess
from typing import NamedTuple

CPP_SUFFIXES = (".h", ".cc")

# What is not code. An include keeps its name; a digit separator does not open a character.
NOT_CODE = re.compile(
    r"""
    (?P<code>  ^[ \t]*\#[ \t]*include[ \t]*(?:"[^"\n]*"|<[^>\n]*>) | \b[0-9](?:'?[0-9a-zA-Z_.])* )
  | (?P<comment> //(?:\\\n|[^\n])* | /\*.*?\*/ )
  | (?P<raw>     \b(?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)" )
  | (?P<string>  "(?:\\.|[^"\\\n])*" )
  | (?P<char>    '(?:\\.|[^'\\\n])+' )
    """, re.VERBOSE | re.MULTILINE | re.DOTALL)


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


def blank_out(match):
    """The same text with everything but its line ends replaced by spaces."""
    if match["code"]:
        return match[0]
    return re.sub(r"[^\n]", " ", match[0])


class File:
    def __init__(self, path, text):
        self.path = path  # below the root, with slashes
        self.text = text
        self.lines = text.splitlines()
        self.name = path.rpartition("/")[2]
        self.is_cpp = self.name.endswith(CPP_SUFFIXES)
        self.in_test = not {"test", "fuzz"}.isdisjoint(path.split("/")[:-1])
        # The layer's folder: a test or fuzzer belongs to the folder above it.
        self.folder = re.sub(r"(^|/)(test|fuzz)(/.*)?$", "", path.rpartition("/")[0])

    @functools.cached_property
    def code(self):
        return NOT_CODE.sub(blank_out, self.text)

    @functools.cached_property
    def code_lines(self):
        return self.code.splitlines()

    def includes(self):
        """(line, name) of every include in quotation marks."""
        for number, line in enumerate(self.code_lines, 1):
            match = re.match(r'\s*#\s*include\s*"([^"]*)"', line)
            if match:
                yield number, match[1]

    def finding(self, line, rule, message):
        return Finding(self.path, line, rule, message)


class Repository:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = list(self._read())
        self.cpp = [file for file in self.files if file.is_cpp]

    def _read(self):
        for path in sorted(self._paths()):
            full = self.root / path
            if full.is_symlink() or not full.is_file():
                continue
            content = full.read_bytes()
            if b"\0" not in content:
                yield File(path, content.decode("utf-8", errors="replace"))

    def _paths(self):
        if (self.root / ".git").exists():
            listed = subprocess.run(
                ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                cwd=self.root, check=True, capture_output=True, text=True)
            return set(filter(None, listed.stdout.split("\0")))
        # An unpacked archive: everything but what .gitignore names.
        paths = set()
        for folder, subfolders, names in os.walk(self.root):
            subfolders[:] = [name for name in subfolders
                             if name not in ("build", "out", "__pycache__", ".cache")]
            below = pathlib.Path(folder).relative_to(self.root)
            paths.update((below / name).as_posix() for name in names)
        return paths
