"""One function: code, versions and changes, who depends on it, who took it up, what it was worth, what holds it to its word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import arenas
from library import Library
from library.errors import NotFound
from library.library import Step
from library.listing import release_row
from library.records import Fid, Release
from mascript.journal import Journal, Rows, Workspace
from mascript.journal.browse import Adopted, Shown, adoptions, exposures_of
from mascript.lineage.dissected import Dissected
from mascript.lineage.effect_records import effect_from_json
from mascript.lineage.report import HelperRow, helper_row
from mascript.reports.collect import REPORTED, dissected_of
from mascript.web.asking import Ask
from mascript.web.paint import SideRow, side_by_side

MOST_DEPENDENTS = MOST_ADOPTED = MOST_EFFECTS = 60
"""Rows of each listing; how many more there are is said."""


@dataclass(frozen=True)
class Version:
    """One release of the name. Made by `function_page`; read by its template."""

    version: str
    fid: Fid
    kind: str
    """new, alias, patch, minor or major: what its behaviour made of it."""
    author: str
    run: str
    generation: int
    parents: tuple[tuple[str, str], ...]
    """(kind of derivation, pin)."""
    yanked: str
    """Why it was yanked; empty where it was not."""
    twins: bool
    """Runs side by side gave this version to different functions, which only the hash tells apart."""


@dataclass(frozen=True)
class Worth:
    """A measured effect and where it was measured. Made by `function_page`."""

    run: str
    policy: str
    playable: bool
    """Whether the script can be watched here."""
    claim: str
    margin: float
    """Effects within it count as none, in the unit of the arena's return."""
    helper: HelperRow


@dataclass(frozen=True)
class Apart:
    """What one run's dissection says of a function. Made by `function_page`."""

    run: str
    found: Dissected


@dataclass(frozen=True)
class Adoption:
    """How one agent took a function up. Made by `function_page`."""

    run: str
    agent: str
    uses: tuple[Adopted, ...]
    """Of its champions, by generation."""
    shown: int
    taken: int


@dataclass(frozen=True)
class Change:
    """What changed from another version to this one. Made by `function_page`."""

    version: str
    rows: tuple[SideRow, ...]


@dataclass(frozen=True)
class FunctionPage:
    """A function as a page. Made by `function_page`; read by its template."""

    release: Mapping[str, Any]
    """As `mascript library show --json` has it."""
    source: str
    versions: tuple[Version, ...]
    """The first one first."""
    change: Change | None
    """None for a first version that nothing else is compared with."""
    imports: tuple[str, ...]
    """Pins."""
    dependents: tuple[Mapping[str, Any], ...]
    more_dependents: int
    """Those that are not listed."""
    adopted: tuple[Adoption, ...]
    """By champions, of this version alone; the latest runs first."""
    more_adopted: int
    """Agents that are not listed."""
    shown: int
    """How often writers were shown it, over all runs."""
    taken: int
    """How often a script of the same generation imported it then."""
    effects: tuple[Worth, ...]
    """Of this version, on audit seeds; those of the latest runs."""
    more_effects: int
    dissected: tuple[Apart, ...]
    """Of runs that were dissected, the latest first: what concerns this version."""
    margin: float
    examples: int
    """Examples of its documentation, each of which ran at its admission."""
    probes: int
    """Recorded calls that later versions are held against."""
    battery: str
    """What made them."""


