"""The worlds that scripts play in, and how many runs of this workspace played in each."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

import arenas
from arenas.details import ArenaDetails, details_of
from arenas.spec import Reference
from mascript.journal import Journal, Workspace
from mascript.lineage.report import Score
from mascript.web.asking import Ask

KINDS = ("cooperative", "competitive", "mixed", "single")


@dataclass(frozen=True)
class ArenaLine:
    """One arena in the list. Made by `arenas_page`; read by its template."""

    id: str
    kind: str
    seats: int
    horizon: int
    random: Score | None
    best: Score | None
    """The measured script with the highest score, random play apart."""
    optimum: float | None
    bound: bool
    """The optimum is only known not to be more."""
    missing: str
    """The extra that it needs and that is not installed; empty where nothing is missing."""
    runs: int


@dataclass(frozen=True)
class ArenasPage:
    """Arenas with a spec of their own. Made by `arenas_page`; read by its template."""

    arenas: tuple[ArenaLine, ...]
    query: str
    kind: str
    others: tuple[tuple[str, int], ...]
    """Arenas without one that runs played in, with how many."""


def arenas_page(workspace: Workspace, ask: Ask) -> ArenasPage:
    """Return the arenas whose id or rules hold `q`, of one `kind` only, if given; those with runs first.

    Raises:
        BadQuestion: no such kind.
    """
    query, kind = ask.text("q"), ask.choice("kind", KINDS)
    played = Counter(str(json.loads(row.config_json)["experiment"]["arena"]) for row in Journal(workspace).runs())
    names = {*arenas.names(), *(name for name in played if arenas.registered(name))}
    specs = [arenas.get(name) for name in sorted(names)]
    found = [one for one in specs if kind in ("", one.kind) and query.lower() in f"{one.id}\n{one.rules}".lower()]
    lines = sorted((_line(details_of(spec), played[spec.id]) for spec in found), key=lambda line: (-line.runs, line.id))
    return ArenasPage(tuple(lines), query, kind, tuple(sorted((name, n) for name, n in played.items() if name not in names)))


def measured(reference: Reference | None) -> Score | None:
    """Return the stated score of a yardstick; None where it has none."""
    if reference is None or reference.score is None:
        return None
    return Score(reference.name, reference.score, reference.half_width, reference.n, "", reference.against)


def _line(found: ArenaDetails, runs: int) -> ArenaLine:
    return ArenaLine(
        id=found.id,
        kind=found.kind,
        seats=len(found.seats),
        horizon=found.horizon,
        random=measured(found.random),
        best=measured(found.scripted),
        optimum=None if found.optimum is None else found.optimum.score,
        bound=found.optimum is not None and found.optimum.bound,
        missing=found.requires if found.missing else "",
        runs=runs,
    )
