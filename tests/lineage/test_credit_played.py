"""Credit through the real sandbox and a real environment: a helper that matters, A/A, a dependency, a list of points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mascript.lineage.credit import measure_helpers
from mascript.lineage.effect_records import CreditDesign, CreditSeeds, Effect, Placement, Subject
from mascript.match.play import Player
from mascript.records import ArenaRef, LinkedFunction, Program
from mascript.sandbox import Sandbox

TOWARDS = LinkedFunction(
    "sha256:" + "a" * 64,
    "sideways",
    "def sideways(x: float, y: float) -> float:\n"
    '    """How much farther across than up.\n\n    >>> sideways(2.0, 1.0)\n    1.0\n    """\n'
    "    return abs(x) - abs(y)\n",
)
NEARER = LinkedFunction(
    "sha256:" + "b" * 64,
    "by_distance",
    "def by_distance(points: list[Point]) -> list[Point]:\n"
    '    """Nearest first.\n\n    >>> by_distance([(2.0, 0.0), (1.0, 0.0)])\n    [(1.0, 0.0), (2.0, 0.0)]\n    """\n'
    "    return sorted(points, key=lambda p: p[0] * p[0] + p[1] * p[1])\n",
)
SOURCE = """from shared import by_distance, sideways


def policy(observation):
    x, y = by_distance(observation.landmarks)[0]
    if sideways(x, y) > 0:
        return "right" if x > 0 else "left"
    return "up" if y > 0 else "down"
"""
POLICY = Program("p:go", SOURCE, (("by_distance", NEARER.fid), ("sideways", TOWARDS.fid)), (NEARER, TOWARDS))
STAY = Program("p:stay", 'def policy(observation):\n    return "stay"\n')
ARENA = ArenaRef("simple_spread_v3")
SEEDS = CreditSeeds(tuple(range(5_000, 5_006)), tuple(range(6_000, 6_064)))
DESIGN = CreditDesign(looks=(16, 64), seed=3)


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with Sandbox() as sandbox:
        player = Player(sandbox)
        yield player
        player.close()


def subject(function: LinkedFunction, returns: str) -> Subject:
    return Subject(function.fid, f"{function.name}@1.0.0", returns, "bo", "ada", (Placement((POLICY, STAY, STAY), 0),))


def measure(player: Player, function: LinkedFunction, returns: str, design: CreditDesign = DESIGN) -> Effect:
    (effect,) = measure_helpers(player.play, [subject(function, returns)], ARENA, SEEDS, design, teams=((0, 1, 2),))
    return effect


def test_steering_is_worth_something_to_all(player: Player) -> None:
    effect = measure(player, TOWARDS, "float")
    assert effect.own is not None and effect.others is not None and effect.competitive is not None
    assert effect.n == 64 and effect.executed == 64 * 25 and effect.flags == () and not effect.disables_seat
    assert len(effect.replacement.values) == 6 * 25
    assert effect.own.mean > 0 and effect.teammates == effect.others and effect.opponents is None


def test_the_control_is_exactly_zero(player: Player) -> None:
    effect = measure(player, TOWARDS, "float", replace(DESIGN, replacement="none"))
    assert effect.own is not None and effect.others is not None
    assert (effect.own.mean, effect.own.nonzero, effect.others.mean, effect.label) == (0.0, 0, 0.0, "negligible")


def test_an_empty_list_is_a_dependency(player: Player) -> None:
    effect = measure(player, NEARER, "list[Point]", replace(DESIGN, replacement="constant"))
    assert effect.flags == ("dependency",) and "IndexError" in effect.reason and effect.own is None


def test_lists_are_resampled_as_lists(player: Player) -> None:
    effect = measure(player, NEARER, "list[Point]")
    assert effect.replacement.kind == "resample" and isinstance(effect.replacement.values[0], list)
    assert "dependency" not in effect.flags and effect.own is not None and effect.own.nonzero > 32
