"""leduc_v0 for scripts."""

from __future__ import annotations

from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.aec import AecGame
from arenas.leduc.drawing import RENDERER
from arenas.leduc.rules import ACTIONS, FIELDS, ID, LONGEST, MOST, MOST_RAISES, PLAYERS, STAKES
from arenas.leduc.tree import build as build_tree
from arenas.leduc.twin import LeducTwin
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.versions import installed
from arenas.yardsticks import references

_BETTING = "in order of play, the opener's first: 1 call or check, 2 raise, -1 not yet played"
_DOCS = {
    "card": ("rank", "my own card: 0 jack, 1 queen, 2 king"),
    "public": ("rank", "the card on the table, which both may pair with theirs; -1 in the first round"),
    "round": ("", "round of betting: 1 or 2"),
    "first": ("", f"the first round's actions {_BETTING}"),
    "second": ("", f"the second round's actions {_BETTING}"),
    "my_chips": ("chips", "what I have put into the pot, the ante of 1 included"),
    "their_chips": ("chips", "what the other has put into the pot"),
    "to_call": ("chips", "what a call costs me now; 0 where it is a check"),
    "raises_left": ("", "raises that this round still allows, to both together"),
}
SCHEMA = Schema(
    tuple(
        Field(name, "list[int]" if count > 1 else "int", (count,) if count > 1 else (), "b", *_DOCS[name])
        for name, count, _, _ in FIELDS
    )
)
RULES = (
    "Poker with six cards: two jacks, two queens, two kings. Each player puts in 1 chip and gets one card that only it sees. "
    "A first round of betting follows; then one card is turned for both to see, and a second round follows. Player 0 opens both. "
    "In turn a player folds (only against a raise; the other takes the pot), calls (matches the other's chips; a check where they "
    f"are equal) or raises by {STAKES[0]} chips in the first and {STAKES[1]} in the second round, beyond matching. A round takes "
    f"at most {MOST_RAISES} raises and ends when a raise is called or both have checked. After the second a player whose card "
    "pairs with the one on the table wins the pot; else the higher card does, and equal cards share it. "
    f"The return is the chips won or lost, {-MOST} to {MOST}. The cards are dealt by the seed."
)


def build() -> ArenaSpec:
    """Return the spec; it takes no arguments."""
    return ArenaSpec(
        id=ID,
        make=_original,
        make_twin=LeducTwin,
        schema=SCHEMA,
        actions=ActionSpec(kind="discrete", size=len(ACTIONS), names=ACTIONS),
        seats=("player_0", "player_1"),
        kind="competitive",
        horizon=LONGEST * len(STAKES),
        rules=RULES,
        references=references(ID, ()),
        optimum=Optimum(0.0, "over both seats, an equilibrium against itself: the chips of one are the other's"),
        renderer=RENDERER,
        forfeit_action=0,
        floor=-float(MOST),
        version=installed("pettingzoo", "numpy"),
        reusable=True,
        chance=True,
        tree=build_tree,
    )


def _original() -> Game:
    from arenas.leduc.env import raw_env

    return AecGame(raw_env, encode, [DiscreteCodec(len(ACTIONS))] * PLAYERS, reusable=True)


def encode(observation: Any, seat: int) -> bytes:
    """Pack the environment's small integers as the schema says."""
    packed: bytes = observation["observation"].tobytes()
    return packed
