"""How fast `mascript serve` answers over a large workspace: every kind of page, from the open file to its HTML.

The runs are made up, their rows are written as runs write them, ledger included; functions went through the library's gates with
a runner that knows the answers. Timed is the CPU of this process for one page, without HTTP: the same work as in the server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from library.records import Listed
from mascript.bench.library import filled, release_one
from mascript.config import loads, to_json
from mascript.journal import CurveRow, EffectRow, ExposureRow, Journal, PolicyRow, Rows, UsageRow, Workspace
from mascript.lineage.effect_records import CreditDesign, Effect, Estimate, effect_to_json
from mascript.records import ArenaRef, Replacement
from mascript.web.app import warm_up
from mascript.web.asking import Ask
from mascript.web.render import Shell, render
from mascript.web.routes import ROUTES, Route

TARGET_MS = 300.0
CHANGED = "/library after a release"
ROUNDS = 7
AGENTS = ("ada", "bo", "cy", "di")
_EXPERIMENT = """
[experiment]
name = "large"
arena = "connect_four_v3"
generations = {generations}
candidates = 8
""" + "".join(f'[[agents]]\nname = "{name}"\n' for name in AGENTS)
_SCRIPT = "from shared import {name}\n\n\ndef policy(observation, legal):\n    # variant {number}\n    return legal[0]\n"


@dataclass(frozen=True)
class Size:
    """How large the workspace is. Made by `mascript bench web`."""

    runs: int = 200
    scripts: int = 100_000
    functions: int = 10_000
    exposures: int = 1_000_000
    """Rows of what writers were shown, the most numerous that a run writes."""


@dataclass(frozen=True)
class Figures:
    """CPU milliseconds of each page. Made by `run`; printed by `mascript bench web`."""

    size: Size
    rounds: int
    megabytes: float
    first_ms: dict[str, float]
    """By address pattern: the first time after the server has warmed up."""
    pages_ms: dict[str, float]
    """Median over the rounds after it."""

    def met(self) -> dict[str, bool]:
        """Return whether each page is below the target, the first time included."""
        return {page: max(ms, self.first_ms[page]) < TARGET_MS for page, ms in self.pages_ms.items()}


def run(out: Path | None, say: Callable[[str], None], size: Size | None = None, rounds: int = ROUNDS) -> Figures:
    """Fill a workspace and time its pages; writes `web.json` and `web.md` into `out`, if given.

    Args:
        out: folder of the results; None writes nothing.
        say: told the progress.
        size: of the workspace.
        rounds: calls per page.
    """
    size = size or Size()
    with TemporaryDirectory(prefix="mascript-bench-") as folder:
        path = Path(folder, "bench.db")
        fill(path, size, say)
        figures = timed(path, size, rounds)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "web.json").write_text(json.dumps(asdict(figures) | {"met": figures.met()}, indent=2) + "\n", encoding="utf-8")
        (out / "web.md").write_text(page(figures), encoding="utf-8")
    return figures


def fill(path: Path, size: Size, say: Callable[[str], None]) -> None:
    """Make a workspace of this size."""
    began = perf_counter()
    with Workspace.open(path, create=True) as workspace:
        functions = filled(workspace, size.functions, say).listed()
        each = size.scripts // size.runs // len(AGENTS)
        generations = max(1, each // 8)
        config = to_json(loads(_EXPERIMENT.format(generations=generations)))
        for number in range(size.runs):
            with workspace.transaction():
                _write(workspace, number, config, functions, each, size.exposures // size.runs)
    say(f"{size.runs} runs written in {perf_counter() - began:.0f} s")


def _write(workspace: Workspace, number: int, config: str, functions: Sequence[Listed], each: int, exposures: int) -> None:
    """One run: scripts, of which the first of each generation is the champion, with usage, exposures, turns and effects."""
    journal, rows = Journal(workspace), Rows(workspace)
    run_id = f"large-{number}-1"
    journal.create_run(run_id, "large", config, number, "0", "bench")
    for place, agent in enumerate(AGENTS):
        for index in range(each):
            generation, slot = divmod(index, 8)
            helper = functions[(number * 31 + index * 7 + place) % len(functions)]
            text = _SCRIPT.format(name=helper.name, number=f"{number} {agent} {index}")
            pid, parent = (f"policy:{number:08x}{place:02x}{one:054x}" for one in (index, max(0, index - 8)))
            status = "judged" if slot else "champion"
            score = (index * 37 % 101) / 100
            rows.record_policy(PolicyRow(run_id, agent, generation, pid, text, "insert", status, None, (parent,), score, 16))
            if not slot:
                rows.record_usage([UsageRow(run_id, pid, helper.fid, helper.name, True, 1, 40)])
                rows.record_curve(CurveRow(run_id, agent, generation, score, score / 2, score, 16 * index))
                candidates = [{"pid": pid, "operator": "insert", "score": score, "n": 16, "parents": [parent]}]
                turn = {"agent": agent, "generation": generation, "promoted": pid, "gain": 0.1, "gain_error": 0.05, "n": 24}
                journal.append(run_id, "turn", {**turn, "candidates": candidates * 8, "refused": []})
        shown = (functions[(number * 17 + k) % len(functions)].fid for k in range(exposures // len(AGENTS)))
        rows.record_exposures(ExposureRow(run_id, agent, k // 12, fid, k % 12, True, k % 50 == 0) for k, fid in enumerate(shown))
        helper = functions[(number * 31 + place) % len(functions)]
        rows.record_effect(_effect(run_id, agent, helper, f"policy:{number:08x}{place:02x}{0:054x}"))
    journal.set_status(run_id, "complete")


def _effect(run_id: str, agent: str, helper: Listed, policy: str) -> EffectRow:
    """An effect of the size that they have."""
    one = Estimate(0.4, 0.1, 64, 0.001, (0.2, 0.6), (0.1, 0.7), "+")
    effect = Effect(
        helper=f"{helper.name}@1.0.0#{helper.fid}",
        fid=helper.fid,
        contributor="dee",
        borrower=agent,
        policy=policy,
        arena=ArenaRef("connect_four_v3"),
        placements=(((policy, policy), 0),),
        fids=(helper.fid,),
        replacement=Replacement(helper.fid, "resample", tuple(k / 7 for k in range(256))),
        design=CreditDesign(),
        recording_seeds=tuple(range(16)),
        seeds=tuple(range(256)),
        looks_taken=3,
        pairs=256,
        n=200,
        dropped=0,
        executed=400,
        label="mutual",
        flags=(),
        disables_seat=False,
        own=one,
        others=one,
        welfare=one,
        cooperative=one,
        competitive=one,
    )
    return EffectRow(run_id, f"{run_id}-{agent}", agent, policy, helper.fid, {"pool": "audit", "effect": effect_to_json(effect)})


def timed(path: Path, size: Size, rounds: int) -> Figures:
    """Time every page that only reads, each with the file opened anew, as the server does."""
    warm_up(path)
    addresses = _addresses(path)
    first: dict[str, float] = {}
    pages: dict[str, float] = {}
    for name, (route, ask) in addresses.items():
        laps = [_lap(path, route, ask) for _ in range(rounds + 1)]
        first[name], pages[name] = round(laps[0], 1), round(median(laps[1:]), 1)
    first[CHANGED], pages[CHANGED] = _changed(path, *addresses["/library"], rounds)
    return Figures(size, rounds, round(path.stat().st_size / 2**20, 1), first, pages)


def _changed(path: Path, route: Route, ask: Ask, rounds: int) -> tuple[float, float]:
    """The library's page when something was released since it was read last: the first time, and the median after it."""
    laps = []
    for number in range(rounds + 1):
        with Workspace.open(path) as workspace:
            release_one(workspace, number)
        laps.append(_lap(path, route, ask))
    return round(laps[0], 1), round(median(laps[1:]), 1)


