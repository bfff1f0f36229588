"""The long run in short, and that it would see what it looks for."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mascript.bench.longloop import longloop
from mascript.bench.longrun import KINDS, Sample, growth, longrun
from mascript.bench.longrun_report import page
from mascript.bench.usage import Usage, settled_usage, tree_usage

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@linux
def test_nothing_grows() -> None:
    """Memory, descriptors and processes stay, with scripts that run out of fuel or memory, raise, forfeit and are killed."""
    said: list[str] = []
    found = longrun(600, baseline=200, every=200, say=said.append)
    assert found.holds, said
    assert sum(found.outcomes.values()) == 2 * 600
    assert set(found.kinds) == set(KINDS)
    assert {"scored", "forfeit fuel", "forfeit error", "forfeit reply", "forfeit recursion", "unscored memory"} == set(
        found.outcomes
    )
    looks = longloop(2)
    assert [look.generation for look in looks] == [0, 1]
    assert looks[-1].descriptors <= looks[0].descriptors and looks[-1].zombies == 0
    assert "**holds**" in page(found, looks, 2)


def _sample(candidates: int, rss: int = 1000, descriptors: int = 50, workers: int = 10) -> Sample:
    host = Usage(1, rss, rss, descriptors)
    return Sample(candidates, 0.0, {"host": host, "evaluator": Usage(), "zygote": Usage(), "worker": Usage(workers)}, 0)


def test_growth_is_seen() -> None:
    level = [_sample(100, rss=100), _sample(200), _sample(300, rss=990), _sample(400, workers=20, descriptors=70)]
    assert not any(growth(level, 200, 20).values())
    assert growth([*level, _sample(500, rss=1030)], 200, 20)["resident memory"] == pytest.approx(0.03)
    assert growth([*level, _sample(500, descriptors=52)], 200, 20)["descriptors"] > 0.02
    assert growth([*level, _sample(500, workers=30)], 200, 20)["idle workers"] == pytest.approx(0.5)
    grown = {**level[-1].roles, "evaluator": Usage(1)}
    assert growth([*level, replace(level[-1], roles=grown)], 200, 20)["processes"] == pytest.approx(1.0)


@linux
def test_a_zombie_and_a_descriptor_are_seen() -> None:
    before = tree_usage(os.getpid())
    with Path(os.devnull).open() as _, subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        after = settled_usage(os.getpid(), patience_s=0.1)
    assert after.zombies == before.zombies + 1
    assert after.roles["host"].descriptors == before.roles["host"].descriptors + 1
