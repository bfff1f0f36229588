"""The library's door: contribute, resolve, link, search, trace, verify."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from library.admission import Bench, Refusal, judge, link
from library.bundle import Bundle
from library.check import Problem, problems
from library.errors import Conflict, LibraryError
from library.exchange import Taken, gather, take_in
from library.recording import record, reject
from library.records import Battery, Contributor, Fid, Linked, Listed, Rejection, Release, Runner, Terms, Verdict
from library.resolution import ever_released, resolve
from library.rows import EVERYTHING, NewRelease, ProbeRecord, View
from library.search import callable_with, match_query
from library.starter import starter_functions
from library.store import Store
from library.tables import migrate as bring_up_to_date
from library.tables import translated, unit, up_to_date

if TYPE_CHECKING:
    import sqlite_utils

STARTER = "starter"
"""Author of the starter set."""

Releases = list[Release]
Functions = list[Linked]
Names = list[str]
Refused = list[Rejection]
Intake = list[Taken]
Problems = list[Problem]
Probed = list[ProbeRecord]
Index = list[Listed]


@dataclass(frozen=True)
class Step:
    """One release in the history of a name. Made by `Library.history`; read by the CLI and the lineage."""

    sequence: int
    release: Release
    kind: str
    """new, alias, patch, minor or major."""
    parents: tuple[tuple[str, str], ...]
    """(kind of derivation, pin of the parent)."""
    yank_reason: str = ""


Steps = list[Step]


class Library:
    """The shared functions of one workspace file.

    Every write is one unit of work: a transaction of its own, or, where the caller has begun one, a part of that.
    `at` narrows what is seen: a run sees the releases up to the head it started from and its own, and is judged by those alone.

    Args:
        db: the workspace file.
        migrate: bring its tables up to date first.
        view: what is to be seen of it.

    Raises:
        Locked, DiskFull, Corrupt: what is wrong with the file (every method may).
        LibraryError: the file was written by a newer version.
    """

    def __init__(self, db: sqlite_utils.Database, *, migrate: bool = True, view: View = EVERYTHING) -> None:
        self.db = db
        self._view = view
        self._conn = db.conn
        self._store = Store(self._conn)
        if migrate and not up_to_date(self._conn):
            bring_up_to_date(self._conn)

    def at(self, head: int | None = None, run: str = "", authors: Collection[str] | None = None) -> Library:
        """The same library, seen narrower.

        Args:
            head: only releases and yanks up to this number; None for all.
            run: releases of this run are seen beyond the head.
            authors: only releases by these; None for all.
        """
        return Library(self.db, migrate=False, view=View(head, run, None if authors is None else frozenset(authors)))

    def add(
        self,
        source: str,
        *,
        author: str,
        runner: Runner,
        battery: Battery,
        derives_from: str = "",
        run: str = "",
        generation: int = 0,
        imports: Mapping[str, str] | None = None,
        terms: Terms | None = None,
    ) -> Verdict:
        """Judge a contribution by what this library shows, and record the verdict.

        Runs side by side may so release different functions under one name and version; their pins tell them apart.

        Args:
            source: import lines and one typed, documented function with an example.
            derives_from: release that it revises (`name@version` or a pin); needed where behaviour changes under a taken name.
            imports: pin, specification or fid of its imports; the newest visible release where left out.
            terms: quota and complexity that it is held to; those of `Terms` where left out.

        Raises:
            Conflict: another process released in between; add again.
        """
        view = View(self._view.head, run or self._view.run)
        bench = self._bench(view, runner, battery, terms, author)
        with translated():
            before = self._store.head()
            try:
                decision = judge(source, derives_from, imports or {}, bench)
            except Refusal as refusal:
                with unit(self._conn):
                    return reject(self._store, refusal, source, derives_from, Contributor(author, run, generation))
        if decision.existing is not None:
            return Verdict(True, "alias", decision.existing, reason=decision.reason)
        with unit(self._conn):
            if self._store.head() != before:
                raise Conflict("another process released a version while this one was judged; add it again")
            function = decision.function
            by = NewRelease(function.name, *decision.version, function.fid, decision.kind, author, run, generation, battery.id)
            return record(self._store, decision, by)

    def get(self, name: str, version: str = "") -> Release:
        """The release of a name: the newest that is not yanked, or the newest of the version given.

        Raises:
            NotFound: there is none, with near matches.
            Ambiguous: runs side by side gave the whole version to different functions.
        """
        return self.resolve(f"{name}@{version}" if version else name)

    def resolve(self, spec: str) -> Release:
        """The release that a specification names: `nearest`, `nearest@1`, `nearest@1.2`, `nearest@1.2.0` or a full pin.

        Raises:
            BadPin: it cannot be read.
            NotFound: no visible release answers to it, with near matches.
            Ambiguous: runs side by side gave the whole version to different functions.
        """
        with translated():
            return self._resolve(spec, self._view)

    def releases(self, name: str) -> Releases:
        """Every release of a name, yanked ones included, the newest version first; empty for an unknown name."""
        with translated():
            return self._store.releases(self._view, name)

    def names(self) -> Names:
        """Every name that was ever released, in order."""
        with translated():
            return sorted(self._store.visible_names(self._view))

    def by_fid(self, fid: Fid) -> Release | None:
        """The first release of a function; None if it has none."""
        found = self.releases_of(fid)
        return found[0] if found else None

    def releases_of(self, fid: Fid) -> Releases:
        """Every release of a function, the first one first: under several names, or by several runs."""
        with translated():
            return self._store.of_fid(fid, self._view)

    def releases_by(self, run: str) -> Releases:
        """What the agents of a run released, the first one first."""
        with translated():
            return self._store.of_run(run, self._view)

    def link(self, fids: Sequence[Fid]) -> Functions:
        """These functions and all they depend on, each once, dependencies first, in an order that only the pins decide.

        Raises:
            NotFound: one of them is not there.
        """
        with translated():
            return link(self._store, fids)

    def head(self) -> int:
        """Number of the latest release or yank; it only grows."""
        with translated():
            return self._store.head()

    def list(self) -> Releases:
        """The newest release of every visible name, by name, yanked ones left out; where runs gave it twice, each of them."""
        with translated():
            return self._store.latest(self._view)

    def listed(self) -> Index:
        """What `list` returns, without the texts: for listings that choose among thousands and show a page."""
        with translated():
            return self._store.listed(self._view)

    def search(self, query: str, *, limit: int = 10) -> Releases:
        """Releases whose name, parameters, documentation or types match any word of the query, best first (bm25)."""
        view, words, found = self._view, match_query(query), list[Release]()
        seen: set[str] = set()
        with translated():
            for name in self._store.matching(view, words) if words else ():
                if name in seen:
                    continue
                seen.add(name)
                current = [release for release in self._store.releases(view, name) if not release.yanked]
                found += current[:1]
                if len(found) >= limit:
                    break
        return found

    def search_types(self, available: Sequence[str], returns: str = "", *, limit: int | None = None) -> Releases:
        """Releases callable with values of the available types whose result fits `returns` (any, if empty), by name."""
        with translated():
            shapes = [shape for shape in self._store.shapes() if callable_with(shape, available, returns)]
            return self._store.latest_of_shapes(self._view, shapes, limit)

    def history(self, name: str) -> Steps:
        """Every release of a name with what it derives from, the first one first.

        Raises:
            NotFound: an unknown name, with near matches.
        """
        with translated():
            ever_released(self._store, name)
            rows = [(row, self._store.of_sequence(row.sequence)) for row in self._store.kinds(name)]
            return [Step(row.sequence, one, row.kind, self._parents(one.fid), row.yank_reason) for row, one in rows]

    def diff(self, name: str, a: str, b: str) -> str:
        """What changed from version a to version b, as a unified diff; empty for none.

        Raises:
            NotFound: one of them is not there.
        """
        old, new = self.get(name, a), self.get(name, b)
        lines = difflib.unified_diff(
            old.source.splitlines(keepends=True),
            new.source.splitlines(keepends=True),
            f"{name}@{old.version}",
            f"{name}@{new.version}",
        )
        return "".join(lines)

    def dependents(self, name_or_fid: str, *, transitive: bool = False) -> Releases:
        """First releases of the functions that import any version of a name, or one function; through others too if `transitive`.

        Raises:
            NotFound: an unknown name, with near matches.
        """
        with translated():
            fids = [name_or_fid] if name_or_fid.startswith("sha256:") else [r.fid for r in ever_released(self._store, name_or_fid)]
            found = dict.fromkeys(self._store.dependents(fids))
            while transitive:
                further = [fid for fid in self._store.dependents(list(found)) if fid not in found]
                if not further:
                    break
                found |= dict.fromkeys(further)
            return [self._store.of_fid(fid)[0] for fid in found]

    def probed(self, fid: Fid) -> Probed:
        """What batteries showed of a function: the calls that later versions are held against."""
        with translated():
            return self._store.probes(fid)

    def precedents(self, release: Release) -> Releases:
        """Earlier releases, seen by whom they may, of the same function or of one that behaves the same; the first one first."""
        with translated():
            fids = [release.fid, *self._store.alike(release.fid)]
            found = {self._store.row_of(one).sequence: one for fid in fids for one in self._store.of_fid(fid)}
            own = self._store.row_of(release).sequence
            return [found[sequence] for sequence in sorted(found) if sequence < own]

    def yank(self, name: str, version: str, reason: str) -> Release:
        """Keep a release from new borrowers. Pins of it go on working, and it is never deleted.

        Raises:
            NotFound: there is no such release.
        """
        with unit(self._conn):
            release = self._resolve(f"{name}@{version}", EVERYTHING)
            self._store.write_yank(release, reason)
            return self._resolve(release.pin, EVERYTHING)

    def rejections(self, *, author: str = "", run: str | None = None, name: str = "") -> Refused:
        """Contributions that a gate refused, the last one first: all, or those of an author, of a run, of a name."""
        wanted = {"author": author, "name": name}
        only = {key: value for key, value in wanted.items() if value} | ({} if run is None else {"run": run})
        with translated():
            return self._store.rejections(**only)

    def verify(self) -> Problems:
        """Derive every hash anew and hold every row against the others; the first wrong row first, empty if all hold."""
        return list(problems(self._conn))

    def rebuild_index(self) -> int:
        """Write the search index anew from the rows, which are the truth; return how many releases it holds."""
        with unit(self._conn):
            return self._store.rebuild_index()

    def bundle(self, names: Sequence[str] = (), *, every_version: bool = False) -> Bundle:
        """What `library.bundle.write_folder` writes: the newest release of these names, or of all, with all that they call.

        Args:
            names: specifications; all names where left out.
            every_version: every release of each name, yanked ones included.

        Raises:
            NotFound: an unknown name, with near matches.
        """
        with translated():
            return gather(self._store, self._view, self._wanted(names, every_version))

    def take(self, bundle: Bundle, *, runner: Runner, battery: Battery, renumber: bool = False) -> Intake:
        """Take in what another library exported, all of it or nothing; a function that is here already is the same one.

        Args:
            bundle: what `library.bundle.read_folder` read. Its authors and origins are kept.
            renumber: give a release that contradicts one of its name here the next version that its behaviour deserves.

        Raises:
            Clash: releases that contradict those here, or that a gate refuses, each named.
        """
        with unit(self._conn):
            return take_in(self._store, bundle, self._bench(self._view, runner, battery), renumber=renumber)

    def _wanted(self, names: Sequence[str], every_version: bool) -> Releases:
        if not names:
            return self._store.releases(self._view) if every_version else self._store.latest(self._view)
        found = [self._resolve(name, self._view) for name in names]
        return [release for one in found for release in self._store.releases(self._view, one.name)] if every_version else found

    def seed_starter(self, runner: Runner, battery: Battery) -> int:
        """Release the starter set, as far as it is not there.

        Returns:
            How many releases were made.

        Raises:
            LibraryError: a helper of the starter set is refused.
        """
        made = 0
        for function in starter_functions():
            before = self.head()
            verdict = self._add_starter(function.source, runner, battery)
            if not verdict.accepted:
                raise LibraryError(f"starter function `{function.name}` refused by the gate {verdict.gate}: {verdict.reason}")
            made += self.head() > before
        return made

    def _add_starter(self, source: str, runner: Runner, battery: Battery) -> Verdict:
        """Add again for as long as another process releases meanwhile: it may be seeding this very file."""
        while True:
            try:
                return self.add(source, author=STARTER, runner=runner, battery=battery)
            except Conflict:
                continue

    def _resolve(self, text: str, view: View) -> Release:
        return resolve(self._store, text, view)

    def _bench(self, view: View, runner: Runner, battery: Battery, terms: Terms | None = None, author: str = "") -> Bench:
        return Bench(self._store, runner, battery, view, lambda spec: self._resolve(spec, view), terms or Terms(), author)

    def _parents(self, fid: Fid) -> tuple[tuple[str, str], ...]:
        return tuple((kind, self._store.of_fid(parent)[0].pin) for kind, parent in self._store.parents(fid))
