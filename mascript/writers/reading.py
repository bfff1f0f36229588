"""From a reply, as models and people write them, to a script: robust against prose, missing fences, wrong names and lost ends.

Nothing here runs or trusts what it reads: the result is text that meets the same gates as any other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from mascript.errors import GateError, ScriptError
from mascript.sandbox import check_source, safe_parse
from mascript.scripts import TYPE_NAMES, shared_names, split_header

NOTE = 240
"""Characters of a note of intent at most."""
_ALIKE = 0.85
"""How like the name of a function that there is a missing one must be to be taken for a slip, not a wish."""
_MOST_LINES = 1_500
"""Of a reply without fences that are looked through."""
_PARAMETERS = frozenset({"observation", "legal", "memory", "rng", "seat", "step"})
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_INTENT = re.compile(r"^\W*intent\W*:\W*(.+)$", re.IGNORECASE | re.MULTILINE)
_EDIT = re.compile(r"^<{5,} SEARCH\n(.*?)^={5,}\n(.*?)^>{5,} REPLACE", re.MULTILINE | re.DOTALL)
_CODE_LINE = re.compile(r"^(def |from |import |@|#|[A-Z][A-Z0-9_]* *[:=])")


@dataclass(frozen=True)
class Draft:
    """What a reply came to. Made by `read`; read by the writer."""

    source: str
    """The script; empty where there is none."""
    note: str = ""
    """What the writer says it intends."""
    problem: str = ""
    """Why it cannot be used, in words for its writer; empty for a script that passes the gates of its text."""
    missing: tuple[str, ...] = ()
    """Shared functions that it imports and that nobody has written, where such may be asked for."""


def read(reply: str, complete: bool, library: Collection[str], champion: str = "", requests: bool = False) -> Draft:
    """Read a reply.

    Args:
        reply: the whole text.
        complete: False where the endpoint says that it was cut short.
        library: names of shared functions that may be imported.
        champion: the script that search/replace blocks change.
        requests: whether it may import functions that are not there, unless their names are nearly those of functions that are.
    """
    note = _note(reply)
    try:
        source = _script(reply, champion, library)
        missing = _check(source, library, requests)
    except (GateError, ScriptError) as error:
        cut = "" if complete else "The reply was cut short: write a shorter script. "
        return Draft("", note, f"{cut}{error}")
    return Draft(source, note, missing=missing)


def _note(reply: str) -> str:
    found = _INTENT.search(reply)
    prose = found.group(1) if found else _FENCE.sub("", reply) if _FENCE.search(reply) else ""
    return "".join(letter for letter in " ".join(prose.split()) if letter.isprintable())[:NOTE]


def _script(reply: str, champion: str, library: Collection[str]) -> str:
    """Return the script in a reply.

    Raises:
        GateError, ScriptError: there is none, or it cannot be read.
    """
    edits = _EDIT.findall(reply)
    if edits and champion:
        return _edited(champion, edits)
    blocks = blocks_of(reply)
    trees = [(block, _tree(block)) for block in blocks]
    index = next((index for index in reversed(range(len(trees))) if "policy" in _functions(trees[index][1])), None)
    if index is None:
        index = next((index for index in reversed(range(len(trees))) if _functions(trees[index][1])), len(trees) - 1)
    block = blocks[index]
    tree = trees[index][1] or safe_parse(block)  # says what is wrong with the block that should have been the script
    helpers = {name: text for other, its in trees[:index] + trees[index + 1 :] for name, text in _texts(other, its).items()}
    return _renamed(_joined(block, tree, helpers, library))


def blocks_of(reply: str) -> list[str]:
    """Return the blocks of code in a reply, at least one: where nothing is fenced, what looks like code.

    Raises:
        ScriptError: the header of one is not closed.
    """
    return [split_header(match.group(2).strip() + "\n")[1] for match in _FENCE.finditer(reply)] or [_bare(_headless(reply))]


def _tree(block: str) -> ast.Module | None:
    try:
        return safe_parse(block)
    except GateError:
        return None


def _headless(reply: str) -> str:
    """Return a reply without the header of pins that it begins with, if any."""
    return split_header(reply.lstrip())[1]


def _bare(reply: str) -> str:
    """Return the code of a reply without fences: the longest run of lines, from one that looks like code, that parses."""
    lines = reply.splitlines()[:_MOST_LINES]
    starts = [index for index, line in enumerate(lines) if _CODE_LINE.match(line)]
    for start in starts[:8]:
        for end in range(len(lines), start, -1):
            text = "\n".join(lines[start:end]) + "\n"
            tree = _tree(text)
            if tree is not None and _functions(tree):
                return text
    return "\n".join(lines[starts[0] :]) + "\n" if starts else reply


def _functions(tree: ast.Module | None) -> list[str]:
    return [] if tree is None else [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def _texts(block: str, tree: ast.Module | None) -> dict[str, str]:
    """Return the text of each function of a block, by name."""
    return {node.name: _lines(block, node) for node in (tree.body if tree else ()) if isinstance(node, ast.FunctionDef)}


def _lines(text: str, node: ast.stmt) -> str:
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])


def _joined(block: str, tree: ast.Module, helpers: dict[str, str], library: Collection[str]) -> str:
    """Return the script with functions of other blocks that it uses put into it, and without the lines that no script needs."""
    defined = set(_functions(tree))
    imported = set(shared_names(tree))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    added = [name for name in helpers if name not in defined and name in used and (name not in library or name not in imported)]
    dropped = {line for node in tree.body if _needless(node) for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    kept: list[str] = []
    replaced = {node.lineno: node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "shared"}
    skipped = {line for node in replaced.values() for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    for number, line in enumerate(block.splitlines(), start=1):
        if number in replaced:
            names = [alias.name for alias in replaced[number].names if alias.name not in added]
            kept += [f"from shared import {', '.join(names)}"] if names else []
        elif number not in skipped and number not in dropped:
            kept.append(line)
    body = "\n".join(kept).strip("\n") + "\n"
    return body if not added else _after_imports(body, "\n\n\n".join(helpers[name] for name in added))


def _needless(node: ast.stmt) -> bool:
    """Whether a statement means nothing in a script: a future import, or what a program does when it is started."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    return isinstance(node, ast.If) and "__name__" in {name.id for name in ast.walk(node.test) if isinstance(name, ast.Name)}


