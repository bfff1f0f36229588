"""How fast the judge is: ratios of steps per second to a bare environment with the same policy, measured pair by pair."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import arenas
from arenas.bare import LOOPS, Played
from mascript.bench.whole import WholeMatch
from mascript.errors import MatchError, SandboxError
from mascript.linking import link
from mascript.match.play import MAX_TABLES, Player
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef, MatchJob, Program
from mascript.sandbox import Sandbox

APART = 16
"""Episodes of a run in strict mode, where each costs a process per seat."""
FULL = 8 * MAX_TABLES
"""Episodes that are shared by one or two evaluators, so that the tables of either are full nearly all the time."""
PAIRS = 11
"""Interleaved pairs of which each ratio is the median."""


@dataclass(frozen=True)
class Match:
    """What is played in one arena. Read by `measure`."""

    policy: str
    episodes: int
    """Of a run in default mode: the 16 that the target of CartPole names; elsewhere enough for half a second."""
    parameters: tuple[str, ...]
    """Of the policy, in the order in which the bare loop gives them."""


MATCHES: Mapping[str, Match] = {
    "CartPole-v1": Match(
        "def policy(observation):\n"
        '    """Balance: push to the side to which the pole falls, and a little towards the middle."""\n'
        "    pole = observation.angle + 0.3 * observation.angular_velocity\n"
        "    return 1 if pole + 0.05 * observation.position + 0.1 * observation.velocity > 0 else 0\n",
        16,
        ("observation",),
    ),
    "simple_spread_v3": Match(
        "def policy(observation, seat):\n"
        '    """Push along the longer axis towards the landmark with my seat\'s number."""\n'
        "    x, y = observation.landmarks[seat]\n"
        "    if abs(x) > abs(y):\n"
        '        return "right" if x > 0 else "left"\n'
        '    return "up" if y > 0 else "down"\n',
        192,
        ("observation", "seat"),
    ),
    "connect_four_v3": Match(
        'def policy(legal, step):\n    """A legal column by the number of the step."""\n    return legal[7 * step % len(legal)]\n',
        1024,
        ("legal", "step"),
    ),
}
"""Policies of a few operations each: the less a policy does, the more the sandbox weighs."""

TARGETS: Mapping[str, tuple[str, float]] = {
    "split_ratio": ("at least", 0.85),
    "strict_ratio": ("at least", 0.16),
    "candidate_ms": ("below", 8.0),
    "two_core_scaling": ("at least", 1.8),
}
STRICT_TARGET_OF = "CartPole-v1"
COLD_TIMES = 30
"""A candidate's start is to be this many times as fast as a cold process."""


@dataclass(frozen=True)
class Figures:
    """One arena's figures. Made by `measure`; printed and written by the command. Ratios are medians over interleaved pairs."""

    native_steps_per_s: float
    """Joint steps per second of the bare loop, uninstrumented, in one process."""
    split_ratio: float
    """Environment in the host, one worker process per seat, forked and locked down within the measured time."""
    filled_split_ratio: float
    """The same with at least as many episodes as an evaluator plays side by side, so that its fixed costs weigh as in a run."""
    strict_ratio: float | None
    """A fresh worker per seat and episode; None where a mechanism is missing."""
    whole_match_ratio: float
    """Environment and metered scripts in one locked-down process: an upper bound, and no way to score."""
    candidate_ms: float
    """From asking for a worker to its word that the script is loaded."""
    cold_process_ms: float
    """A new Python that imports what it takes to make the environment, to its end."""
    two_core_scaling: float | None
    """Time of one evaluator process over that of two; None on one core."""
    bare_two_core_scaling: float | None
    """The same of processes that play the bare loop and nothing else: what two cores of this machine are worth."""


