"""An experiment on any PettingZoo or Gymnasium id, without a line of code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import arenas
from mascript.config import loads
from mascript.evolve.engine import run_experiment
from mascript.match.pool import Evaluators

EXPERIMENT = """
[experiment]
name = "anything"
arena = "{arena}"
seed = 3
generations = 2
candidates = 4
first_candidates = 6
arguments = {{ {arguments} }}
[evaluation]
race = "screen"
screen = 1
keep = 2
episodes = 2
accept_episodes = 2
audit_episodes = 3
[library]
contribute_every = 1
[credit]
looks = [16]
"""


@pytest.fixture(scope="module")
def evaluators() -> Iterator[Evaluators]:
    with Evaluators(2) as evaluators:
        yield evaluators


@pytest.mark.parametrize(
    ("arena", "arguments", "seats"),
    [
        ("generic:CartPole-v1", "", 1),
        ("generic:Pendulum-v1", "", 1),
        ("FrozenLake-v1", "", 1),
        ("generic:Blackjack-v1", "", 1),
        ("Pendulum-v1", "", 1),
        ("Taxi-v4", "max_episode_steps = 30", 1),
        ("catch_pixels_v0", "balls = 1", 1),
        ("classic/tictactoe_v3", "", 2),
        ("classic/rps_v2", "max_cycles = 8", 2),
        ("mpe2:simple_tag_v3", "max_cycles = 6", 4),
        ("mpe2:simple_speaker_listener_v4", "max_cycles = 6", 2),
    ],
)
def test_any_id_runs_to_its_audit(bench: Any, evaluators: Evaluators, arena: str, arguments: str, seats: int) -> None:
    config = loads(EXPERIMENT.format(arena=arena, arguments=arguments))
    summary = run_experiment(config, bench.workspace("any"), evaluators=evaluators)
    assert summary.status == "complete" and summary.generations == 2
    rows = {row.who: row for row in summary.audit}
    assert "random" in rows and len(rows) == seats + 1 + len(arenas.get(arena).references)
    assert all(row.episodes == 3 and not row.unscored for row in rows.values())
    assert rows["random"].forfeits == 0
    assert summary.scripts_written >= seats * 3
