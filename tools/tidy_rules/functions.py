"""Finds functions in C++ by counting braces, which is enough for code laid out by clang-format.

What stands before an opening brace tells what it opens: a scope whose inside is looked at again
(namespace, class), a braced value, or a function. What is inside a function belongs to it, lambdas
included.
"""

import re
from typing import NamedTuple

SCOPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:(?:inline|typedef|const|constexpr|static)\s+)*"
                   r"(?:namespace|class|struct|union|enum|extern)\b", re.DOTALL)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
# A parameter list has ended and what follows begins to initialize members.
INITIALIZERS = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)")


class Function(NamedTuple):
    name: str
    first_line: int
    lines: int


def opens(head):
    """'scope', 'value' or 'function', for the text between the last statement and a brace."""
    if SCOPE.match(head) and not head.endswith((")", "const")):
        return "scope"
    if head.count("(") != head.count(")"):
        return "value"  # a default argument, or an argument
    if ")" not in head or re.search(r"(?:[=,({]|\breturn)$", head):
        return "value"
    if INITIALIZERS.search(head) and not head.endswith((")", "}")):
        return "value"  # member_{...}
    return "function"


def find(file):
    """All functions with a body, in the order of their ends. Nested ones count to the outermost."""
    code = PREPROCESSOR.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), file.code)
    stack = []  # what each open brace is
    start = 0  # where the current declaration begins
    begin = None  # where the current function begins
    for match in re.finditer(r"[{};]|\b(?:public|private|protected)\s*:(?!:)", code):
        token = match[0]
        if token == "{":
            kind = "inside" if begin is not None else opens(code[start:match.start()].strip())
            if stack and stack[-1] == "value":
                kind = "value"
            stack.append(kind)
            if kind == "function":
                begin = start + len(code[start:]) - len(code[start:].lstrip())
            elif kind == "scope":
                start = match.end()
        elif token == "}":
            kind = stack.pop() if stack else "scope"
            if kind == "function":
                first_line = code.count("\n", 0, begin) + 1
                last_line = code.count("\n", 0, match.start()) + 1
                name = re.search(r"([\w:~]+)\s*\(", code[begin:match.start()])
                yield Function(name[1] if name else "operator", first_line,
                               last_line - first_line + 1)
                begin = None
            if kind in ("function", "scope"):
                start = match.end()
        elif begin is None and (not stack or stack[-1] == "scope"):
            start = match.end()
