"""What other tools know better: clang-format for the layout, bash and shellcheck for scripts.

A tool that is not installed is passed over. clang-format is asked only in the version that the
repository is formatted with, because versions disagree.
"""

import os
import re
import shutil
import subprocess

CLANG_FORMAT_VERSION = 14


def find_clang_format():
    for name in (f"clang-format-{CLANG_FORMAT_VERSION}", "clang-format"):
        if not shutil.which(name):
            continue
        version = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
        if re.search(rf"\bversion {CLANG_FORMAT_VERSION}\.", version):
            return name
    return None


def format(repository):
    """C++ is laid out as clang-format does it (clang-format -i FILE)."""
    tool = find_clang_format()
    files = {file.path: file for file in repository.cpp}
    if tool is None or not files:
        return
    paths = sorted(files)
    batches = [paths[start::os.cpu_count()] for start in range(os.cpu_count())]
    running = [
        subprocess.Popen([tool, "--dry-run", "-Werror", "--ferror-limit=1", *batch],
                         cwd=repository.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         text=True)
        for batch in batches if batch
    ]
    for process in running:
        seen = set()
        for line in process.communicate()[1].splitlines():
            match = re.match(r"(.+?):(\d+):\d+: (?:error|warning): ", line)
            if match and match[1] not in seen:
                seen.add(match[1])
                yield files[match[1]].finding(int(match[2]), "format",
                                              f"run clang-format -i {match[1]}")


def scripts(repository):
    """Shell scripts pass bash -n, and shellcheck if it is installed."""
    parsed = {}  # by path
    for file in repository.files:
        if not re.match(r"#!.*\b(ba)?sh\b", file.text) and not file.name.endswith(".sh"):
            continue
        attempt = subprocess.run(["bash", "-n", file.path], cwd=repository.root,
                                 capture_output=True, text=True)
        if attempt.returncode == 0:
            parsed[file.path] = file
            continue
        match = re.search(r": line (\d+): (.*)", attempt.stderr)
        yield file.finding(int(match[1]) if match else 1, "scripts",
                           "bash -n: " + (match[2] if match else attempt.stderr.strip()))
    if not parsed or not shutil.which("shellcheck"):
        return
    checked = subprocess.run(["shellcheck", "-f", "gcc", *parsed], cwd=repository.root,
                             capture_output=True, text=True)
    for line in checked.stdout.splitlines():
        match = re.match(r"(.+?):(\d+):\d+: (.*)", line)
        if match:
            yield parsed[match[1]].finding(int(match[2]), "scripts", match[3])


RULES = [format, scripts]
