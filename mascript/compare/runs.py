"""Which runs a condition means, and what each of them scored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from statistics import fmean
from typing import Any

import arenas
from arenas.spec import ArenaSpec
from mascript.errors import ConfigError, NotFound
from mascript.evolve.audit import AuditRow
from mascript.journal import Journal, Rows, RunRow, Workspace

Task = str
"""Arena and its arguments: what a score is a score of."""


@dataclass(frozen=True)
class Outcome:
    """One run as a comparison sees it. Made by `outcome`; read by `comparison`."""

    run: str
    task: Task
    seed: int
    score: float
    """Mean audit return per seat: of the team, or over agents and whom they met."""
    scale: tuple[float, float] | None
    """Scores that random play and the best reference reach on this task, where the arena states both."""
    episodes: int
    curve: tuple[tuple[int, float], ...]
    """(episodes used, mean validation score of the champions) at the end of each generation in which every agent had one."""


def conditions_of(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read `NAME=PATTERN,PATTERN` or `PATTERN`, which is its own name; a pattern is a run's id with `*` and `?` at will.

    Raises:
        ConfigError: a name is given twice, or a condition is empty.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, mark, patterns = text.partition("=")
        listed = tuple(part.strip() for part in (patterns if mark else text).split(",") if part.strip())
        if not name.strip() or not listed:
            raise ConfigError(f"expected a condition such as NAME=RUN,RUN or a pattern of run ids, got {text!r}")
        if name in found:
            raise ConfigError(f"expected distinct names of conditions, got {name!r} twice; write NAME={text}")
        found[name] = listed
    return found


def matching(runs: Sequence[RunRow], patterns: Sequence[str]) -> list[RunRow]:
    """Runs whose id fits one of the patterns, in the workspace's order.

    Raises:
        NotFound: a pattern fits none.
    """
    for pattern in patterns:
        if not any(fnmatchcase(row.run, pattern) for row in runs):
            known = ", ".join(row.run for row in runs[-5:]) or "none"
            raise NotFound(f"no run fits {pattern!r}; the workspace has {known}")
    return [row for row in runs if any(fnmatchcase(row.run, pattern) for pattern in patterns)]


def outcome(workspace: Workspace, row: RunRow, who: str = "") -> Outcome | None:
    """Return what a run scored on audit seeds; None for one that has not ended or has no score.

    Args:
        who: score of this agent alone.

    Raises:
        NotFound: the audit knows no such agent.
    """
    config = json.loads(row.config_json)
    experiment = config["experiment"]
    journal = Journal(workspace)
    rows = [AuditRow(**body) for entry in journal.entries(row.run, kind="audit") for body in entry.body["rows"]]
    names = [agent["name"] for agent in config["agents"]] or sorted({one.agent for one in Rows(workspace).curve(row.run)})
    score = _score(rows, names, who) if rows else None
    if score is None:
        return None
    arguments = dict(experiment.get("arguments") or {})
    spec = arenas.get(experiment["arena"], **arguments)
    task = experiment["arena"] + "".join(f" {key}={value}" for key, value in sorted(arguments.items()))
    curve = _curve(Rows(workspace), row.run, [who] if who else names)
    return Outcome(row.run, task, row.seed, score, _scale(rows, spec), _episodes(journal, row.run), curve)


def _score(rows: Sequence[AuditRow], names: Sequence[str], who: str) -> float | None:
    """The team's score where it plays together, else the mean over agents and whom they met."""
    known = {row.who for row in rows}
    if who and who not in known:
        raise NotFound(f"the audit has no agent {who!r}; it has {', '.join(sorted(known & {*names, 'team'}))}")
    wanted = {who} if who else {"team"} if "team" in known else set(names)
    means = [row.mean for row in rows if row.who in wanted]
    return fmean(mean for mean in means if mean is not None) if means and None not in means else None


def _scale(rows: Sequence[AuditRow], spec: ArenaSpec) -> tuple[float, float] | None:
    """Where 0 and 1 are: random play and the best reference on the same audit seeds, else as the arena states them."""
    names = {one.name for one in spec.references}
    played = {row.who: row.mean for row in rows if row.who in names and not row.against and row.mean is not None}
    stated = {one.name: one.score for one in spec.references if not one.against and one.score is not None}
    scores = dict(played if "random" in played and len(played) > 1 else stated)
    random = scores.pop("random", None)
    best = max(scores.values(), default=None)
    return (random, best) if random is not None and best is not None and best > random else None


def _episodes(journal: Journal, run: str) -> int:
    return max((int(entry.body["episodes"]) for entry in journal.entries(run, kind="generation")), default=0)


def _curve(rows: Rows, run: str, names: Sequence[str]) -> tuple[tuple[int, float], ...]:
    held: dict[str, float] = {}
    by_generation: dict[int, list[Any]] = {}
    for row in rows.curve(run):
        by_generation.setdefault(row.generation, []).append(row)
    points = []
    for _, members in sorted(by_generation.items()):
        held |= {row.agent: row.champion for row in members if row.champion is not None and row.agent in names}
        if len(held) == len(names):
            points.append((max(row.episodes for row in members), fmean(held.values())))
    return tuple(points)


def setting_of(row: RunRow, key: str) -> str:
    """A run's setting as a condition's name, such as `library.access` -> `shared`.

    Raises:
        ConfigError: its configuration has no such key.
    """
    value: Any = json.loads(row.config_json)
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise ConfigError(f"expected a key of the experiment such as library.access, got {key!r}, which {row.run} has not")
        value = value[part]
    return value if isinstance(value, str) else json.dumps(value)
