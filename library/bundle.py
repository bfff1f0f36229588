"""A library as a folder of plain Python that passes its own tests without mascript, and back. Text alone; executes nothing.

shared/__init__.py              the newest release of every name, so that `from shared import nearest` works
shared/_functions/NAME_1_0_0.py one function, importing its pinned dependencies by their versions
shared/releases.json            what each release is, who made it, and a seal over both
tests/test_shared.py            examples and recorded probes; standard library only
tests/probes/NAME_1_0_0.json    calls and outcomes
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from library import values, vocabulary
from library.errors import BadSource, Corrupt
from library.records import Fid, Linked
from library.rows import ProbeRecord
from library.source import read
from library.vocabulary import ALIASES

FORMAT = "mascript-library-1"
FUNCTIONS = "shared._functions"
TYPES = "shared._types"


@dataclass(frozen=True)
class Entry:
    """One release as it travels. Made by `Library.export` and by `read_folder`; read by `Library.take`."""

    name: str
    version: tuple[int, int, int]
    kind: str
    fid: Fid
    module: str
    """Module of its function, without the package."""
    author: str
    run: str
    """Run that released it in the library where it was made; empty for a person."""
    generation: int
    digest: str
    """Chained digest of the release where it was made: names that library's history up to it."""
    yanked: str = ""
    """Why it was yanked; empty if it was not."""

    @property
    def label(self) -> str:
        return f"{self.name}@{'.'.join(map(str, self.version))}"

    @property
    def seal(self) -> str:
        """Digest over everything above, so that an origin changed on the way shows."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Bundle:
    """What a folder holds. Made by `Library.export` and `read_folder`."""

    entries: tuple[Entry, ...]
    """The first released first."""
    functions: Mapping[str, Linked]
    """By module, dependencies first."""
    probes: Mapping[str, ProbeRecord]


def module_name(name: str, version: Sequence[int], fid: Fid, taken: Iterable[str]) -> str:
    """Module of a function: its first release's name and version, and its fid where runs side by side gave those twice."""
    plain = f"{name}_{'_'.join(map(str, version))}"
    return plain if plain not in taken else f"{plain}_{fid[7:15]}"


def write_folder(bundle: Bundle, folder: Path) -> list[Path]:
    """Write the folder; files that are there already are replaced.

    Returns:
        The files, in the order they were written.
    """
    modules = {one.fid: (module, one.name) for module, one in bundle.functions.items()}
    first = {entry.module: entry for entry in reversed(bundle.entries)}
    texts = {
        "shared/__init__.py": _front(bundle),
        "shared/_types.py": inspect.getsource(vocabulary).partition("\nTYPE_NAMES")[0],
        "shared/_functions/__init__.py": '"""One module per function; `shared` offers the newest."""\n',
        "shared/releases.json": _metadata(bundle.entries),
        "tests/test_shared.py": _tests(),
    }
    for module, one in bundle.functions.items():
        texts[f"shared/_functions/{module}.py"] = function_module(one, first[module].label, first[module].author, modules)
    for module, record in bundle.probes.items():
        calls = [[json.loads(call), json.loads(outcome)] for call, outcome in zip(record.calls, record.outcomes, strict=True)]
        lines = ",\n".join(f"  {json.dumps(pair)}" for pair in calls)
        battery = json.dumps(record.battery_id)
        texts[f"tests/probes/{module}.json"] = f'{{"battery": {battery}, "calls": [\n{lines}\n]}}\n'
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return [folder / path for path in texts]


def read_folder(folder: Path) -> Bundle:
    """Read what `write_folder` wrote.

    Raises:
        Corrupt: a file is missing, torn, or was changed on the way; the message names it.
    """
    path = folder / "shared" / "releases.json"
    form = _json(path)
    if not isinstance(form, dict) or form.get("format") != FORMAT:
        raise Corrupt(f"{path}: expected a library exported as {FORMAT}")
    entries = tuple(_entry(one, path) for one in form.get("releases", ()))
    fids = {entry.module: entry.fid for entry in entries}
    functions = {module: _function(folder, module, fids) for module in fids}
    return Bundle(entries, _in_order(functions), {module: _probes(folder, module) for module in fids})


