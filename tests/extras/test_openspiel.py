"""The same policies have the same NashConv in OpenSpiel's Leduc poker, and its CFR and CFR+ the same averages as ours."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

pyspiel = pytest.importorskip("pyspiel", reason="the extra openspiel is tested by `make test-extras`")

from arenas.extensive.cfr import solve  # noqa: E402  - after the check that OpenSpiel is here
from arenas.extensive.nash_conv import nash_conv  # noqa: E402
from arenas.extensive.tree import Form, Policy, form  # noqa: E402
from arenas.leduc.rules import CALL, RANKS  # noqa: E402
from arenas.leduc.solve import key, rounded  # noqa: E402
from arenas.leduc.tree import build  # noqa: E402


@pytest.fixture(scope="module")
def leduc() -> Any:
    return pyspiel.load_game("leduc_poker")


@pytest.fixture(scope="module")
def game() -> Form:
    return form(build(), 2)


def spelled(text: str) -> str:
    """OpenSpiel's information state as our solution's table spells it: suits dropped, 1 a call and 2 a raise."""
    found = dict(re.findall(r"\[(\w+): ([^\]]*)\]", text))
    public = RANKS[int(found["Public"]) // 2] if "Public" in found else ""
    rounds = ["".join("fcr"[int(action)] for action in found[name].split()) for name in ("Round1", "Round2")]
    return f"{RANKS[int(found['Private']) // 2]}{public} {'/'.join(rounds)}"


def theirs(leduc: Any, game: Form, policy: Policy) -> Any:
    """Our policy at all of OpenSpiel's 936 information states."""
    rows = {key(state): list(zip(state.now.legal, row, strict=True)) for state, row in zip(game.states, policy, strict=True)}
    texts = all_states(leduc.new_initial_state())
    assert len(texts) == 936
    return pyspiel.TabularPolicy({text: rows[spelled(text)] for text in texts})


def all_states(state: Any) -> set[str]:
    if state.is_terminal():
        return set()
    own = set() if state.is_chance_node() else {state.information_state_string()}
    return own.union(*(all_states(state.child(action)) for action in state.legal_actions()))


def policies(game: Form) -> dict[str, Policy]:
    rng = random.Random(1)
    drawn = []
    for state in game.states:
        weights = [rng.random() ** 3 for _ in state.now.legal]
        drawn.append(tuple(weight / sum(weights) for weight in weights))
    return {
        "uniform": game.uniform(),
        "always the first": tuple((1.0, *(0.0,) * (len(state.now.legal) - 1)) for state in game.states),
        "always call": tuple(tuple(float(action == CALL) for action in state.now.legal) for state in game.states),
        "drawn": tuple(drawn),
        "CFR+ in percents": rounded(game, solve(game, 100)),
    }


@pytest.mark.parametrize("name", ["uniform", "always the first", "always call", "drawn", "CFR+ in percents"])
def test_the_same_policy_has_the_same_nash_conv(leduc: Any, game: Form, name: str) -> None:
    policy = policies(game)[name]
    assert nash_conv(game, policy).total == pytest.approx(pyspiel.nash_conv(leduc, theirs(leduc, game, policy)), abs=1e-9)


@pytest.mark.parametrize("plus", [False, True])
def test_the_same_iterations_lead_to_the_same_policy(leduc: Any, game: Form, plus: bool) -> None:
    solver = (pyspiel.CFRPlusSolver if plus else pyspiel.CFRSolver)(leduc)
    for _ in range(60):
        solver.evaluate_and_update_policy()
    expected = pyspiel.nash_conv(leduc, solver.average_policy())
    assert nash_conv(game, solve(game, 60, plus=plus)).total == pytest.approx(expected, abs=1e-7)