def _lap(path: Path, route: Route, ask: Ask) -> float:
    began = process_time()
    with Workspace.open(path, read_only=True) as workspace:
        render(route.template, route.view(workspace, ask), Shell(path.name, route.pattern, route.place))
    return (process_time() - began) * 1000


def _addresses(path: Path) -> dict[str, tuple[Route, Ask]]:
    """A heavy case of each page: the run, script and function in the middle."""
    with Workspace.open(path, read_only=True) as workspace:
        row = Journal(workspace).runs()[-1]
        champion = Rows(workspace).policies(row.run, status="champion", texts=False)[-1]
        used = Rows(workspace).usage(row.run, champion.pid)[0]
    parts = {"run": row.run, "pid": champion.pid, "name": used.name, "arena": "connect_four_v3"}
    asked = {
        "/library": ({}, {"q": "point"}, {"order": "newest"}, {"returns": "float", "effect": "mutual"}),
        "/compare": ({}, {"a": "large-1*", "b": "large-2*"}),
    }
    found = {}
    for route in ROUTES:
        if route.plays or "{place" in route.pattern:
            continue
        for query in asked.get(route.pattern, ({},)):
            words = "&".join(f"{name}={value}" for name, value in query.items())
            shown = route.pattern.replace(":[^/.]+", "") + (f"?{words}" if words else "")
            found[shown] = route, Ask(parts, query)
    return found


def table(figures: Figures) -> list[tuple[str, float, float, float, str]]:
    """Return (page, the first time, median after it, target, met or missed)."""
    met = figures.met()
    return [
        (name, figures.first_ms[name], ms, TARGET_MS, "met" if met[name] else "missed") for name, ms in figures.pages_ms.items()
    ]


def page(figures: Figures) -> str:
    """Return the figures as Markdown, with the command that made them."""
    size = figures.size
    rows = "\n".join(f"| `{name}` | {first} | {ms} | {target:g} | {said} |" for name, first, ms, target, said in table(figures))
    return (
        f"# Speed of the web over a large workspace\n\n`mascript bench web`: {size.runs} runs, {size.scripts:,} scripts, "
        f"{size.functions:,} functions and {size.exposures:,} rows of what writers were\nshown, {figures.megabytes:,.0f} MB. CPU "
        f"milliseconds of a page, from opening the file to its HTML: the first time, and the\nmedian over {figures.rounds} more.\n"
        f"\n| page | first | median | target | |\n| --- | ---: | ---: | ---: | --- |\n{rows}\n"
    )
