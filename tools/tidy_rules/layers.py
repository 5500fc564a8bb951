"""Layers: includes go down only, and the DEPS of a folder's CMake target are the whole list."""

import re

KEYWORDS = {"NAME", "SOURCES", "DEPS", "LIBS", "PROTOS", "TEST_DEPS"}
# Folders of programs at the very top may do without a target of ours, and then include everything.
TOP = ("bench", "tools", "examples")


class Target:
    def __init__(self, file, line, call, words):
        self.file = file
        self.line = line
        self.is_layer = call == "layer"
        self.arguments = {}
        keyword = None
        for word in words:
            if word in KEYWORDS:
                keyword = word
                self.arguments.setdefault(keyword, [])
            elif keyword:
                self.arguments[keyword].append(word)
        self.name = "".join(self.arguments.get("NAME", []))
        self.deps = self.arguments.get("DEPS", [])
        self.folder = file.folder

    def finding(self, message):
        return self.file.finding(self.line, "layers", message)


def read_targets(repository):
    targets = []
    for file in repository.files:
        if file.name != "CMakeLists.txt":
            continue
        text = re.sub(r"#[^\n]*", lambda match: " " * len(match[0]), file.text)
        for match in re.finditer(r"\bwavetank_(\w+)\s*\(([^)]*)\)", text):
            line = text.count("\n", 0, match.start()) + 1
            targets.append(Target(file, line, match[1], match[2].split()))
    return targets


def find_cycle(graph):
    """The layers of one cycle, the first again at the end; empty if there is none."""
    done = set()

    def visit(layer, way):
        if layer in way:
            return way[way.index(layer):] + [layer]
        if layer in done:
            return []
        for dep in graph.get(layer, []):
            cycle = visit(dep, way + [layer])
            if cycle:
                return cycle
        done.add(layer)
        return []

    for layer in sorted(graph):
        cycle = visit(layer, [])
        if cycle:
            return cycle
    return []


def check_targets(targets):
    layer_of = {target.name: target for target in targets if target.is_layer}
    for target in targets:
        if target.is_layer and target.name != target.folder:
            yield target.finding(f"the layer of this folder must be named {target.folder}")
        for dep in target.deps:
            if dep not in layer_of:
                yield target.finding(f"DEPS {dep}: there is no such layer")
            elif target.folder.startswith("core/") and not dep.startswith("core/"):
                yield target.finding(f"DEPS {dep}: core stands below everything else")
    cycle = find_cycle({name: target.deps for name, target in layer_of.items()})
    if cycle:
        yield layer_of[cycle[0]].finding("DEPS go in a circle: " + " -> ".join(cycle))


def layers(repository):
    """Includes are of the own folder or of its DEPS; DEPS are used, exist, and go down."""
    targets = read_targets(repository)
    yield from check_targets(targets)

    allowed = {}  # by folder
    for target in targets:
        allowed.setdefault(target.folder, set()).update(target.deps)
    used = {folder: set() for folder in allowed}
    homeless = set()
    for file in repository.cpp:
        folder = file.folder
        if folder not in allowed:
            if folder.split("/")[0] not in TOP and folder not in homeless:
                homeless.add(folder)
                yield file.finding(1, "layers", f"{folder}/CMakeLists.txt has no wavetank_layer")
            continue
        if file.in_test:
            continue
        for line, name in file.includes():
            if name.endswith(".pb.h"):
                continue  # the rule `protobuf`
            included = name.rpartition("/")[0]
            used[folder].add(included)
            if not included:
                yield file.finding(line, "layers", f'"{name}": name it from the root')
            elif included != folder and included not in allowed[folder]:
                yield file.finding(line, "layers",
                                   f'"{name}": {included} is not in the DEPS of {folder}')
    for target in targets:
        for dep in target.deps:
            if dep not in used[target.folder]:
                yield target.finding(f"DEPS {dep}: no file outside test/ includes it")


def protobuf(repository):
    """A generated header is included only by .cc files of the folder that owns the .proto."""
    owners = {}
    for file in repository.files:
        if file.name.endswith(".proto"):
            owners.setdefault(file.name.removesuffix(".proto"), set()).add(file.folder)
    for file in repository.cpp:
        for line, name in file.includes():
            if not name.endswith(".pb.h"):
                continue
            stem = name.rpartition("/")[2].removesuffix(".pb.h")
            if file.folder not in owners.get(stem, set()):
                yield file.finding(line, "protobuf", f'"{name}": {stem}.proto is not ours')
            elif not file.name.endswith(".cc"):
                yield file.finding(line, "protobuf", f'"{name}": only .cc files may see it')


RULES = [layers, protobuf]
