"""axelrod_v0 without the Axelrod library: what can be read, and the seat that plays against an opponent of any kind.

tests/extras/test_axelrod.py plays it with the library."""

from __future__ import annotations

from typing import Any

import pytest

import arenas
from arenas.axelrod_library.game import AgainstOpponent
from arenas.decode import decode
from arenas.errors import BadArguments, IllegalAction, MissingDependency
from arenas.extras import installed


class Echo:
    """Does what the other did last, and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []

    def choose(self) -> int:
        return self.told[-1][1] if self.told else 0

    def learn(self, own: int, theirs: int) -> None:
        self.told.append((own, theirs))


def _match(original: bool, **arguments: Any) -> tuple[Any, list[Echo]]:
    """A game against an echo, and the echoes that were invited."""
    dilemma = arenas.get("iterated_dilemma_v0", **arguments)
    invited: list[Echo] = []

    def invite(seed: int) -> Echo:
        invited.append(Echo())
        return invited[-1]

    assert dilemma.make_twin is not None
    return AgainstOpponent(dilemma.make() if original else dilemma.make_twin(), invite), invited


@pytest.mark.parametrize("original", [True, False])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_both_are_told_the_moves_as_they_were_played(original: bool, noise: float) -> None:
    schema = arenas.get("axelrod_v0").schema
    game, invited = _match(original, horizon=40, noise=noise)
    game.reset(6)
    meant = [(3 * step // 2) % 2 for step in range(40)]
    for step, choice in enumerate(meant, start=1):
        assert tuple(game.waiting()) == (0,)
        game.act({0: choice})
        seen = decode(schema, game.observe(0))
        own, theirs = invited[0].told[-1]
        assert (seen.round, seen.mine[0], seen.theirs[0]) == (step, 1 - theirs, 1 - own)
    assert not game.waiting()
    made = [theirs for _, theirs in invited[0].told]
    assert (made == meant) == (noise == 0)
    paid = {(0, 0): 3, (0, 1): 0, (1, 0): 5, (1, 1): 1}
    assert game.returns() == (pytest.approx(sum(paid[theirs, own] for own, theirs in invited[0].told) / 40),)
    game.reset(7)
    assert len(invited) == 2, "each episode has an opponent of its own"


def test_what_is_no_choice_is_refused_before_the_opponent_is_asked() -> None:
    game, invited = _match(False, horizon=3)
    game.reset(1)
    before = game.observe(0)
    for wrong in ({}, {1: 0}, {0: 0, 1: 0}, {0: 2}, {0: "defect"}, {0: None}):
        with pytest.raises(IllegalAction):
            game.act(wrong)
    assert game.observe(0) == before and not invited[0].told


def test_it_can_be_read_without_the_library() -> None:
    spec, dilemma = arenas.get("axelrod_v0"), arenas.get("iterated_dilemma_v0", horizon=200)
    assert (spec.schema, spec.actions, spec.requires) == (dilemma.schema, dilemma.actions, "axelrod")
    assert dict(spec.arguments) == dict(dilemma.arguments) | {"opponent": "axelrod_first"}
    assert "its list axelrod_first" in spec.rules
    assert [(one.name, one.source) for one in spec.references] == [(one.name, one.source) for one in dilemma.references]
    scores = {one.name: one.score for one in spec.references}
    assert scores["all_d"] < scores["tit_for_tat"], "the first tournament's lesson"
    with pytest.raises(BadArguments, match="opponent must be a strategy"):
        arenas.get("axelrod_v0", opponent="")
    with pytest.raises(BadArguments, match="noise must be a probability"):
        arenas.get("axelrod_v0", noise=2)


@pytest.mark.skipif(installed("axelrod"), reason="the extra axelrod is installed")
def test_playing_without_the_library_names_the_extra() -> None:
    with pytest.raises(MissingDependency, match=r"axelrod_v0 needs the extra `axelrod`.*mascript\[axelrod\]"):
        arenas.get("axelrod_v0").make()
    with pytest.raises(MissingDependency, match="mascript"):
        arenas.get("axelrod_v0", opponent="TitForTat").make_twin()  # type: ignore[misc]