def _after_imports(body: str, text: str) -> str:
    """Return a script with text put in after its imports."""
    tree = safe_parse(body)
    last = max((node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)), default=0)
    lines = body.splitlines()
    return "\n".join([*lines[:last], "", "", text, "", "", *lines[last:]]).strip("\n") + "\n"


def _renamed(source: str) -> str:
    """Return a script whose policy has its name: one function that takes what a policy takes is one under another name."""
    tree = safe_parse(source)
    if "policy" in _functions(tree):
        return source
    alike = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and "observation" in (names := _parameters(node)) and names <= _PARAMETERS
    ]
    if len(alike) != 1:
        return source
    lines = source.splitlines()
    line = alike[0].lineno - 1
    lines[line] = re.sub(rf"\bdef\s+{alike[0].name}\b", "def policy", lines[line], count=1)
    return "\n".join(lines) + "\n"


def _parameters(node: ast.FunctionDef) -> set[str]:
    return {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}


def _edited(champion: str, edits: Sequence[tuple[str, str]]) -> str:
    """Return the script with each block of lines replaced; blanks at line ends do not matter.

    Raises:
        ScriptError: lines to find are not there, or there more than once.
    """
    lines = champion.splitlines()
    for search, instead in edits:
        wanted = [line.rstrip() for line in search.splitlines()]
        places = [
            start
            for start in range(len(lines) - len(wanted) + 1)
            if wanted and [line.rstrip() for line in lines[start : start + len(wanted)]] == wanted
        ]
        if len(places) != 1:
            raise ScriptError(f"expected the lines to SEARCH once in the best script, found them {len(places)} times:\n{search}")
        lines[places[0] : places[0] + len(wanted)] = instead.splitlines()
    return "\n".join(lines) + "\n"


def _check(source: str, library: Collection[str], requests: bool) -> tuple[str, ...]:
    """Refuse what the gates of text will refuse, and imports of functions that are not there; return those that may be asked for.

    Raises:
        GateError: the first thing found.
    """
    check_source(source, "script")
    missing = [name for name in shared_names(safe_parse(source)) if name not in library and name not in TYPE_NAMES]
    for name in missing:
        near = get_close_matches(name, library, n=2, cutoff=_ALIKE if requests else 0.6)
        if near or not requests:
            hint = f"did you mean {' or '.join(near)}?" if near else "define it beside `policy`"
            raise GateError("imports", f"there is no shared function {name}; {hint}")
    return tuple(missing)
