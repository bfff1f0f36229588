"""The rows that the lineage graph is built from: the only truth there is. Plain dicts, as the workspace hands them over."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
"""Column name to value; columns that are not named below are ignored, missing optional ones read as None."""


@dataclass(frozen=True)
class LineageRows:
    """Tables of one or several runs. Made by the workspace (SQL lives there); read by `graph.build_graph`.

    Columns (optional ones in brackets):
        runs: id [name, arena, seed]
        agents: run, name [writer, seat]
        policies: pid, run, agent, generation [operator, score, n, champion, intent: what its writer said it is to do, parents:
            list of pids, the first is the parent and further ones are crossover]
        functions: fid [name, author, run, generation, status, writer]; author is an agent's name, a person's, or `starter`
        releases: name, version, fid [yanked, run, generation]
        dependencies: fid, needs
        derivations: child, parent, kind: revision | fork | merge | extracted | equivalent | reinvented; for `extracted` the parent
            is the pid of the script (or the fid of the function) that it was taken from
        usage: pid, fid [name, imported, calls_static, calls_executed]
        exposures: run, agent, fid [generation, rank, shown, adopted]
        effects: fid, policy, borrower, label [helper, contributor, own, others, welfare, cooperative, competitive, n, flags]
        generations: run, generation [judged: scripts, episodes: spent in it by all agents]
    """

    runs: Sequence[Row] = ()
    agents: Sequence[Row] = ()
    policies: Sequence[Row] = ()
    functions: Sequence[Row] = ()
    releases: Sequence[Row] = ()
    dependencies: Sequence[Row] = ()
    derivations: Sequence[Row] = ()
    usage: Sequence[Row] = ()
    exposures: Sequence[Row] = ()
    effects: Sequence[Row] = ()
    generations: Sequence[Row] = ()


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the cyclic collector out while rows are read or a graph is built: neither makes cycles, and it would walk all that
    is there again and again, which takes a third of the time for 100,000 nodes."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
