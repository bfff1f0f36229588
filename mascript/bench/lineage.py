"""How fast a large lineage answers: a workspace of 100,000 nodes, the build of its graph, every query, and the memory of both.

The search is made up, its rows are real: helpers went through the library's gates with a runner that knows the answers, and `Rows`
wrote scripts, use, exposures and effects. What is measured runs in a process of its own, so that its peak is the graph's and not
the generator's.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from library import DefaultBattery, Library
from mascript.bench.library import Known, text
from mascript.errors import MatchError
from mascript.journal import CurveRow, EffectRow, ExposureRow, Journal, PolicyRow, Rows, UsageRow, Workspace

NODES = 100_000
AGENTS = 8
GENERATIONS = 1_000
HELPERS = 2_000
"""Each is a function and a release; every fourth calls an earlier one."""
SEED = 5
RUN = "lineage-5-1"
TARGETS = {"build_s": 10.0, "slowest_query_s": 1.0, "peak_mb": 1024.0}
"""Seconds and megabytes (2**20 bytes) below which a figure is met."""


@dataclass(frozen=True)
class Figures:
    """Made by `run`; printed by `mascript bench lineage`."""

    nodes: int
    edges: int
    build_s: float
    """Processor seconds from the closed workspace file to the graph and its index; one thread does all of it."""
    read_s: float
    """Part of it that reads rows."""
    queries: dict[str, float]
    """Processor seconds of each query."""
    peak_mb: float
    """Resident memory of the process at its highest, interpreter and packages included."""
    start_mb: float
    """The same before the workspace was opened."""

    @property
    def slowest_query_s(self) -> float:
        return max(self.queries.values())

    def met(self) -> dict[str, bool]:
        """Return whether each figure is below its target."""
        return {name: getattr(self, name) < target for name, target in TARGETS.items()}


def run(out: Path | None, say: Callable[[str], None], nodes: int = NODES) -> Figures:
    """Make a workspace, measure, and write `lineage.json` and `lineage.md` into `out`, if given.

    Args:
        out: folder of the results; None writes nothing.
        say: told the progress.
        nodes: about how many the graph has; at least 1,000.

    Raises:
        MatchError: the process that measures failed.
    """
    with TemporaryDirectory(prefix="mascript-bench-") as folder:
        path = Path(folder, "lineage.db")
        began = perf_counter()
        make_workspace(path, nodes)
        say(f"workspace of about {nodes:,} nodes in {perf_counter() - began:.0f} s, {path.stat().st_size >> 20} MB")
        command = [sys.executable, "-m", "mascript.bench.lineage", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MatchError(f"expected figures of the lineage, got exit code {done.returncode}: {done.stderr.strip()[-500:]}")
    figures = Figures(**json.loads(done.stdout))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        body = asdict(figures) | {"slowest_query_s": figures.slowest_query_s, "met": figures.met()}
        (out / "lineage.json").write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
        (out / "lineage.md").write_text(page(figures), encoding="utf-8")
    return figures


def make_workspace(path: Path, nodes: int = NODES) -> None:
    """Write a workspace with one made-up run whose graph has about this many nodes."""
    rng = random.Random(SEED)
    scale = nodes / NODES
    generations, helpers = max(int(GENERATIONS * scale), 4), max(int(HELPERS * scale), 8)
    scripts = nodes - generations - 2 * helpers - AGENTS - 1
    names = [f"agent{number}" for number in range(AGENTS)]
    with Workspace.open(path, create=True) as workspace, workspace.transaction():
        _open_run(Journal(workspace), names, generations)
        fids = _helpers(Library(workspace.db), names, helpers, generations, rng)
        rows = Rows(workspace)
        for policy, uses in _scripts(scripts, names, fids, generations, rng):
            rows.record_policy(policy)
            rows.record_usage(uses)
            if uses and policy.status == "champion":
                rows.record_exposures(_exposure(policy, use.fid, rank) for rank, use in enumerate(uses))
                rows.record_effect(_effect(policy, uses[0], rng))
        for generation in range(generations):
            for name in names:
                rows.record_curve(CurveRow(RUN, name, generation, 1.0, 0.0, 1.0, (generation + 1) * 100))


def _open_run(journal: Journal, names: list[str], generations: int) -> None:
    agents = [{"name": name, "writer": "grammar", "seat": None} for name in names]
    experiment = {"name": "lineage", "arena": "foraging_v0", "seed": SEED, "generations": generations}
    journal.create_run(RUN, "lineage", json.dumps({"experiment": experiment, "agents": agents}), SEED, "0", "bench")


def _helpers(house: Library, names: list[str], count: int, generations: int, rng: random.Random) -> list[str]:
    """Release helpers through the gates; return their fids, the earliest first."""
    fids = []
    for index in range(count):
        imports = [f"helper_{rng.randrange(index)}"] if index and index % 4 == 0 else []
        verdict = house.add(
            text(f"helper_{index}", "float", imports, index + 0.5),
            author=rng.choice(names),
            runner=Known(),
            battery=DefaultBattery(2),
            run=RUN,
            generation=index * generations // count,
        )
        if verdict.release is None:
            raise MatchError(f"helper_{index} was refused by the gate {verdict.gate}: {verdict.reason}")
        fids.append(verdict.release.fid)
    return fids


def _scripts(
    count: int, names: list[str], fids: list[str], generations: int, rng: random.Random
) -> Iterator[tuple[PolicyRow, list[UsageRow]]]:
    """Scripts in the order of generations; each has a parent among its agent's recent ones, one in eight a second of another's."""
    recent: dict[str, list[str]] = {name: [] for name in names}
    for index in range(count):
        name, generation = names[index % len(names)], index * generations // count
        pid = f"policy:{rng.getrandbits(256):064x}"
        parents = [rng.choice(recent[name][-20:])] if recent[name] else []
        other = recent[names[(index + 1) % len(names)]]
        if other and parents and rng.random() < 0.125:
            parents.append(other[-1])
        status = "champion" if rng.random() < 0.05 else "judged"
        operator = "crossover" if len(parents) > 1 else "insert"
        source = "def policy(observation):\n    return 0\n" * 10
        yield (
            PolicyRow(RUN, name, generation, pid, source, operator, status, None, tuple(parents), rng.random(), 8),
            _uses(pid, fids, index / count, rng),
        )
        recent[name].append(pid)
        del recent[name][:-20]


def _uses(pid: str, fids: list[str], progress: float, rng: random.Random) -> list[UsageRow]:
    """Three helpers of those that are there by then, in half of the scripts, the early ones more often."""
    known = fids[: max(int(len(fids) * progress), 1)]
    chosen = {known[int(len(known) * rng.random() ** 2)] for _ in range(3)} if rng.random() < 0.5 else set()
    return [UsageRow(RUN, pid, fid, "helper", True, 1, rng.randrange(3)) for fid in sorted(chosen)]


def _exposure(policy: PolicyRow, fid: str, rank: int) -> ExposureRow:
    return ExposureRow(RUN, policy.agent, policy.generation, fid, rank, True, True)


def _effect(policy: PolicyRow, use: UsageRow, rng: random.Random) -> EffectRow:
    own = rng.gauss(0.0, 1.0)
    label = "mutual" if own > 1 else "unresolved"
    estimands = {name: {"mean": own} for name in ("own", "others", "welfare", "cooperative", "competitive")}
    facts = {"fid": use.fid, "policy": policy.pid, "borrower": policy.agent, "contributor": "", "label": label}
    effect = {**facts, **estimands, "helper": use.name, "n": 64, "flags": []}
    return EffectRow(RUN, f"{policy.pid}-{use.fid}", policy.agent, policy.pid, use.fid, {"pool": "audit", "effect": effect})


def measure(path: Path) -> Figures:
    """Build the graph of the workspace's run and ask everything once; for a fresh process, whose peak memory it reads."""
    from mascript.lineage.graph import build_graph
    from mascript.lineage.index import index_of
    from mascript.reports.collect import collect

    start = _peak_mb()
    began = process_time()
    with Workspace.open(path, read_only=True) as workspace:
        rows = collect(workspace, RUN)
    read = process_time() - began
    graph = build_graph(rows)
    index_of(graph)
    built = process_time() - began
    laps = {name: _seconds(ask) for name, ask in _questions(graph).items()}
    return Figures(len(graph), graph.number_of_edges(), built, read, laps, _peak_mb(), start)


