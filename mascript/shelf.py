"""From what a person names (a file, `reference:NAME`, an agent's champion, a policy id) to a linked program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mascript.errors import GateError, NotFound, ScriptError
from mascript.records import Fid, Program

if TYPE_CHECKING:
    from arenas.spec import ArenaSpec, Population
    from library import Library
    from mascript.journal import Workspace

REFERENCE = "reference:"
POPULATION = "population:"
POLICY = "policy:"


@dataclass(frozen=True)
class Script:
    """A script text and how its user calls it. Made by `Shelf.find`; read by check, score and play."""

    label: str
    source: str


@dataclass
class Shelf:
    """Where scripts and their shared functions come from. Made by `shelf`; owned by one command.

    The library is the workspace's; without a workspace a throwaway one with the starter set is made when a script needs it.
    """

    spec: ArenaSpec
    workspace: Workspace | None
    path: Path
    closing: ExitStack
    """Closes what was opened on the way."""
    _library: Library | None = field(default=None)

    def find(self, text: str) -> Script:
        """Return the script that `text` names: `reference:NAME`, `population:NAME/SCRIPT`, `policy:...`, `RUN:AGENT` or a file.

        Raises:
            NotFound: nothing of this name, with near matches.
            ScriptError: the file is no UTF-8 text.
        """
        if text.startswith(REFERENCE):
            return Script(text, self._reference(text.removeprefix(REFERENCE)))
        if text.startswith(POPULATION):
            return self._member(text.removeprefix(POPULATION))
        path = Path(text)
        if path.is_file():
            return Script(path.name, read_script(path))
        if text.startswith(POLICY):
            return Script(text, self._policy(text))
        run, colon, agent = text.rpartition(":")
        if colon and self.workspace is not None:
            return Script(text, self._champion(run, agent))
        raise NotFound(
            f"no script {text!r}: expected a file, {REFERENCE}NAME, {POPULATION}NAME/SCRIPT, RUN:AGENT or a policy id of "
            f"{self.path}{_siblings(path)}"
        )

    def program(self, script: Script) -> Program:
        """Return a script linked with what it borrows.

        Raises:
            ScriptError: a gate refuses it, with file and line.
        """
        from mascript.linking import link
        from mascript.sandbox import check_source
        from mascript.scripts import split_header

        try:
            check_source(split_header(script.source)[1], "script")
            pins = self.pins(script)
            return link(script.source, pins, self.library() if pins else None)
        except GateError as error:
            line = f":{error.line + header_lines(script.source)}" if error.line else ""
            raise ScriptError(f"{script.label}{line}: the gate `{error.gate}` refuses this script: {error.reason}") from error

    def pins(self, script: Script) -> dict[str, Fid]:
        """Return the fid of every name that a script imports: what its header pins, else the newest release.

        Raises:
            GateError: a name is in no header and in no library, or the pinned version is not there.
        """
        from library.errors import LibraryError
        from mascript.sandbox import safe_parse
        from mascript.scripts import read_header, shared_names, split_header

        header = dict(read_header(script.source).pins)
        names = shared_names(safe_parse(split_header(script.source)[1]))
        found = {}
        for name in names:
            version, mark, fid = header.get(name, "").partition("#")
            try:
                found[name] = self._pinned(name, fid) if mark else self.library().get(name, version).fid
            except LibraryError as error:
                raise GateError("pins", f"`from shared import {name}`: {error} (library of {self._where()})") from error
        return found

    def library(self) -> Library:
        """Return the workspace's library, or a throwaway one with the starter set."""
        from library import Library
        from mascript.journal import Workspace

        if self._library is None:
            workspace = self.workspace
            if workspace is None:
                folder = self.closing.enter_context(TemporaryDirectory(prefix="mascript-"))
                workspace = self.closing.enter_context(Workspace.open(Path(folder) / "starter.db", create=True))
                seed(workspace)
            self._library = Library(workspace.db, migrate=False)
        return self._library

    def _pinned(self, name: str, fid: Fid) -> Fid:
        """Return a fid that the header pins; another function of the same name and version is no substitute."""
        if self.library().by_fid(fid) is None:
            raise GateError(
                "pins",
                f"`from shared import {name}`: the header pins {fid}, which is not there; give the script's own workspace with "
                f"--workspace, or leave the pin out for the newest release (library of {self._where()})",
            )
        return fid

    def _where(self) -> str:
        return str(self.path) if self.workspace is not None else f"starter set, since there is no workspace {self.path}"

    def _reference(self, name: str) -> str:
        known = {reference.name: reference.source for reference in self.spec.references}
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {REFERENCE}{near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
            raise NotFound(f"arena {self.spec.id} has no reference script {name!r}; {hint}")
        return known[name]

    def _member(self, text: str) -> Script:
        name, _, member = text.partition("/")
        known = {one.name: one.source for one in population(self.spec, name).members}
        if member not in known:
            near = get_close_matches(member, known, n=1)
            hint = f"did you mean {POPULATION}{name}/{near[0]}?" if near else f"there are {', '.join(known)}"
            raise NotFound(f"population {name} has no script {member!r}; {hint}")
        return Script(f"{name}/{member}", known[member])

    def _policy(self, pid: str) -> str:
        from mascript.journal import Journal, Rows

        if self.workspace is None:
            raise NotFound(f"no policy {pid}: there is no workspace {self.path}; give another with --workspace")
        rows = Rows(self.workspace)
        runs = reversed(Journal(self.workspace).runs())
        near = {row.pid: row.source for run in runs for row in rows.policies(run.run) if row.pid.startswith(pid)}
        if len(near) == 1:
            return next(iter(near.values()))
        return rows.policy(pid).source

    def _champion(self, run: str, agent: str) -> str:
        return champion_source(self.workspace, run, agent) if self.workspace is not None else ""


def champion_names(workspace: Workspace, run: str) -> list[str]:
    """Return the agents of a run that have a champion, by name.

    Raises:
        NotFound: no such run.
    """
    from mascript.journal import Journal, Rows

    Journal(workspace).run(run)
    return sorted({row.agent for row in Rows(workspace).policies(run) if row.status == "champion"})


def champion_source(workspace: Workspace, run: str, agent: str) -> str:
    """Return the script of an agent's last champion, with its header of pins.

    Raises:
        NotFound: no such run or agent, or no champion yet.
    """
    from mascript.journal import Journal, Rows

    Journal(workspace).run(run)
    rows = Rows(workspace).policies(run, agent, "champion")
    if not rows:
        names = sorted({row.agent for row in Rows(workspace).policies(run)})
        raise NotFound(f"run {run} has no champion of an agent {agent!r}; its agents are {', '.join(names) or 'none yet'}")
    return rows[-1].source


def population(spec: ArenaSpec, name: str) -> Population:
    """Return a named population of the arena.

    Raises:
        NotFound: it has none of this name.
    """
    known = {one.name: one for one in spec.populations}
    if name not in known:
        raise NotFound(f"arena {spec.id} has no population {name!r}; it has {', '.join(known) or 'none'}")
    return known[name]


def read_script(path: Path) -> str:
    """Return the text of a script file.

    Raises:
        ScriptError: it is no UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ScriptError(f"{path} is no script: expected UTF-8 text, got a byte that is not ({error.reason})") from error


def header_lines(source: str) -> int:
    """Return how many lines stand before the code that gates count from; 0 where the header itself is broken."""
    from mascript.scripts import split_header

    try:
        return source.count("\n") - split_header(source)[1].count("\n")
    except ScriptError:
        return 0


@contextmanager
def shelf(spec: ArenaSpec, path: str | Path) -> Iterator[Shelf]:
    """Open the workspace for reading if there is one, and hand over where scripts come from."""
    path = Path(path)
    with ExitStack() as closing:
        workspace = None
        if path.exists():
            from mascript.journal import Workspace

            workspace = closing.enter_context(Workspace.open(path, read_only=True))
        yield Shelf(spec, workspace, path, closing)


def arena(name: str, arguments: Mapping[str, object]) -> ArenaSpec:
    """Return the spec of an arena.

    Raises:
        ArenaError: see `arenas.errors`.
    """
    import arenas

    return arenas.get(name, **arguments)


def seed(workspace: Workspace) -> int:
    """Release the starter set in a workspace's library; return how many functions came in."""
    from library import DefaultBattery, Library
    from mascript.sandbox import Sandbox, SandboxRunner

    library = Library(workspace.db)
    with Sandbox() as sandbox, workspace.transaction():
        return library.seed_starter(SandboxRunner(sandbox), DefaultBattery())


def _siblings(path: Path) -> str:
    folder = path.parent
    known = [file.name for file in folder.glob("*.py")] if folder.is_dir() else []
    near = get_close_matches(path.name, known, n=1)
    return f"; did you mean {folder / near[0]}?" if near else ""
