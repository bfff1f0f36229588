"""hanabi_v0: PettingZoo's test functions, games of the Hanabi Learning Environment, the rules by hand, and what stays hidden.

`hanabi_games.jsonl` are games of random and of cautious play that the Hanabi Learning Environment 0.0.4 dealt and refereed: the
size of the game, the deck, and after each action (null: the deal) its number, then tokens, lives, cards left, score, fireworks and
legal actions there.
"""

from __future__ import annotations

import copy
import json
import random
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import arenas
from arenas.decode import decode
from arenas.errors import BadArguments, IllegalAction
from arenas.hanabi import hanabi_v0
from arenas.hanabi.rules import NONE, Deal, Hanabi, cards
from arenas.hanabi.view import packed, text, view
from arenas.playing import load, play

with warnings.catch_warnings():
    # PettingZoo's test package imports its own deprecated modules.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import api_test, seed_test

GAMES = [json.loads(line) for line in (Path(__file__).parent / "hanabi_games.jsonl").read_text().splitlines()]
SMALL: dict[str, Any] = {"colours": 2, "hand": 2, "information": 3, "lives": 1}
SIZES = (Deal(), Deal(**SMALL), Deal(colours=3, ranks=3, hand=3, information=2, lives=2, keep=True))
sizes = st.sampled_from(SIZES)


def begun(deal: Deal, seed: int) -> Hanabi:
    deck = list(cards(deal))
    random.Random(seed).shuffle(deck)
    return Hanabi(deal, deck)


def named(game: Hanabi, *names: str) -> Hanabi:
    for name in names:
        action = game.deal.actions.index(name)
        assert action in game.legal(), (name, text(game))
        game.play(action)
    return game


def stacked(top: str, **size: Any) -> Hanabi:
    """A game whose first cards are these, such as "R1 Y2"; player 0 gets the first hand."""
    deal = Deal(**size)
    first = ["RYGWB".index(card[0]) * deal.ranks + int(card[1]) - 1 for card in top.split()]
    rest = Counter(cards(deal))
    rest.subtract(first)
    assert min(rest.values()) >= 0
    return Hanabi(deal, [*first, *sorted(rest.elements())])