def _questions(graph: object) -> dict[str, Callable[[], object]]:
    """The queries at their widest: from the last script, from the oldest helper, along the longest way."""
    from typing import cast

    from mascript.lineage import influence, queries
    from mascript.lineage.graph import LineageGraph

    g = cast("LineageGraph", graph)
    functions = [node for node, kind in g.nodes(data="kind") if kind == "function"]
    oldest = max(functions, key=lambda node: len(queries.descendants(g, node)) if node in functions[:50] else 0)
    last = queries.find(g, "agent0")
    root = min(queries.ancestors(g, last, ("parent", "crossover")), key=lambda node: g.nodes[node].get("generation", 0))
    return {
        "find": lambda: queries.find(g, "agent0"),
        "ancestors": lambda: queries.ancestors(g, last),
        "descendants": lambda: queries.descendants(g, oldest),
        "path": lambda: queries.path(g, root, last),
        "path_to_nowhere": lambda: queries.path(g, last, root),
        "first_appearance": lambda: queries.first_appearance(g, oldest),
        "adoption_curve": lambda: queries.adoption_curve(g, oldest),
        "diffusion": lambda: queries.diffusion(g),
        "influence": lambda: influence.influence(g),
    }


def _seconds(ask: Callable[[], object]) -> float:
    began = process_time()
    ask()
    return round(process_time() - began, 4)


def _peak_mb() -> float:
    """Highest resident memory of this program. `ru_maxrss` will not do: a child begins with what its parent had at the fork."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) / 1024, 1)


def table(figures: Figures) -> list[tuple[str, float, float, str]]:
    """Return (figure, value, target, met or missed)."""
    met = figures.met()
    return [(name, round(getattr(figures, name), 3), target, "met" if met[name] else "missed") for name, target in TARGETS.items()]


def page(figures: Figures) -> str:
    """Return the figures as Markdown, with the command that made them."""
    rows = "\n".join(f"| {name} | {value:g} | {target:g} | {said} |" for name, value, target, said in table(figures))
    queries = "\n".join(f"| {name} | {1000 * seconds:,.0f} |" for name, seconds in figures.queries.items())
    return (
        f"# A large lineage\n\n`mascript bench lineage`: a made-up run of {figures.nodes:,} nodes and {figures.edges:,} edges "
        f"(seed {SEED}), in one process.\n`build_s` is from the closed file to the graph, {figures.read_s:.1f} s of it "
        f"reading rows; `peak_mb` is the highest resident memory of the process,\n{figures.start_mb:.0f} MB of it there before "
        f"the file was opened. Times are processor seconds of one thread, once each: the machine had other work.\n"
        f"\n| figure | value | target | |\n| --- | ---: | ---: | --- |\n{rows}\n"
        f"\n| query, at its widest | ms |\n| --- | ---: |\n{queries}\n"
    )


if __name__ == "__main__":
    print(json.dumps(asdict(measure(Path(sys.argv[1])))))