def _front(bundle: Bundle) -> str:
    newest: dict[str, Entry] = {}
    for entry in bundle.entries:
        if not entry.yanked and (entry.name not in newest or entry.version > newest[entry.name].version):
            newest[entry.name] = entry
    lines = [
        import_line(f"{FUNCTIONS}.{entry.module}", bundle.functions[entry.module].name, name)
        for name, entry in sorted(newest.items())
    ]
    names = ",\n".join(f'    "{name}"' for name in sorted([*newest, *ALIASES]))
    head = '"""The newest release of every shared function; `releases.json` says who made it."""\n\n'
    types = f"from {TYPES} import {', '.join(sorted(ALIASES))}\n"
    return f"{head}{''.join(sorted([*lines, types]))}\n__all__ = [\n{names},\n]\n"


def import_line(module: str, name: str, wanted: str) -> str:
    return f"from {module} import {name}" + (f" as {wanted}" if wanted != name else "") + "\n"


def _metadata(entries: Sequence[Entry]) -> str:
    rows = ",\n".join(f"  {json.dumps(asdict(entry) | {'seal': entry.seal})}" for entry in entries)
    return f'{{"format": "{FORMAT}", "releases": [\n{rows}\n]}}\n'


def function_module(function: Linked, label: str, author: str, modules: Mapping[Fid, tuple[str, str]]) -> str:
    """Return a function's text under import lines that find its pinned dependencies.

    Args:
        function: what `Library.link` gave.
        label: its name and version.
        author: who contributed it.
        modules: (module, name) of every function in the package.
    """
    plain, body = _parts(function.source)
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)} & ALIASES
    ours = [import_line(f"{FUNCTIONS}.{modules[fid][0]}", modules[fid][1], name) for name, fid in function.imports]
    ours += [f"from {TYPES} import {', '.join(sorted(used))}\n"] if used else []
    groups = ["from __future__ import annotations\n", "".join(sorted(plain)), "".join(sorted(ours))]
    head = f'"""{label}, by {author}."""\n\n' + "\n".join(group for group in groups if group)
    return f"{head}\n\n{body}"


def _parts(source: str) -> tuple[list[str], str]:
    """Import lines that are not the library's own, and the function's text."""
    node, lines = read(source).node, source.splitlines()
    kept = [one for one in ast.parse(source).body if isinstance(one, ast.Import) or _of_math(one)]
    return [ast.unparse(one) + "\n" for one in kept], "\n".join(lines[node.lineno - 1 : node.end_lineno]) + "\n"


def _of_math(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "math"


def _function(folder: Path, module: str, fids: Mapping[str, Fid]) -> Linked:
    """A function back in the form of a contribution."""
    path = folder / "shared" / "_functions" / f"{module}.py"
    text = _text(path)
    try:
        tree = ast.parse(text)
        body, plain = _Reader(path, fids).take(tree)
        lines = text.splitlines()
        source = "\n".join(lines[body.lineno - 1 : body.end_lineno]) + "\n"
    except SyntaxError as error:
        raise Corrupt(f"{path}: {error.msg} (line {error.lineno})") from None
    pins = tuple(sorted(plain.pins.items()))
    shared = [f"from shared import {', '.join(name for name, _ in pins)}\n"] if pins else []
    head = "".join([*plain.lines, *shared])
    return Linked(fids[module], body.name, (head + "\n\n" if head else "") + source, pins)


@dataclass
class _Imports:
    """Import lines of a module. Filled by `_Reader`."""

    lines: list[str]
    pins: dict[str, Fid]


class _Reader:
    """Reads one module; whatever is no import or function in it is refused."""

    def __init__(self, path: Path, fids: Mapping[str, Fid]) -> None:
        self._path = path
        self._fids = fids

    def take(self, tree: ast.Module) -> tuple[ast.FunctionDef, _Imports]:
        found, functions = _Imports([], {}), list[ast.FunctionDef]()
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef):
                functions.append(statement)
            elif isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("shared."):
                self._pin(statement, found.pins)
            elif isinstance(statement, ast.Import | ast.ImportFrom):
                found.lines += [] if getattr(statement, "module", "") == "__future__" else [ast.unparse(statement) + "\n"]
            elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                raise Corrupt(f"{self._path}: expected imports and one function (line {statement.lineno})")
        if len(functions) != 1:
            raise Corrupt(f"{self._path}: expected one function, got {len(functions)}")
        return functions[0], found

    def _pin(self, statement: ast.ImportFrom, pins: dict[str, Fid]) -> None:
        module = (statement.module or "").rpartition(".")[2]
        if statement.module == TYPES:
            return
        if module not in self._fids:
            raise Corrupt(f"{self._path}: imports `{statement.module}`, not in releases.json (line {statement.lineno})")
        pins.update({alias.asname or alias.name: self._fids[module] for alias in statement.names})


