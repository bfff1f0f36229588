"""The long run's figures as JSON and as a page."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mascript.bench.longloop import Look, longloop
from mascript.bench.longrun import MARGIN, LongRun, Sample, longrun

GENERATIONS = 100
_ROWS = 21
"""Rows of a table at most; what lies between is in the JSON."""


def run(out: Path, say: Callable[[str], None], *, candidates: int, workers: int = 2) -> dict[str, Any]:
    """Make the long run and the loop, write `longrun.md` into `out` and return the figures as plain values."""
    found = longrun(candidates, workers=workers, say=say)
    looks = longloop(GENERATIONS, workers=workers, say=say)
    out.mkdir(parents=True, exist_ok=True)
    (out / "longrun.md").write_text(page(found, looks, workers))
    return {**asdict(found), "holds": found.holds, "loop": [asdict(look) for look in looks]}


def page(found: LongRun, looks: Sequence[Look], workers: int) -> str:
    """Return the figures as Markdown."""
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(found.kinds.items(), key=lambda item: -item[1]))
    outcomes = ", ".join(f"{what} {count:,}" for what, count in found.outcomes.items())
    growth = "\n".join(f"| {name} | {share:+.2%} |" for name, share in found.growth.items())
    samples = "\n".join(map(_row, _thinned(found.samples)))
    verdict = "holds" if found.holds else "does not hold"
    return f"""# Long run

`mascript bench longrun --candidates {found.candidates}`, {workers} evaluator processes, {found.seconds:.0f} s,
{os.cpu_count()} cores, Python {platform.python_version()}, Linux {platform.release().split("-")[0]}.

Nothing may grow by more than {MARGIN:.0%} after the first {found.baseline:,} candidates, nobody may stay a zombie: **{verdict}**.

Candidates by kind: {kinds}. Every one is another script and plays {sum(found.outcomes.values()) // found.candidates} episodes.
What became of the episodes: {outcomes}. {found.killed:,} workers were killed from outside while they played or waited.

| figure | highest after the first {found.baseline:,}, against then |
| --- | --- |
{growth}

Memory, descriptors and processes are sums over the processes that stay: host, evaluators, their zygotes, and the helper that Python
starts for them. There is a worker for each script and seat; an evaluator keeps up to 40 idle ones for reuse, with two descriptors
each, and drops them when one has died, so their number is held to that bound. Memory is what is resident (RSS); proportional (PSS)
counts a page that n processes share as 1/n in each, over the whole tree, idle workers included.

| candidates | host, MB | evaluators, MB | zygotes, MB | proportional, MB | descriptors | processes | idle workers | zombies |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{samples}

{_loop(looks)}"""


def _row(sample: Sample) -> str:
    roles = sample.roles
    idle = roles["worker"].processes
    memory = " | ".join(f"{roles[role].rss / 1e6:.1f}" for role in ("host", "evaluator", "zygote"))
    pss = sum(usage.pss for usage in roles.values()) / 1e6
    lasting = sample.lasting
    return (
        f"| {sample.candidates:,} | {memory} | {pss:.1f} | {lasting.descriptors - 2 * idle} | {lasting.processes} | {idle} "
        f"| {sample.zombies} |"
    )


def _loop(looks: Sequence[Look]) -> str:
    warm, last = looks[len(looks) // 10], looks[-1]
    rows = "\n".join(map(_loop_row, _thinned(looks)))
    return f"""## A whole run

A run of {len(looks)} generations (three agents, iterated dilemma, library on) in one process tree. From generation
{warm.generation} to {last.generation}: evaluators and zygotes {last.others / warm.others - 1:+.2%},
host {last.host / warm.host - 1:+.2%}, descriptors {warm.descriptors} to {last.descriptors}.

What grows by design, in the host alone: the programs already judged (`RunState.seen`, a name of some 150 bytes each), so that none
is judged twice, and with them each checkpoint; the hall of fame, up to 12 former champions for each agent. The results of a
generation are forgotten at its end. The workspace file grows with every script, entry and checkpoint.

| generation | episodes | host, MB | evaluators and zygotes, MB | descriptors | processes | zombies | workspace file, MB |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}
"""


def _loop_row(look: Look) -> str:
    return (
        f"| {look.generation} | {look.episodes:,} | {look.host / 1e6:.1f} | {look.others / 1e6:.1f} | {look.descriptors} "
        f"| {look.processes} | {look.zombies} | {look.workspace / 1e6:.1f} |"
    )


def _thinned(rows: Sequence[Any]) -> list[Any]:
    """Return at most _ROWS rows, evenly, the first and the last among them."""
    most = min(_ROWS, len(rows))
    return [rows[round(index * (len(rows) - 1) / max(1, most - 1))] for index in range(most)]
