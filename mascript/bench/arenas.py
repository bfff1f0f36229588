"""How fast every registered arena steps, beside the environment behind it through its own interface, in one run on one core."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import arenas
from arenas import interface_speed, speed
from arenas.extras import installed

PAIRS = 11
"""Rounds of which each ratio is the median and the least."""
SECONDS = 0.15
"""Of each measurement, at least."""
MATRIX, GRID, TWIN = "own matrix game", "own grid, 4 agents", "twin"
OWN: Mapping[str, str] = {
    "bin_packing_v0": "",
    "double_auction_v0": "",
    "iterated_dilemma_v0": MATRIX,
    "lane_keeping_v0": "",
    "public_goods_v0": MATRIX,
    "stag_hunt_v0": MATRIX,
    "cleanup_v0": GRID,
    "commons_harvest_v0": GRID,
    "foraging_v0": GRID,
}
"""Arenas of ours whose twin is the rules without PettingZoo, and the target of each in steps per second; empty: none is stated.
Others with a twin have one against the original."""
TARGETS: Mapping[str, float] = {MATRIX: 100_000.0, GRID: 15_000.0, TWIN: 8.0}
"""Joint steps per second, or times the original."""


@dataclass(frozen=True)
class Pace:
    """One arena. Made by `measure`; read by the page, `mascript arenas list` and people."""

    arena: str
    seats: int
    interface: float | None
    """Joint steps per second of the environment through PettingZoo's or Gymnasium's interface; None where it cannot be had."""
    steps: float
    """Joint steps per second of the arena as matches play it, the twin where there is one, while nobody observes."""
    observed: float
    """The same while every waiting seat observes at every step."""
    ratio: float | None
    """`observed` against `interface`, whose observations are made too: the median of the rounds' ratios."""
    least_ratio: float | None
    pairs: int
    target: str
    """Which of `TARGETS` applies; empty: none."""

    @property
    def reached(self) -> float | None:
        """What is held against the target, as a share of it."""
        if not self.target:
            return None
        figure = self.ratio if self.target == TWIN else self.observed
        return None if figure is None else figure / TARGETS[self.target]


def run(
    out: Path | None, say: Callable[[str], None], *, pairs: int = PAIRS, ids: Sequence[str] = (), seconds: float = SECONDS
) -> dict[str, Any]:
    """Measure these arenas (default: every registered one whose extra is here) and return what the JSON holds.

    Where `out` is given, `arenas.json` and `arenas.md` are written there.
    """
    chosen = ids or [id for id in arenas.names() if installed(arenas.get(id).requires)]
    found = []
    for id in chosen:
        say(f"{id} ...")
        found.append(measure(id, pairs, seconds))
    made_on = machine()
    document = {
        "command": f"mascript bench arenas --pairs {pairs}",
        "machine": made_on,
        "arenas": [asdict(pace) | {"reached": pace.reached} for pace in found],
    }
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "arenas.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        (out / "arenas.md").write_text(page(found, pairs, made_on), "utf-8")
    return document


def measure(id: str, pairs: int, seconds: float) -> Pace:
    """Measure one arena: in each round the original, then ours, so that what slows the machine slows both."""
    spec = arenas.get(id)
    theirs = interface_speed.runner(id)
    ours, looking = speed.runner(spec), speed.runner(spec, observe=True)
    rounds = [(theirs(seconds).per_second if theirs else None, looking(seconds), ours(seconds)) for _ in range(pairs)]
    ratios = [seen.per_second / through for through, seen, _ in rounds if through is not None]
    return Pace(
        arena=id,
        seats=len(spec.seats),
        interface=median(through for through, _, _ in rounds if through is not None) if theirs else None,
        steps=median(bare.per_second for _, _, bare in rounds),
        observed=median(seen.per_second for _, seen, _ in rounds),
        ratio=median(ratios) if ratios else None,
        least_ratio=min(ratios, default=None),
        pairs=pairs,
        target=OWN.get(id, TWIN if spec.make_twin else ""),
    )


def machine() -> str:
    """Return what was measured on, in a line."""
    names = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{next(iter(names), platform.machine())}, {os.cpu_count()} cores, Python {platform.python_version()}, {system}"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def page(found: Sequence[Pace], pairs: int, made_on: str) -> str:
    """Return the figures as Markdown."""
    lines = "\n".join("| " + " | ".join(row) + " |" for row in table(found))
    return f"""# Speed of the arenas

`mascript bench arenas --pairs {pairs}`: {made_on}. One core; seconds are those of the process itself.

Joint steps per second of whole episodes of random legal actions, resets included. "Interface" is the environment behind the arena,
driven through PettingZoo's or Gymnasium's own calls. "Observed" is the arena as a match plays it (its twin where it has one) while
every waiting seat observes at every step; "rules" is the same while nobody does. The ratio is observed against interface, which
makes observations too: the median of {pairs} rounds in which both were measured one after the other, and the least of them.

Targets: {TARGETS[MATRIX]:,.0f} for matrix games of ours and {TARGETS[GRID]:,.0f} for grids of ours with four agents, everybody
observing; a ratio of {TARGETS[TWIN]:g} for other twins.

| {" | ".join(COLUMNS)} |
|{" --- |" * len(COLUMNS)}
{lines}
"""


COLUMNS = ("arena", "seats", "interface", "observed", "rules", "ratio", "least", "target", "")


def table(found: Sequence[Pace]) -> list[tuple[str, ...]]:
    """Return a row of cells for each arena."""
    return [
        (
            pace.arena,
            str(pace.seats),
            _count(pace.interface),
            _count(pace.observed),
            _count(pace.steps),
            _times(pace.ratio),
            _times(pace.least_ratio),
            pace.target or "none",
            verdict(pace),
        )
        for pace in found
    ]


def verdict(pace: Pace) -> str:
    """Return whether the target is met, and by how much."""
    share = pace.reached
    if share is None:
        return "" if not pace.target else "not measured"
    return f"met: {share:.2f} of it" if share >= 1 else f"missed: {share:.2f} of it"


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _times(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
