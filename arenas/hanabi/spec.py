"""hanabi_v0 for scripts."""

from __future__ import annotations

from functools import partial
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.aec import AecGame
from arenas.hanabi.rules import COLOURS, ID, PLAYERS, Deal
from arenas.hanabi.twin import HanabiTwin
from arenas.hanabi.view import RENDERER, view
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.versions import installed
from arenas.yardsticks import references


def build(colours: int = 5, ranks: int = 5, hand: int = 5, information: int = 8, lives: int = 3, keep: bool = False) -> ArenaSpec:
    """Return the spec for two players.

    The small game of the literature is `colours=2, hand=2, information=3, lives=1`.

    Args:
        colours: 1 to 5.
        ranks: 2 to 5.
        hand: cards of each player, 2 to 5.
        information: information tokens.
        lives: wrong cards after which the game is lost.
        keep: whether the points stay when it is; they are 0 otherwise, as in Bard et al. 2020.

    Raises:
        BadArguments: a value out of range.
    """
    deal = Deal(colours, ranks, hand, information, lives, keep)
    arguments = (
        ("colours", colours),
        ("hand", hand),
        ("information", information),
        ("keep", keep),
        ("lives", lives),
        ("ranks", ranks),
    )
    most = colours * ranks
    return ArenaSpec(
        id=ID,
        make=partial(_original, deal),
        make_twin=partial(HanabiTwin, deal),
        schema=view(deal).schema,
        actions=ActionSpec(kind="discrete", size=len(deal.actions), names=deal.actions),
        seats=tuple(f"player_{player}" for player in range(PLAYERS)),
        kind="cooperative",
        horizon=deal.horizon,
        rules=_rules(deal),
        references=references(ID, arguments),
        optimum=Optimum(float(most), "every firework complete; some decks do not allow it", bound=True),
        renderer=RENDERER,
        forfeit_action=0,
        floor=0.0,
        version=installed("pettingzoo", "numpy"),
        arguments=arguments,
        reusable=True,
        chance=True,
    )


def _original(deal: Deal) -> Game:
    from arenas.hanabi.env import raw_env

    made = partial(raw_env, deal.colours, deal.ranks, deal.hand, deal.information, deal.lives, deal.keep)
    return AecGame(made, encode, [DiscreteCodec(len(deal.actions))] * PLAYERS, reusable=True)


def encode(observation: Any, seat: int) -> bytes:
    """Pack the environment's small integers as the schema says."""
    packed: bytes = observation["observation"].tobytes()
    return packed


def _rules(deal: Deal) -> str:
    names = ", ".join(COLOURS[: deal.colours])
    copies = ", ".join(f"{deal.copies(rank)} of rank {rank}" for rank in range(1, deal.ranks + 1))
    lost = "the points made so far count" if deal.keep else "the score is 0"
    return (
        f"Two players build fireworks together, one of each colour ({names}), each from rank 1 to {deal.ranks} in order. The deck "
        f"has, in each colour, {copies}: {deal.size} cards. Each player holds {deal.hand} cards and sees the other's but never its "
        "own. In turn a player does one of three things. play_N plays the card at place N of its hand (0 is the oldest): if it is "
        "the next rank of its colour it joins the firework, else it is discarded and a life is lost. discard_N discards the card "
        "at place N and gives an information token back; it is not legal while all tokens are there. tell_COLOUR and tell_RANK "
        "name to the other all its cards of that colour or rank, and so also say that the remaining ones are not; this costs a "
        "token, and at least one card must match. A full firework gives a token back. After a card leaves a hand the later ones "
        f"move down one place and a new card comes last. There are {deal.information} tokens and {deal.lives} lives at the start. "
        "The game ends when all fireworks are complete, when the last life is lost, or when each player has had one more turn "
        f"after the last card was drawn. The return of both is the number of cards in the fireworks, at most "
        f"{deal.colours * deal.ranks}; with no life left {lost}."
    )
