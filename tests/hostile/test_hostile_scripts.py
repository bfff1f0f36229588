"""Hostile scripts: a typed verdict behind the gate, containment without it, as root and as an ordinary user."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

ATTACKS = runpy.run_path(str(Path(__file__).with_name("contain.py")))["load_attacks"]()
USERS = ("ordinary", "root")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the mechanisms are Linux's")


def test_there_are_enough() -> None:
    assert len(ATTACKS) >= 60
    assert len({attack.source for attack in ATTACKS.values()}) == len(ATTACKS)


@pytest.mark.parametrize("user", USERS)
def test_the_user_and_the_isolation_are_those_meant(reports: Any, user: str) -> None:
    report = reports(user)
    assert (report["uid"] == 0) == (user == "root")
    assert report["isolation"] == "full"
    assert set(report["gated"]) == set(report["raw"]) == set(ATTACKS)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("kind", ["gated", "raw"])
@pytest.mark.parametrize("name", ATTACKS)
def test_contained(reports: Any, name: str, kind: str, user: str) -> None:
    """The verdict is the one expected, and nothing outside the worker has changed; `raw` is without the gate."""
    outcome = reports(user)[kind][name]
    assert outcome["findings"] == []
    assert outcome["verdict"] in getattr(ATTACKS[name], kind).split("|"), outcome["detail"]
    assert len(outcome["detail"]) <= 400
