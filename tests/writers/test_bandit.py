"""Which model is asked: the better one for most questions, the cheaper of equals, none forgotten."""

from __future__ import annotations

import random

import pytest

from mascript.journal import Place, PolicyRow, Reply
from mascript.writers.bandit import Pull, choose, history


def simulate(worth: dict[str, float], cost: dict[str, int], questions: int, seed: int) -> dict[str, int]:
    """Ask in generations of eight; a model's scripts are worth 1 with its probability."""
    rng, pulls = random.Random(seed), list[Pull]()
    for _ in range(questions // 8):
        chosen = choose(list(worth), pulls, 8)
        pulls += [Pull(name, float(rng.random() < worth[name]), cost[name]) for name in chosen]
    return {name: sum(pull.model == name for pull in pulls) for name in worth}


@pytest.mark.parametrize("seed", range(10))
def test_the_better_model_is_asked_most(seed: int) -> None:
    asked = simulate({"a": 0.2, "b": 0.7, "c": 0.2}, {"a": 1, "b": 1, "c": 1}, 160, seed)
    assert asked["b"] > 80 and min(asked.values()) >= 2


@pytest.mark.parametrize("seed", range(10))
def test_of_equals_the_cheaper_is_asked_most(seed: int) -> None:
    asked = simulate({"dear": 0.5, "cheap": 0.5}, {"dear": 1_000, "cheap": 50}, 240, seed)
    assert asked["cheap"] > asked["dear"]


def test_one_model_needs_no_choice() -> None:
    assert choose(["a"], [], 3) == ["a"] * 3
    assert sorted(choose(["a", "b"], [], 2)) == ["a", "b"]


def test_what_a_script_was_worth_is_its_rank() -> None:
    def reply(slot: int, model: str, generation: int = 0, attempt: int = 0) -> Reply:
        return Reply(Place("r", "ada", generation, slot, attempt), f"{slot}", "p", "answered", "", model, cost=slot)

    def row(slot: int, score: float, status: str) -> PolicyRow:
        return PolicyRow("r", "ada", 0, f"policy:{slot}", "", "write", status, {"slot": slot}, (), score, 4)

    rows = [row(0, 1.0, "judged"), row(1, 2.0, "judged"), row(2, 3.0, "champion")]
    replies = [reply(0, "a"), reply(1, "b"), reply(2, "a"), reply(3, "b"), reply(3, "b", attempt=1), reply(0, "a", generation=1)]
    assert history(replies, rows, 1) == [Pull("a", 0.0, 0), Pull("b", 0.5, 1), Pull("a", 1.0, 2), Pull("b", 0.0, 3)]
