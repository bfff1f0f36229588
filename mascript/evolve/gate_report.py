"""What each gate stopped, what that saved, and how often it was wrong: from a run's journal, and from its telemetry for seconds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from math import sqrt
from typing import Any

from mascript.evolve.gate_check import CHECKED_GATES
from mascript.journal import Journal

RACE = "race"
"""The screen, as the last of the gates: it stops a candidate after a few episodes instead of none."""
_LAPS = {"fingerprint": "fingerprint", "smoke": "smoke", RACE: RACE}
"""Gate to the part of a turn in which it works; the others take microseconds each and are timed together, as `read`."""
_Z = 1.959963984540054
"""Of the 95 % interval."""


@dataclass(frozen=True)
class GateRow:
    """One gate over a whole run. Made by `gate_rows`; read by the journal, the CLI and the run's report."""

    gate: str
    stopped: int
    """Candidates that went no further."""
    episodes_saved: int
    """Episodes that they would have played if all were evaluated in full (`evaluation.episodes` each), less what they played."""
    checked: int
    """Of the stopped, those evaluated all the same, with a verdict (see `gate_check`)."""
    false: int
    """Of the checked, false rejections."""
    low: float | None
    high: float | None
    """95 % interval (Wilson, 1927) of the share of false rejections; None where nothing was checked."""
    seconds_saved: float | None = None
    """Episodes saved at the race's own rate; None before a race was timed."""
    seconds_spent: float | None = None
    """Wall time of the gate itself, probe episodes included; None where it is too short to be timed apart."""

    def decided(self) -> dict[str, Any]:
        """Return what does not depend on a clock, as the journal has it."""
        return {name: value for name, value in asdict(self).items() if not name.startswith("seconds_")}


def gate_rows(journal: Journal, run: str, full: int) -> tuple[GateRow, ...]:
    """Return a row per gate that stopped anything, in the order in which a proposal meets them.

    Args:
        journal: of the run's workspace.
        run: id.
        full: episodes of a candidate that is evaluated in full.
    """
    rows = count_gates((entry.body for entry in journal.entries(run, kind="turn")), full)
    laps, episodes = _timed(one.body for one in journal.measurements(run, "turn"))
    rate = (laps[RACE] + laps["smoke"]) / episodes if episodes else None
    return tuple(
        replace(
            row,
            seconds_saved=None if rate is None else row.episodes_saved * rate,
            seconds_spent=laps[_LAPS[row.gate]] if row.gate in _LAPS and episodes else None,
        )
        for row in rows
    )


def count_gates(turns: Iterable[Mapping[str, Any]], full: int) -> list[GateRow]:
    """Return the rows without times; pure.

    Args:
        turns: bodies of the journal's turns.
        full: episodes of a candidate that is evaluated in full.
    """
    stopped: Counter[str] = Counter()
    saved: Counter[str] = Counter()
    checked: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for turn in turns:
        for one in turn["refused"]:
            stopped[one["gate"]] += 1
            saved[one["gate"]] += full - (one["gate"] == "smoke")
        for one in turn["candidates"]:
            stopped[RACE] += one["n"] < full
            saved[RACE] += full - one["n"]
        for one in turn.get("checks", ()):  # runs of version 0.1.0 have none
            checked[one["gate"]] += one["verdict"] != "unscored"
            false[one["gate"]] += one["verdict"] == "false"
    last = (*CHECKED_GATES, "smoke", RACE)
    order = [*(gate for gate in stopped if gate not in last), *(gate for gate in last if stopped[gate])]
    return [
        GateRow(gate, stopped[gate], saved[gate], checked[gate], false[gate], *wilson(false[gate], checked[gate])) for gate in order
    ]


def wilson(hits: int, n: int) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % score interval of a share (Wilson, 1927); Nones where n is 0."""
    if n == 0:
        return None, None
    share, spread = hits / n, _Z * _Z / n
    centre, half = share + spread / 2, _Z * sqrt(share * (1 - share) / n + spread / (4 * n))
    low, high = (centre - half) / (1 + spread), (centre + half) / (1 + spread)
    return (low if hits else 0.0), (high if hits < n else 1.0)


def _timed(turns: Iterable[Mapping[str, Any]]) -> tuple[dict[str, float], int]:
    """Sum the parts of all turns, and the episodes of their races."""
    laps: defaultdict[str, float] = defaultdict(float)
    episodes = 0
    for turn in turns:
        episodes += turn["race_episodes"]
        for name, seconds in turn["seconds"].items():
            laps[name] += seconds
    return laps, episodes
