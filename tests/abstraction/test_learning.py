"""Library learning on a real run: found, proved by play, tested with what was seen, contributed, of use to whoever comes next."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from library import Library
from mascript.abstraction.learning import AUTHOR, Report, learn
from mascript.cli import main
from mascript.config import loads
from mascript.errors import ConfigError
from mascript.evolve.engine import run_experiment
from mascript.evolve.retrieve import measured_share
from mascript.journal import Rows, Workspace
from mascript.writers.registry import WRITERS

STEERING = """
[experiment]
name = "steering"
arena = "simple_spread_v3"
generations = 1
candidates = 1
first_candidates = 1
[evaluation]
episodes = 2
accept_episodes = 2
audit_episodes = 2
strict_elites = false
[library]
contribute = false
[credit]
enabled = false
""" + "".join(f'[[agents]]\nname = "{name}"\nwriter = "steering"\n' for name in ("ada", "bo", "cy"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with one run that has ended."""
    sys.path.insert(0, str(Path(__file__).parent))
    WRITERS["steering"] = "steering_writer:SteeringWriter"
    path = tmp_path_factory.mktemp("learning") / "house.db"
    run_experiment(loads(STEERING), path, workers=1)
    yield path
    del WRITERS["steering"]
    sys.path.remove(str(Path(__file__).parent))


@pytest.fixture(scope="module")
def learned(house: Path) -> Report:
    return learn(house, ["steering-0-1"], most=1)


def test_what_three_agents_say_becomes_one_function_that_passes_the_gates(house: Path, learned: Report) -> None:
    (helper,) = learned.helpers
    assert helper.gain > helper.error > 0 and helper.n == 16, "its knock-out costs return"
    with Workspace.open(house, read_only=True) as opened:
        library = Library(opened.db, migrate=False)
        release = library.resolve(helper.pin)
        assert (release.author, release.run, release.signature.returns) == (AUTHOR, "", "Point")
        types = {one.name: one.type for one in release.signature.parameters}
        assert types == {"landmarks": "list[Point]", "velocity": "Point", "amount": "float", "amount_2": "float"}
        assert "3 places in 3 scripts of 3 agents" in release.doc and ">>> [round(part, 3) for part in" in release.doc
        assert not library.verify()
        (effect,) = Rows(opened).effects(run="", fid=release.fid)
        share = measured_share(effect)
        assert share is not None and share[0] > share[1] > 0, "whoever is shown it next is shown what it was worth"


def test_a_dry_run_changes_nothing_and_nothing_is_learned_twice(house: Path, learned: Report, tmp_path: Path) -> None:
    """The second time the function is there: the scripts call it under the name it has."""
    before = house.read_bytes()
    called = ["library", "learn", "steering-0-1", "-w", str(house), "--most", "1", "--dry-run", "--json", "--to", str(tmp_path)]
    result = CliRunner().invoke(main, called, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    (helper,) = report["helpers"]
    assert (helper["scripts"], helper["agents"], helper["places"], helper["why"]) == (3, 3, 3, "")
    assert helper["pin"] == learned.helpers[0].pin
    assert report["nodes"][1] < report["nodes"][0] and {one["agent"] for one in report["rewritten"]} == {"ada", "bo", "cy"}
    (file,) = tmp_path.glob("steering-0-1-ada-*.py")
    assert f'{helper["name"]} = "1.0.0#sha256:' in file.read_text() and f"{helper['name']}(" in file.read_text()
    assert house.read_bytes() == before


def test_runs_that_cannot_be_read_are_said(house: Path) -> None:
    with pytest.raises(ConfigError, match="at least one run"):
        learn(house, [])