@pytest.mark.parametrize("arguments", [{}, SMALL], ids=str)
def test_pettingzoos_own_tests_pass(arguments: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        # PettingZoo's own way of giving legal actions, a Dict with a mask, earns a warning from its own test.
        warnings.filterwarnings("ignore", "Observation (space for each agent probably|is not a NumPy array)", UserWarning)
        api_test(hanabi_v0.raw_env(**arguments), num_cycles=200)
        seed_test(lambda: hanabi_v0.env(**arguments), num_cycles=60)


@pytest.mark.parametrize("game", GAMES, ids=lambda game: f"{len(game['steps'])} steps of {game['size']}")
def test_games_go_as_in_the_hanabi_learning_environment(game: dict[str, Any]) -> None:
    ours = Hanabi(Deal(*game["size"]), game["deck"])
    for action, information, lives, deck, score, fireworks, legal in game["steps"]:
        if action is not None:
            ours.play(action)
        left = deck if legal else len(ours.deck)  # there the card after the last action is not dealt any more
        assert (ours.information, ours.lives, len(ours.deck), ours.score) == (information, lives, left, score)
        assert "".join(map(str, ours.fireworks)) == fireworks
        assert list(ours.legal()) == legal
    assert ours.over


@settings(max_examples=60, deadline=None)
@given(sizes, st.integers(0, 10**6), st.booleans())
def test_nothing_is_lost_or_made(deal: Deal, seed: int, careful: bool) -> None:
    """Cards are conserved, tokens stay within their bounds, the score is what was built, and a game ends within the horizon."""
    game, rng, whole, turns = begun(deal, seed), random.Random(seed), Counter(cards(deal)), 0
    while legal := game.legal():
        hands = Counter(held.colour * deal.ranks + held.rank - 1 for hand in game.hands for held in hand)
        built = Counter(colour * deal.ranks + rank for colour, height in enumerate(game.fireworks) for rank in range(height))
        gone = Counter({card: count for card, count in enumerate(game.discards) if count})
        assert hands + built + gone + Counter(game.deck) == whole
        assert 0 <= game.information <= deal.information and 0 < game.lives <= deal.lives
        assert game.score == sum(game.fireworks) <= deal.colours * deal.ranks
        game.play(rng.choice([action for action in legal if not careful or not _misplays(game, action)] or legal))
        turns += 1
    assert turns <= deal.horizon
    assert game.score == (sum(game.fireworks) if game.lives or deal.keep else 0)


def _misplays(game: Hanabi, action: int) -> bool:
    hand = game.deal.hand
    if not hand <= action < 2 * hand:
        return False
    held = game.hands[game.to_move][action - hand]
    return game.fireworks[held.colour] != held.rank - 1


@settings(max_examples=60, deadline=None)
@given(sizes, st.integers(0, 10**6))
def test_own_cards_are_hidden_but_for_the_hints(deal: Deal, seed: int) -> None:
    """Own cards changed for others that the hints allow, and a deck in another order, leave what is seen as it was."""
    game, rng = begun(deal, seed), random.Random(seed)
    for _ in range(rng.randrange(30)):
        legal = game.legal()
        if not legal:
            break
        game.play(rng.choice(legal))
    player = rng.randrange(2)
    other = copy.deepcopy(game)
    rng.shuffle(other.deck)
    for held in other.hands[player]:
        held.colour = rng.choice([colour for colour, possible in enumerate(held.colours) if possible])
        held.rank = rng.choice([rank for rank, possible in enumerate(held.ranks, 1) if possible])
    other.faces[player] = other.face(player)
    assert packed(other, player) == packed(game, player)
    seen: Any = decode(view(deal).schema, packed(game, player))
    for place, held in enumerate(game.hands[player]):
        assert seen.my_colours[place][held.colour] == seen.my_ranks[place][held.rank - 1] == 1
    assert seen.theirs[: len(game.hands[1 - player])] == tuple((held.colour, held.rank) for held in game.hands[1 - player])


def test_what_is_seen_has_names() -> None:
    game = named(stacked("R1 Y1 G1 W1 B1 R2 R3 Y2 G5 W4"), "tell_red", "play_0", "play_0", "tell_1")
    seen: Any = decode(view(game.deal).schema, packed(game, 0))
    assert (seen.information, seen.lives, seen.deck, seen.mine) == (6, 2, 38, 5)
    assert seen.fireworks == (1, 0, 0, 0, 0)
    assert seen.discards[0] == (0, 1, 0, 0, 0)
    assert seen.theirs[:4] == ((0, 3), (1, 2), (2, 5), (3, 4))
    assert seen.their_hints[:2] == ((0, 0), (NONE, 0))
    assert seen.their_colours[0] == (1, 0, 0, 0, 0) and seen.their_colours[1] == (0, 1, 1, 1, 1)
    assert seen.my_hints[:4] == ((NONE, 1),) * 4 and seen.my_ranks[0] == (1, 0, 0, 0, 0)
    assert seen.touched[:4] == (1, 1, 1, 1)
    assert game.deal.actions[seen.last_action] == "tell_1" and seen.last_card == (NONE, 0) and seen.last_scored == NONE
    before: Any = decode(view(game.deal).schema, packed(game, 1))
    assert game.deal.actions[before.last_action] == "tell_1"


def test_what_is_legal() -> None:
    game = stacked("R1 Y1 G1 W1 B1 R2 R3 Y2 G5 W4")
    names = [game.deal.actions[action] for action in game.legal()]
    assert "discard_0" not in names and "play_4" in names
    assert [name for name in names if name.startswith("tell")] == [
        *("tell_red", "tell_yellow", "tell_green", "tell_white"),
        *("tell_2", "tell_3", "tell_4", "tell_5"),
    ]
    named(game, *("tell_red", "tell_red") * 4)
    assert game.information == 0
    assert all(not game.deal.actions[action].startswith("tell") for action in game.legal())
    named(game, "discard_0")
    assert game.information == 1 and game.last.scored == NONE


def test_a_full_firework_gives_a_token_back_but_never_more_than_there_are() -> None:
    size = {"colours": 2, "ranks": 2, "hand": 2, "information": 1}
    game = named(stacked("R1 Y1 R2 Y1", **size), "play_0", "tell_yellow")
    assert (game.fireworks, game.information) == ([1, 0], 0)
    named(game, "play_0", "play_0")
    assert (game.fireworks, game.information, game.score) == ([2, 1], 1, 3)
    game = named(stacked("R1 Y1 R2 Y1", **size), "play_0", "play_0")
    assert (game.fireworks, game.information) == ([2, 0], 1)


@pytest.mark.parametrize(("keep", "score"), [(False, 0), (True, 1)])
def test_the_last_life_ends_the_game(keep: bool, score: int) -> None:
    game = named(stacked("R1 R3 Y3 W4 B5 R1 Y1 G4 W1 B1", keep=keep), "play_0", "play_0", "play_0", "tell_yellow")
    assert (game.lives, game.score, game.over) == (1, 1, False)
    named(game, "play_0")
    assert (game.lives, game.score, game.over, game.legal()) == (0, score, True, ())


def test_each_player_has_one_turn_after_the_last_card() -> None:
    game = stacked("R1 R1 Y1 Y1", colours=2, ranks=2, hand=2, information=3)
    assert len(game.deck) == 4
    named(game, "play_0", "play_0", "play_0", "play_0")
    assert not game.deck and game.turns_left == 2 and not game.over
    named(game, "tell_yellow")
    assert game.turns_left == 1 and not game.over
    named(game, "tell_yellow")
    assert game.over


def test_a_copy_in_mid_game_goes_on_alike() -> None:
    env = hanabi_v0.raw_env()
    env.reset(seed=4)
    rng = random.Random(4)
    for _ in range(12):
        env.step(rng.choice([action for action in env.table.legal() if not _misplays(env.table, action)]))
    twin = copy.deepcopy(env)
    while env.table.legal():
        action = rng.choice(env.table.legal())
        env.step(action)
        twin.step(action)
        assert (env.state() == twin.state()).all() and env.rewards == twin.rewards
    with pytest.raises(IllegalAction, match="legal"):
        env.reset(seed=1)
        env.step(0)


def test_rewards_add_up_to_the_score() -> None:
    env = hanabi_v0.raw_env(render_mode="ansi")
    rng = random.Random(1)
    for seed in range(5):
        env.reset(seed=seed)
        total = 0.0
        while legal := env.table.legal():
            env.step(rng.choice(legal))
            total += env.rewards["player_0"]
            assert env.rewards["player_0"] == env.rewards["player_1"]
        assert total == env.table.score
        assert f"score {env.table.score}" in env.render()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"colours": 6}, "colours must be an integer in 1..5, got 6"),
        ({"lives": 0}, "lives must be"),
        ({"keep": 1}, "keep must be true or false"),
        ({"colours": 1, "ranks": 2}, "a deck of 4 cards does not fill two hands of 5"),
    ],
)
def test_impossible_sizes_are_refused(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(BadArguments, match=said):
        arenas.get("hanabi_v0", **arguments)


def test_references_stand_where_others_stand() -> None:
    """Other implementations: O'Dwyer's framework reports 1.25 for random play that keeps its points, 16.92 for hints about playable
    cards (SimpleBot) and 19.79 with warnings of valuable ones (ValueBot), all for two players."""
    kept = {one.name: one for one in arenas.get("hanabi_v0", keep=True).references}
    strict = {one.name: one for one in arenas.get("hanabi_v0").references}
    for figure in (*kept.values(), *strict.values()):
        assert figure.score is not None and figure.half_width is not None and figure.n == 500
    assert abs(kept["random"].score - 1.25) <= 2 * kept["random"].half_width
    assert strict["random"].score < 0.1
    assert 15.5 < kept["iggi"].score < 18.5 and 16.0 < strict["piers"].score < 19.0
    assert strict["convention"].score > 19.79


@pytest.mark.parametrize("name", ["iggi", "piers", "van_den_bergh", "convention"])
def test_references_play_the_small_game_too(name: str) -> None:
    spec = arenas.get("hanabi_v0", **SMALL)
    scripts = {one.name: load(one.source) for one in spec.references}
    seeds = range(60)
    random_play = sum(returns[0] for returns in play(spec, [scripts["random"]] * 2, seeds))
    assert sum(returns[0] for returns in play(spec, [scripts[name]] * 2, seeds)) > random_play + 60
