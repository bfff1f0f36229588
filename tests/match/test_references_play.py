"""Every reference of every arena plays in the sandbox, under the usual limits, without a forfeit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

import pytest

import arenas
from arenas.extras import installed
from mascript.linking import link
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob
from mascript.sandbox import Sandbox

SLOW = () if "MASCRIPT_SLOW_ARENAS" in os.environ else ("knights_archers_zombies_v11", "pursuit_v5")
"""They take seconds an episode: tests/extras/test_box2d.py plays them."""
SPECS = [arenas.get(id) for id in arenas.names() if id not in SLOW]
CASES = [(spec.id, reference.name) for spec in SPECS if installed(spec.requires) for reference in spec.references]


@pytest.fixture(scope="module")
def usual() -> Iterator[Player]:
    with Sandbox() as sandbox, closing(Player(sandbox)) as player:
        yield player


@pytest.mark.parametrize(("id", "name"), CASES)
def test_a_reference_plays_without_a_forfeit(id: str, name: str, usual: Player) -> None:
    spec = arenas.get(id)
    source = next(reference.source for reference in spec.references if reference.name == name)
    program = link(source, {}, None)
    job = MatchJob(ArenaRef(id, spec.arguments), (program,) * len(spec.seats), (800_001, 800_002, 800_003))
    (result,) = usual.play([job])
    assert len(result.episodes) == 3
    for episode in result.episodes:
        assert not episode.forfeits
        assert not episode.unscored
