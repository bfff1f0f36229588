"""What a tree of processes holds at a moment: memory, descriptors, processes, zombies, by what each process is for. Reads /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROLES = ("host", "evaluator", "zygote", "worker")
"""host: the process that asks, and Python's own helper of its; evaluator: plays; zygote: forks workers; worker: runs one script."""
_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """Sums over the living processes of one role. Made by `tree_usage`; read by the long run."""

    processes: int = 0
    rss: int = 0
    """Bytes in memory; pages that several processes share count in each."""
    pss: int = 0
    """Bytes in memory; of a page that n processes share, each counts 1/n. 0 where the kernel does not show it to this user."""
    descriptors: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.processes + other.processes,
            self.rss + other.rss,
            self.pss + other.pss,
            self.descriptors + other.descriptors,
        )


@dataclass(frozen=True)
class Tree:
    """A process and everything below it. Made by `tree_usage`; read by the long run."""

    roles: dict[str, Usage]
    zombies: int
    workers: tuple[int, ...]
    """Process ids of the living workers."""


@dataclass(frozen=True)
class _Process:
    pid: int
    parent: int
    state: str
    is_zygote: bool
    """True of workers too: they are copies of one."""


def tree_usage(root: int) -> Tree:
    """Look at a process and its descendants; what ends meanwhile is left out."""
    everyone = {process.pid: process for process in _everyone()}
    children: dict[int, list[_Process]] = {}
    for process in everyone.values():
        children.setdefault(process.parent, []).append(process)
    roles, zombies, workers = dict.fromkeys(ROLES, Usage()), 0, []
    look = [everyone[root]]
    owners = {process.parent for process in everyone.values() if process.is_zygote}
    while look:
        process = look.pop()
        look += children.get(process.pid, [])
        if process.state == "Z":
            zombies += 1
            continue
        above = everyone.get(process.parent)
        role = "host" if process.pid == root or process.pid not in owners else "evaluator"
        if process.is_zygote:
            role = "worker" if above is not None and above.is_zygote else "zygote"
        if role == "worker":
            workers.append(process.pid)
        roles[role] += _usage(process.pid)
    return Tree(roles, zombies, tuple(workers))


def settled_usage(root: int, patience_s: float = 5.0) -> Tree:
    """The same, once the zygotes have had time to bury whom they were told to: a process is a zombie until its parent looks."""
    end = time.monotonic() + patience_s
    while (tree := tree_usage(root)).zombies and time.monotonic() < end:
        time.sleep(0.05)
    return tree


def _everyone() -> Iterator[_Process]:
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            yield _Process(int(entry.name), int(fields[1]), fields[0], b"sandbox.zygote" in command)


def _usage(pid: int) -> Usage:
    place = _PROC / str(pid)
    try:
        rss = int((place / "statm").read_text().split()[1]) * _PAGE
    except OSError:
        return Usage()
    return Usage(1, rss, _pss(place), _descriptors(place))


def _pss(place: Path) -> int:
    try:
        lines = (place / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _descriptors(place: Path) -> int:
    try:
        return len(os.listdir(place / "fd"))
    except OSError:
        return 0
