"""Solve Leduc hold'em and write the solution as a reference script: `python -m arenas.leduc.solve [--iterations N]`.

The script is a table of CFR+'s average policy in percent (`arenas.extensive.cfr`). The exact NashConv of what it wrote is printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from arenas.decode import decode
from arenas.extensive.cfr import solve
from arenas.extensive.nash_conv import nash_conv
from arenas.extensive.tree import Distribution, Form, InformationState, Policy, form
from arenas.leduc.rules import CALL, FOLD, ID, LONGEST, PLAYERS, RAISE, RANKS
from arenas.leduc.spec import SCHEMA
from arenas.leduc.tree import build

ITERATIONS = 2_000
LETTERS = {CALL: "c", RAISE: "r"}
_SCRIPT = '''LETTERS = {{1: "c", 2: "r", -1: ""}}
TABLE = {{
{rows}
}}
"""Own card, table, both rounds' actions -> chances in percent of a fold and of a raise; else a call."""


def policy(observation, rng):
    """Draw from a table: the average policy of {iterations} iterations of CFR+ (Tammelin 2014), rounded to percents.

    Its exact NashConv is {total:.3f} chips a hand; an equilibrium's is 0 and uniformly random play's 4.747.
    """
    cards = "JQK"[observation.card] + ("JQK"[observation.public] if observation.round == 2 else "")
    betting = "/".join("".join(LETTERS[action] for action in actions) for actions in (observation.first, observation.second))
    fold, lift = TABLE[f"{{cards}} {{betting}}"]
    drawn = 100 * rng.random()
    if drawn < fold:
        return "fold"
    return "raise" if drawn < fold + lift else "call"
'''


def key(state: InformationState) -> str:
    """Return the information state as the script's table spells it, such as `KQ crc/r`."""
    seen = decode(SCHEMA, state.now.observation)
    table = RANKS[seen.public] if seen.round > 1 else ""
    rounds = [
        "".join(LETTERS[action] for action in actions[:LONGEST] if action in LETTERS) for actions in (seen.first, seen.second)
    ]
    return f"{RANKS[seen.card]}{table} {'/'.join(rounds)}"


def percents(state: InformationState, row: Distribution) -> tuple[int, int]:
    """Return the chances of a fold and of a raise, rounded."""
    shares = dict(zip(state.now.legal, row, strict=True))
    fold, lift = (round(100 * shares.get(action, 0.0)) for action in (FOLD, RAISE))
    return fold, min(lift, 100 - fold)


def rounded(game: Form, policy: Policy) -> Policy:
    """Return the policy that the script plays."""
    rows = []
    for state, row in zip(game.states, policy, strict=True):
        fold, lift = percents(state, row)
        shares = {FOLD: fold / 100, RAISE: lift / 100, CALL: (100 - fold - lift) / 100}
        rows.append(tuple(shares[action] for action in state.now.legal))
    return tuple(rows)


def main(arguments: Sequence[str]) -> int:
    """Solve, write and say how good it is."""
    parser = argparse.ArgumentParser(prog="python -m arenas.leduc.solve", description="Write the CFR+ reference of leduc_v0.")
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    options = parser.parse_args(arguments)
    game = form(build(), PLAYERS)
    policy = solve(game, options.iterations)
    total = nash_conv(game, rounded(game, policy)).total
    rows = sorted((key(state), percents(state, row)) for state, row in zip(game.states, policy, strict=True))
    text = "\n".join(f'    "{name}": {chances},' for name, chances in rows)
    path = Path(__file__).parents[1] / "references" / ID / "cfr_plus.py.txt"
    path.write_text(_SCRIPT.format(rows=text, iterations=options.iterations, total=total), "utf-8")
    print(f"NashConv {nash_conv(game, policy).total:.6f} after {options.iterations} iterations; {total:.6f} in percents ({path})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