def _in_order(functions: Mapping[str, Linked]) -> dict[str, Linked]:
    """Dependencies before dependents; what depends on itself comes last and is refused when its hash is derived."""
    left, done = dict(functions), dict[str, Linked]()
    have: set[Fid] = set()
    while left:
        ready = [module for module, one in left.items() if all(fid in have for _, fid in one.imports)] or list(left)
        for module in ready:
            done[module] = left.pop(module)
            have.add(done[module].fid)
    return done


def _probes(folder: Path, module: str) -> ProbeRecord:
    path = folder / "tests" / "probes" / f"{module}.json"
    form = _json(path)
    try:
        pairs = form["calls"]
        compact: Callable[[Any], str] = lambda value: json.dumps(value, separators=(",", ":"))  # noqa: E731
        return ProbeRecord(
            str(form["battery"]), tuple(compact(call) for call, _ in pairs), tuple(compact(outcome) for _, outcome in pairs)
        )
    except (TypeError, KeyError, ValueError) as error:
        raise Corrupt(f"{path}: expected a battery and pairs of call and outcome: {error}") from None


def _entry(form: Any, path: Path) -> Entry:
    try:
        entry = Entry(**{key: value for key, value in form.items() if key != "seal"} | {"version": tuple(form["version"])})
        sealed = form["seal"]
        major, minor, patch = entry.version
        if not all(isinstance(part, int) and part >= 0 for part in (major, minor, patch)) or not entry.module.isidentifier():
            raise ValueError(f"version {entry.version} of module {entry.module!r}")
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise Corrupt(f"{path}: a release cannot be read: {error}") from None
    if entry.seal != sealed:
        raise Corrupt(f"{path}: {entry.label} is not as it was exported (its seal does not hold); get the folder anew")
    return entry


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise Corrupt(f"{path} is torn: {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Corrupt(f"{path} cannot be read: {error}; expected a folder made by `mascript library export`") from None


def checked(function: Linked, fid: Fid) -> None:
    """Hold a function of a folder against its fid.

    Raises:
        BadSource: the text is not the one that was released.
    """
    if function.fid != fid:
        raise BadSource(f"`{function.name}` hashes to {fid}, and releases.json says {function.fid}: it was edited after the export")


def _tests() -> str:
    return _TESTS.replace("VALUES", "\n\n".join(map(inspect.getsource, (values._pack, values._unpack))).rstrip())


_TESTS = '''"""What every function promises: its examples, and the outcomes recorded when it was released.

Plain Python: `python -m unittest discover tests`, or pytest.
"""

from __future__ import annotations

import doctest
import importlib
import json
import sys
import unittest
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
RELEASES = json.loads((ROOT / "shared" / "releases.json").read_text(encoding="utf-8"))["releases"]
MODULES = sorted({release["module"] for release in RELEASES})


VALUES


def outcome(function: Any, arguments: tuple[Any, ...]) -> Any:
    """What a call gives as the probes have it: a value, or the kind of an error."""
    try:
        return _pack(function(*arguments))
    except Exception as error:  # noqa: BLE001  any kind of error may have been recorded
        return {"error": type(error).__name__}


def function_of(module: Any) -> Any:
    """The one function that a module defines."""
    return next(one for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__)


class Shared(unittest.TestCase):
    """One case per promise; a failure names the function."""

    def test_examples_hold(self) -> None:
        for name in MODULES:
            module = importlib.import_module(f"shared._functions.{name}")
            with self.subTest(name):
                found = doctest.testmod(module)
                self.assertGreater(found.attempted, 0)
                self.assertEqual(found.failed, 0)

    def test_recorded_outcomes_are_the_same(self) -> None:
        for name in MODULES:
            function = function_of(importlib.import_module(f"shared._functions.{name}"))
            for call, expected in json.loads((ROOT / "tests" / "probes" / f"{name}.json").read_text(encoding="utf-8"))["calls"]:
                with self.subTest(name, call=call):
                    self.assertEqual(json.dumps(outcome(function, _unpack(call))), json.dumps(expected))

    def test_the_newest_are_offered(self) -> None:
        shared = importlib.import_module("shared")
        for release in RELEASES:
            if not release["yanked"]:
                self.assertTrue(callable(getattr(shared, release["name"])))


if __name__ == "__main__":
    unittest.main()
'''
