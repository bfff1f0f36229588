"""Who sits where and with whom, before a run is opened; and what is counted in a script's text."""

from __future__ import annotations

import pytest

import arenas
from mascript.config import Config, loads
from mascript.errors import ConfigError
from mascript.evolve.opening import seated
from mascript.evolve.record import called_names


def ready(arena: str, text: str = "") -> Config:
    config = loads(f'[experiment]\narena = "{arena}"\n{text}')
    return seated(config, arenas.get(config.experiment.arena))


def test_two_agents_cannot_hold_one_seat() -> None:
    with pytest.raises(ConfigError, match="a seat of its own for each agent, got seats 1, 1"):
        ready("simple_spread_v3", "[[agents]]\nseat = 1\n[[agents]]\nseat = 1\n")


def test_where_teams_share_an_agent_without_one_has_the_arenas() -> None:
    team = '[library]\naccess = "team"\n'
    assert {agent.team for agent in ready("simple_spread_v3", team).agents} == {"seats-0-1-2"}
    assert [agent.team for agent in ready("iterated_dilemma_v0", team).agents] == ["seats-0", "seats-1"]
    assert [agent.team for agent in ready("connect_four_v3", team).agents] == ["ada", "bo", "cy"]
    named = ready("simple_spread_v3", team + '[[agents]]\nteam = "a"\n[[agents]]\n[[agents]]\nteam = "a"\n')
    assert [agent.team for agent in named.agents] == ["a", "seats-0-1-2", "a"]
    assert {agent.team for agent in ready("simple_spread_v3").agents} == {""}, "nothing reads it elsewhere"


def test_nobody_roams_where_seats_have_roles() -> None:
    assert [agent.seat for agent in ready("simple_tag_v3").agents] == [0, 1, 2, 3]
    assert {agent.seat for agent in ready("connect_four_v3").agents} == {None}
    team = '[library]\naccess = "team"\n'
    assert [agent.team for agent in ready("simple_tag_v3", team).agents] == ["seats-0-1-2"] * 3 + ["seats-3"]


def test_calls_are_counted_by_whole_names() -> None:
    helper = "def pad(x):\n    # add(\n    return add(x, add(x, x))\n"
    source = f"from shared import add\n\n\n{helper}\n\ndef policy(rng):\n    return pad(1)\n"
    assert called_names(source) == {"add": 2, "pad": 1}
