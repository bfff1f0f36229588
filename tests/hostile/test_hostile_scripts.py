"""Hostile scripts: a typed verdict behind the gate, containment without it."""

from __future__ import annotations

import json
import os
import runpy
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arenas.schema import ActionSpec, Field, Schema
from mascript.records import Program
from mascript.sandbox import Limits, Request, Sandbox, WorkerDied

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ATTACKS = runpy.run_path(str(HERE / "attacks.py"))["ATTACKS"]
SCHEMA = Schema((Field("x", "float", ()),))
ACTIONS = ActionSpec("discrete", 2, ("left", "right"))
NOBODY = 65534


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(deadline_s=5.0)) as made:
        yield made


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_gated_verdict(sandbox: Sandbox, attack: Any) -> None:
    source = attack.source.replace("@HOST", str(os.getpid())).replace("@TCP", "1").replace("@UDP", "1")
    worker = sandbox.policy(Program("bad", source), 0, SCHEMA, ACTIONS)
    detail = ""
    try:
        worker.post([Request(0, struct.pack("<d", 1.0), (0, 1), 0, 1)])
        reply = worker.collect()[0]
        verdict, detail = reply.violation, reply.detail
    except WorkerDied as death:
        verdict, detail = f"died:{death.reason}", death.detail
    finally:
        worker.close()
    assert verdict == attack.gated, detail
    assert len(detail) <= 400


def contained(**options: Any) -> dict[str, Any]:
    """Run `contain.py` and return its report."""
    import numpy

    roots = [str(ROOT), str(Path(str(numpy.__file__)).parent.parent)]
    done = subprocess.run(
        [sys.executable, str(HERE / "contain.py"), *roots], capture_output=True, check=False, timeout=120, cwd="/", **options
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the mechanisms are Linux's")
def test_contained_without_the_gate() -> None:
    report = contained()
    assert report["isolation"] == "full"
    assert report["findings"] == []
    assert set(report["outcomes"]) == {attack.name for attack in ATTACKS}
    assert report["outcomes"]["fork"].startswith("signal: SIGSYS")
    assert report["outcomes"]["forged frame"].startswith("protocol")


@pytest.mark.skipif(not sys.platform.startswith("linux") or os.getuid() != 0, reason="only root can become another user")
def test_contained_as_an_ordinary_user() -> None:
    try:
        subprocess.run([sys.executable, "-c", ""], user=NOBODY, group=NOBODY, extra_groups=[], check=True, cwd="/")
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip(f"uid {NOBODY} may not execute {sys.executable}")
    report = contained(user=NOBODY, group=NOBODY, extra_groups=[])
    assert (report["uid"], report["isolation"], report["findings"]) == (NOBODY, "full", [])
