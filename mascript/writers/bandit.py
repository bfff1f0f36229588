"""Which of several models to ask: an upper confidence bound on what their scripts were worth, less what they cost.

UCB1 (Auer, Cesa-Bianchi and Fischer 2002, Machine Learning 47) with a penalty for cost, since a model that is a little better and
ten times as dear buys fewer scripts. Nothing is drawn: for the same history the choice is the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mascript.journal import PolicyRow, Reply

EXPLORATION = 0.5
"""Weight of the confidence term; UCB1's proof has sqrt(2), which needs more pulls than a run has."""
THRIFT = 0.2
"""Reward that the dearest model must make up for against one that costs nothing."""


@dataclass(frozen=True)
class Pull:
    """One question that a model was asked. Made by `history`; read by `choose`."""

    model: str
    reward: float
    """0 for no usable script, up to 1 for the best of its generation."""
    cost: int


def history(replies: Sequence[Reply], policies: Sequence[PolicyRow], before: int) -> list[Pull]:
    """Return an agent's pulls in the generations before this one.

    A script's reward is its rank among the judged ones of its generation; 1 for one that became champion.
    """
    judged: dict[int, list[tuple[int, PolicyRow]]] = {}
    for row in policies:
        if isinstance(row.genome, dict) and "slot" in row.genome and row.score is not None:
            judged.setdefault(row.generation, []).append((row.genome["slot"], row))
    rewards: dict[tuple[int, int], float] = {}
    for generation, rows in judged.items():
        for slot, row in rows:
            beaten = sum(other.score < row.score for _, other in rows if other.score is not None and row.score is not None)
            ranked = beaten / (len(rows) - 1) if len(rows) > 1 else 0.5
            rewards[generation, slot] = 1.0 if row.status == "champion" else ranked
    return [
        Pull(reply.model, rewards.get((reply.place.generation, reply.place.slot), 0.0), reply.cost)
        for reply in replies
        if reply.place.generation < before and reply.place.attempt == 0 and reply.outcome == "answered"
    ]


def choose(models: Sequence[str], pulls: Sequence[Pull], count: int) -> list[str]:
    """Return the model to ask for each of `count` questions that go out at once.

    Each question counts as a pull of the mean reward as soon as it is given out, so that one generation is not all one model.
    """
    if len(models) == 1:
        return list(models) * count
    pulled = Counter(pull.model for pull in pulls)
    reward = {name: _mean([pull.reward for pull in pulls if pull.model == name]) for name in models}
    cost = {name: _mean([pull.cost for pull in pulls if pull.model == name]) for name in models}
    dearest = max(cost.values()) or 1.0
    chosen: list[str] = []
    for _ in range(count):
        total = sum(pulled[name] for name in models)
        untried = [name for name in models if not pulled[name]]
        best = (
            untried[0]
            if untried
            else max(
                models,
                key=lambda name: (
                    reward[name] - THRIFT * cost[name] / dearest + EXPLORATION * math.sqrt(math.log(total) / pulled[name])
                ),
            )
        )
        pulled[best] += 1
        chosen.append(best)
    return chosen


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