def measure(arena: str, *, pairs: int = PAIRS, episodes: int | None = None) -> Figures:
    """Measure one arena; the ratios on one core.

    Args:
        arena: one of `MATCHES`.
        pairs: interleaved pairs per ratio.
        episodes: per run, instead of the match's own number.

    Raises:
        MatchError: two sides of a pair did not play the same.
    """
    match = MATCHES[arena]
    seeds = tuple(range(episodes or match.episodes))
    program = link(match.policy, {}, None)
    spec = arenas.get(arena)
    job = MatchJob(ArenaRef(arena, original=True), (program,) * len(spec.seats), seeds)
    loop = LOOPS[arena]()
    names: dict[str, Any] = {}
    exec(match.policy, names)  # noqa: S102  our own text, as the yardstick
    with one_core(), Sandbox() as sandbox:
        whole = WholeMatch(loop, program, match.parameters, len(spec.seats), seeds)

        def native(own: tuple[int, ...]) -> Callable[[], Played]:
            return lambda: loop([names["policy"]] * len(spec.seats), own)

        def hosted(own: tuple[int, ...], strict: bool) -> Callable[[], Played]:
            player = Player(sandbox, strict=strict)

            def play() -> Played:
                with closing(player):  # ends the workers: each run forks its own
                    (result,) = player.play([replace(job, seeds=own)])
                return Played(
                    sum(episode.steps for episode in result.episodes),
                    tuple(sum(column) for column in zip(*(episode.returns for episode in result.episodes), strict=True)),
                )

            return play

        few, filled = seeds[:APART], seeds if episodes else tuple(range(max(len(seeds), MAX_TABLES)))
        native_s, split = _ratio(native(seeds), hosted(seeds, False), pairs)
        strict = None if sandbox.missing else _ratio(native(few), hosted(few, True), pairs)[1]
        return Figures(
            native_steps_per_s=native(seeds)().steps / native_s,
            split_ratio=split,
            filled_split_ratio=split if filled == seeds else _ratio(native(filled), hosted(filled, False), pairs)[1],
            strict_ratio=strict,
            whole_match_ratio=_ratio(native(seeds), whole.play, pairs)[1],
            candidate_ms=1000 * statistics.median(_start_s(sandbox, program, spec) for _ in range(pairs)),
            cold_process_ms=1000 * statistics.median(_cold_s(arena) for _ in range(pairs)),
            two_core_scaling=_scaling(job, pairs, FULL if episodes is None else episodes),
            bare_two_core_scaling=_bare_scaling(native(seeds), pairs),
        )


def _ratio(native: Callable[[], Played], other: Callable[[], Played], pairs: int) -> tuple[float, float]:
    """Return (median seconds of the first, median over pairs of its time over the other's): warmed up, taking turns to begin."""
    if (expected := native()) != (played := other()):
        raise MatchError(f"expected both sides of the comparison to play the same, got {expected} and {played}")
    firsts, ratios = [], []
    for pair in range(pairs):
        if pair % 2:
            theirs, ours = _timed(other), _timed(native)
        else:
            ours, theirs = _timed(native), _timed(other)
        firsts.append(ours)
        ratios.append(ours / theirs)
    return statistics.median(firsts), statistics.median(ratios)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _start_s(sandbox: Sandbox, program: Program, spec: Any) -> float:
    start = time.perf_counter()
    worker = sandbox.policy(program, 0, spec.schema_of(0), spec.actions_of(0))
    refused = worker.load_error
    taken = time.perf_counter() - start
    worker.close()
    if refused is not None:
        raise SandboxError(f"the benchmark's own policy was refused: {refused.detail}")
    return taken


def _cold_s(arena: str) -> float:
    code = f"import arenas; arenas.get({arena!r}).make().reset(0)"
    root = str(Path(arenas.__file__).resolve().parent.parent)
    return _timed(
        lambda: subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, env={**os.environ, "PYTHONPATH": root}, timeout=120
        )
    )


