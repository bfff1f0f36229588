"""Champions that act alike are one strategy: where it began, what made it, what it was worth, and who took it up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from library import Library
from mascript.emergence.descriptors import behaviour, coarse_of, distance, like, profile
from mascript.emergence.watch import Cast, Play, Watched, watch_run
from mascript.errors import NotFound
from mascript.journal import PolicyRow, Rows, Workspace
from mascript.lineage.effect_records import effect_from_json
from mascript.lineage.findings import interval_words
from mascript.lineage.graph import LineageGraph
from mascript.lineage.queries import find, path
from mascript.reports.collect import reported_effects
from mascript.scripts import read_header, split_header

ALIKE = 0.2
"""Champions are of one strategy up to this mean distance between groups (average linkage): a fifth of their decisions."""


@dataclass(frozen=True)
class Helper:
    """A borrowed helper as a story names it. Made by `strategies_of`."""

    pin: str
    contributor: str
    run: str
    """Of the contributor; empty for the starter set."""
    worth: str
    """Its measured effect on the borrower where credit measured it in a script of this strategy; empty otherwise."""


@dataclass(frozen=True)
class Taker:
    """An agent's first champion of a strategy. Made by `strategies_of`; read by stories."""

    agent: str
    generation: int
    pid: str
    operator: str
    way: tuple[str, ...]
    """Kinds of the edges along which code passed from the first script to this one; empty: none did."""


@dataclass(frozen=True)
class Strategy:
    """A group of champions that act alike. Made by `strategies_of`; read by stories and `trace --json`."""

    name: str
    """S1, S2, ... in the order of first appearance."""
    first: Taker
    members: tuple[tuple[str, int, str], ...]
    """(agent, generation, pid), earliest first."""
    behaviour: dict[str, float]
    """Of its first champion."""
    parent: str
    """What its first script was made from; empty for one from scratch."""
    change: str
    """Unified diff from that parent."""
    borrowed: tuple[Helper, ...]
    """Helpers that the first script imports and its parent does not."""
    worth_then: tuple[float, float | None]
    """Return of the first script in today's company, with its standard error."""
    worth_later: tuple[float, float | None]
    """The same of the last one."""
    takers: tuple[Taker, ...]
    """Other agents that came to it, earliest first."""
    alive: bool
    """Whether some agent's last watched champion is of it."""

    @property
    def spread(self) -> bool:
        """More than one agent came to it."""
        return bool(self.takers)


def strategies_of(workspace: Workspace, cast: Cast, graph: LineageGraph, play: Play, most: int) -> list[Strategy]:
    """Watch a run's champions and group them.

    Raises:
        ConfigError: there is nobody to watch.
    """
    watched = watch_run(cast, play, most)
    rows = {row.pid: row for row in reversed(Rows(workspace).policies(cast.run))}
    effects = [effect_from_json(body) for body in reported_effects(Rows(workspace), cast.run).values()]
    worth = {(one.policy, one.fid): interval_words(one.own) for one in effects if one.own is not None}
    library = Library(workspace.db, migrate=False)
    latest = {one.row.agent: one.row.pid for one in watched}
    found = []
    for number, members in enumerate(grouped(cast, watched), 1):
        first, last = members[0], members[-1]
        parent = rows.get(first.row.parents[0]) if first.row.parents else None
        pids = [one.row.pid for one in members]
        found.append(
            Strategy(
                name=f"S{number}",
                first=_taker(graph, first.row, first.row),
                members=tuple((one.row.agent, one.row.generation, one.row.pid) for one in members),
                behaviour=behaviour(cast.spec, first.episodes),
                parent="" if parent is None else parent.pid,
                change="" if parent is None else changed(parent, first.row),
                borrowed=_borrowed(library, parent, first.row, worth, pids),
                worth_then=first.worth,
                worth_later=last.worth,
                takers=tuple(_taker(graph, first.row, one.row) for one in _first_of_others(members)),
                alive=any(latest[one.row.agent] == one.row.pid for one in members),
            )
        )
    return found


def grouped(cast: Cast, watched: Sequence[Watched]) -> list[list[Watched]]:
    """Champions that act alike, the earliest group first; within a group earliest first."""
    spec = cast.spec
    kinds = {like(spec, episode.seat) for one in watched for episode in one.episodes}
    coarse = {
        kind: coarse_of(spec.schema_of(kind), (e for one in watched for e in one.episodes if like(spec, e.seat) == kind))
        for kind in kinds
    }
    profiles = [profile(spec, coarse, one.episodes) for one in watched]
    if len(watched) < 2:
        return [list(watched)] if watched else []
    between = np.array([[distance(a, b) for b in profiles] for a in profiles])
    labels = fcluster(linkage(squareform(between, checks=False), "average"), ALIKE, "distance")
    groups: dict[int, list[Watched]] = {}
    for label, one in zip(labels.tolist(), watched, strict=True):
        groups.setdefault(label, []).append(one)
    return list(groups.values())


def chosen(strategies: Sequence[Strategy], graph: LineageGraph, text: str) -> Strategy:
    """Return the strategy that a person names: S1, or an agent, script or helper of it (the earliest, for a helper).

    Raises:
        NotFound: none is called so.
    """
    known = {one.name.lower(): one for one in strategies}
    if text.lower() in known:
        return known[text.lower()]
    if re.fullmatch(r"[sS]\d+", text):
        raise NotFound(f"expected a strategy of this run, got {text!r}; there are {', '.join(one.name for one in strategies)}")
    node = find(graph, text)
    reached = {node, *(target for _, target, kind in graph.out_edges(node, data="kind") if kind == "borrowed")}
    for one in strategies:
        if any(f"script:{pid}" in reached for _, _, pid in one.members):
            return one
    raise NotFound(f"no watched champion is or imports {text!r}; there are {', '.join(one.name for one in strategies)}")


def changed(parent: PolicyRow, child: PolicyRow) -> str:
    """Unified diff of two scripts without their headers."""
    before, after = (split_header(row.source)[1].splitlines() for row in (parent, child))
    return "\n".join(unified_diff(before, after, parent.pid[:19], child.pid[:19], lineterm="", n=1))


def _first_of_others(members: Sequence[Watched]) -> list[Watched]:
    firsts: dict[str, Watched] = {}
    for one in members:
        firsts.setdefault(one.row.agent, one)
    return [one for agent, one in firsts.items() if agent != members[0].row.agent]


def _taker(graph: LineageGraph, first: PolicyRow, row: PolicyRow) -> Taker:
    steps = path(graph, f"script:{first.pid}", f"script:{row.pid}") if first.pid != row.pid else []
    way = ("same script",) if first.pid == row.pid and first is not row else tuple(step.kind for step in steps)
    return Taker(row.agent, row.generation, row.pid, row.operator, way)


def _borrowed(
    library: Library, parent: PolicyRow | None, child: PolicyRow, worth: dict[tuple[str, str], str], pids: Sequence[str]
) -> tuple[Helper, ...]:
    before = {} if parent is None else dict(read_header(parent.source).pins)
    found = []
    for name, pin in read_header(child.source).pins:
        if name in before:
            continue
        fid = pin.partition("#")[2]
        release = library.by_fid(fid)
        said = next((worth[pid, fid] for pid in pids if (pid, fid) in worth), "")
        author, run = (release.author, release.run) if release is not None else ("", "")
        found.append(Helper(f"{name}@{pin.partition('#')[0]}", author, run, said))
    return tuple(found)