def function_page(workspace: Workspace, ask: Ask) -> FunctionPage:
    """Return everything about one release of a name: the newest, or that of `version` (and `fid`), with what changed since `since`.

    Raises:
        NotFound: no such name or version.
    """
    library = Library(workspace.db, migrate=False)
    name = ask.parts["name"]
    history, releases = library.history(name), library.releases(name)
    release = _chosen(name, releases, ask.text("version"), ask.text("fid"))
    dependents = library.dependents(release.fid)
    rows = Rows(workspace)
    effects = _effects(rows, release.fid)
    exposed = exposures_of(workspace, [release.fid])
    adopted = _adopted(adoptions(workspace, [release.fid]), exposed, [row.run for row in Journal(workspace).runs()])
    probed = library.probed(release.fid)
    return FunctionPage(
        release=release_row(release),
        source=release.source,
        versions=tuple(_version(step, history) for step in history),
        change=_change(release, history, releases, ask.text("since")),
        imports=tuple(_pin(library, fid) for _, fid in library.link([release.fid])[-1].imports),
        dependents=tuple(release_row(one) for one in dependents[:MOST_DEPENDENTS]),
        more_dependents=max(0, len(dependents) - MOST_DEPENDENTS),
        adopted=adopted[:MOST_ADOPTED],
        more_adopted=max(0, len(adopted) - MOST_ADOPTED),
        shown=sum(one.shown for one in exposed),
        taken=sum(one.adopted for one in exposed),
        effects=effects[-MOST_EFFECTS:],
        more_effects=max(0, len(effects) - MOST_EFFECTS),
        dissected=_dissected(rows, release.fid, [worth.run for worth in effects]),
        margin=max((worth.margin for worth in effects), default=0.0),
        examples=release.doc.count(">>> "),
        probes=sum(len(record.calls) for record in probed),
        battery=", ".join(record.battery_id for record in probed),
    )


def _chosen(name: str, releases: Sequence[Release], version: str, fid: str) -> Release:
    for release in releases:
        if version in ("", release.version) and release.fid.removeprefix("sha256:").startswith(fid.removeprefix("sha256:")):
            return release
    known = tuple(f"{release.name}@{release.version}" for release in releases[:5])
    raise NotFound(f"`{name}` has no release {' '.join(part for part in (version, fid) if part)}", known)


def _version(step: Step, history: Sequence[Step]) -> Version:
    release = step.release
    same = {other.release.fid for other in history if other.release.version == release.version}
    return Version(
        version=release.version,
        fid=release.fid,
        kind=step.kind,
        author=release.author,
        run=release.run,
        generation=release.generation,
        parents=step.parents,
        yanked=step.yank_reason,
        twins=len(same) > 1,
    )


def _change(release: Release, history: Sequence[Step], releases: Sequence[Release], since: str) -> Change | None:
    """What changed since the version asked for, else since the one that this derives from, else since the one before."""
    if since:
        old = _chosen(release.name, releases, since, "")
    else:
        step = next(step for step in history if step.release.fid == release.fid)
        parents = {pin.partition("#")[2] for kind, pin in step.parents if kind in ("revision", "fork")}
        earlier = [one.release for one in history[: history.index(step)] if one.release.fid != release.fid]
        derived = [one for one in earlier if one.fid in parents]
        if not earlier:
            return None
        old = (derived or earlier)[-1]
    return Change(old.version, side_by_side(old.source, release.source))


def _adopted(uses: Sequence[Adopted], exposed: Sequence[Shown], runs: Sequence[str]) -> tuple[Adoption, ...]:
    """By agent, the latest run first."""
    latest = {run: -place for place, run in enumerate(runs)}
    shown = {(one.run, one.agent): one for one in exposed}
    found = []
    for (run, agent), its in groupby(uses, key=lambda one: (one.run, one.agent)):
        seen = shown.get((run, agent))
        found.append(Adoption(run, agent, tuple(its), seen.shown if seen else 0, seen.adopted if seen else 0))
    return tuple(sorted(found, key=lambda one: (latest.get(one.run, 1), one.agent)))


def _effects(rows: Rows, fid: Fid) -> tuple[Worth, ...]:
    found = []
    for row in rows.effects(fid=fid):
        if row.body.get("pool") == REPORTED:
            effect = effect_from_json(row.body["effect"])
            found.append(
                Worth(
                    row.run,
                    effect.policy,
                    arenas.registered(effect.arena.id),
                    effect.claim,
                    effect.design.margin,
                    helper_row(effect),
                )
            )
    return tuple(found)


def _dissected(rows: Rows, fid: Fid, runs: Sequence[str]) -> tuple[Apart, ...]:
    """Runs that measured an effect of it are those that may have taken it apart."""
    found = [(run, dissected_of(rows, run)) for run in dict.fromkeys(reversed(runs[-MOST_EFFECTS:]))]
    return tuple(Apart(run, its) for run, whole in found if whole is not None and (its := whole.of(fid)))


def _pin(library: Library, fid: Fid) -> str:
    release = library.by_fid(fid)
    return fid if release is None else release.pin