def _scaling(job: MatchJob, pairs: int, episodes: int) -> float | None:
    """Time of one evaluator process over that of two on the same jobs, of at least so many episodes in all; both warm."""
    with every_core() as cores:
        if cores < 2:
            return None
        jobs = [job] * max(2, -(-episodes // len(job.seeds)))
        with Evaluators(1) as one, Evaluators(2) as two:
            one.play(jobs)
            two.play(jobs)
            return statistics.median(_timed(lambda: one.play(jobs)) / _timed(lambda: two.play(jobs)) for _ in range(pairs))


def _bare_scaling(play: Callable[[], Played], pairs: int) -> float | None:
    """Twice the time of one process that plays over the time of two that do so at once, each on a core of its own."""
    with every_core() as cores:
        if cores < 2:
            return None
        return statistics.median(2 * _timed(lambda: _apart(play, 1)) / _timed(lambda: _apart(play, 2)) for _ in range(pairs))


def _apart(play: Callable[[], Played], processes: int) -> None:
    """Play in so many processes at once and wait for their ends."""
    children = []
    for core in _ALLOWED[:processes]:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.sched_setaffinity(0, {core})
                play()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    if any([os.waitpid(child, 0)[1] for child in children]):
        raise MatchError("a process of the bare loop ended before it had played")


_ALLOWED = tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()


@contextmanager
def one_core() -> Iterator[None]:
    """Stay on one core, children included."""
    if not _ALLOWED:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {_ALLOWED[-1]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def every_core() -> Iterator[int]:
    """Use all cores that this process was given; yields their number."""
    if not _ALLOWED:
        yield os.cpu_count() or 1
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(_ALLOWED))
    try:
        yield len(_ALLOWED)
    finally:
        os.sched_setaffinity(0, before)


def run(out: Path, say: Callable[[str], None] = print, *, pairs: int = PAIRS, episodes: int | None = None) -> dict[str, Figures]:
    """Measure every arena; keep the figures as `sandbox.json` and a page `sandbox.md` in `out`."""
    found = {}
    for arena in MATCHES:
        say(f"{arena} ...")
        found[arena] = measure(arena, pairs=pairs, episodes=episodes)
    out.mkdir(parents=True, exist_ok=True)
    (out / "sandbox.json").write_text(json.dumps({arena: asdict(row) for arena, row in found.items()}, indent=2) + "\n")
    (out / "sandbox.md").write_text(page(found, pairs, episodes))
    return found


def verdicts(arena: str, row: Figures) -> dict[str, tuple[str, bool | None]]:
    """Return per figure (target in words, whether it is met); None where it could not be measured."""
    told: dict[str, tuple[str, bool | None]] = {}
    for name, (word, bound) in TARGETS.items():
        if name == "strict_ratio" and arena != STRICT_TARGET_OF:
            continue
        value = getattr(row, name)
        met = None if value is None else (value < bound if word == "below" else value >= bound)
        told[name] = (f"{word} {bound:g}", met)
    told["cold_process_ms"] = (f"at least {COLD_TIMES} x candidate_ms", row.cold_process_ms >= COLD_TIMES * row.candidate_ms)
    return told


def table(found: Mapping[str, Figures]) -> list[tuple[str, str, str, str, str]]:
    """Return rows of (arena, figure, value, target, met)."""
    rows = []
    for arena, row in found.items():
        told = verdicts(arena, row)
        for name, value in asdict(row).items():
            target, met = told.get(name, ("", None))
            shown = "not measured" if value is None else (f"{value:,.0f}" if value >= 1000 else f"{value:.3g}")
            rows.append((arena, name, shown, target, {True: "met", False: "missed", None: ""}[met]))
    return rows


def page(found: Mapping[str, Figures], pairs: int, episodes: int | None = None) -> str:
    """Return the figures as a page, with the machine that they are of."""
    lines = [f"| {' | '.join(row)} |" for row in table(found)]
    policies = "\n".join(f"### {arena}\n\n```python\n{MATCHES[arena].policy}```\n" for arena in found)
    played = ", ".join(f"{arena} {episodes or MATCHES[arena].episodes}" for arena in found)
    return "\n".join(
        [
            "# Speed of the sandbox",
            "",
            f"`mascript bench sandbox`: medians of {pairs} interleaved pairs, one core, the same steps on both sides. The machine: "
            f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} cores, {_processor()}, "
            f"Python {platform.python_version()}. The same figures are in `sandbox.json`.",
            "",
            "| arena | figure | value | target | |",
            "| --- | --- | --- | --- | --- |",
            *lines,
            "",
            "Native is the bare environment without wrappers in a plain loop (`arenas/bare.py`), the policy not instrumented, one "
            "process. Both sides use the original environment, never a twin. `split_ratio` is the default mode: the environment in "
            "the host, a worker process per seat, all episodes of a run side by side; workers are forked, locked down, loaded and "
            "ended within the measured time; `filled_split_ratio` is the same with as many episodes as an evaluator plays side by "
            f"side ({MAX_TABLES}) or more. `strict_ratio` forks a worker per seat and episode. `whole_match_ratio` has the "
            "environment and the metered scripts in one locked-down process: an upper bound for comparison, and no way to score. "
            f"`two_core_scaling` shares {FULL} episodes or more between one or two evaluators; `bare_two_core_scaling` is what two "
            "processes of the bare loop gain over one: what these two cores are worth.",
            "",
            f"Episodes per run: {played}; in strict mode at most {APART}. The policies:",
            "",
            policies,
        ]
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
