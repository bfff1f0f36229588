"""Stubs, their pids, and which helpers return the seat's action."""

from __future__ import annotations

import pytest

from mascript.lineage.interventions import intervene, neutral_value, returns_action, writable
from mascript.records import LinkedFunction, Program, Replacement


@pytest.mark.parametrize(
    ("returns", "value"),
    [
        ("float", 0.0),
        ("int", 0),
        ("bool", False),
        ("Point", (0.0, 0.0)),
        ("Cell", (0, 0)),
        ("list[Point]", []),
        ("Grid", ()),
        ("tuple[int, Point]", (0, (0.0, 0.0))),
        ("tuple[int, ...]", ()),
        ("int | None", None),
        ("None", None),
    ],
)
def test_neutral_values_by_type(returns: str, value: object) -> None:
    (found,) = neutral_value(returns)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize("returns", ["Widget", "list of int", "", "T[int]"])
def test_an_unknown_type_has_no_neutral_value(returns: str) -> None:
    assert neutral_value(returns) == ()


def test_recorded_values_are_thinned_evenly_and_can_be_written_down() -> None:
    assert writable(range(100), 4) == (0, 25, 50, 75)
    assert writable([1.5, float("nan"), object(), (1, [2])], 10) == (1.5, (1, [2]))


def test_every_intervention_has_a_pid_of_its_own() -> None:
    program = Program("p", "")
    constants = [Replacement("f", "constant", (value,)) for value in (0, 1)]
    stubs = [Replacement("f", "none"), *constants, Replacement("g", "none")]
    changed = [intervene(program, stub) for stub in stubs]
    assert len({c.pid for c in changed} | {"p"}) == 5
    assert changed[1].replacements == (stubs[1],)
    assert intervene(program, stubs[1]) == changed[1]


def script(body: str, *functions: LinkedFunction) -> Program:
    return Program("p", body, tuple((f.name, f.fid) for f in functions), functions)


STEP = LinkedFunction("f:step", "step", "def step(x: int) -> int:\n    return x")
WRAP = LinkedFunction("f:wrap", "wrap", "def wrap(x):\n    y = step(x)\n    return y if y else 0", (("step", "f:step"),))


@pytest.mark.parametrize(
    "body",
    [
        "def policy(legal):\n    return step(3)",
        "def policy(legal):\n    a = step(3)\n    if a in legal:\n        return a\n    return 0",
        "def policy(legal):\n    return int(step(3)) if legal else 0",
        "def policy(legal):\n    return (a := step(3)) or 1",
        "def policy(legal):\n    for k in legal:\n        if k:\n            return step(k)\n    return 0",
        "def choose(x):\n    return step(x)\n\ndef policy(legal):\n    return choose(1)",
        "def policy(legal):\n    return wrap(3)",
        "def policy(observation):\n    return [step(1), 0.0]",
    ],
)
def test_a_helper_whose_value_is_the_action(body: str) -> None:
    assert returns_action(script(body, STEP, WRAP), "f:step", "int")


@pytest.mark.parametrize(
    "body",
    [
        "def policy(legal):\n    return 'go' if step(3) else 'stay'",
        "def policy(legal):\n    return legal[step(3)]",
        "def policy(legal):\n    a = step(3)\n    return a + 1",
        "def policy(legal):\n    def inner(x):\n        return step(x)\n    return max(legal, key=inner)",
        "def other(x):\n    return step(x)\n\ndef policy(legal):\n    return min(legal, key=other)",
    ],
)
def test_a_helper_that_only_informs_the_action(body: str) -> None:
    assert not returns_action(script(body, STEP, WRAP), "f:step", "int")


def test_a_named_action_by_its_type() -> None:
    program = script("def policy(legal):\n    x = {'a': step(1)}\n    return x['a']", STEP)
    assert returns_action(program, "f:step", "str")
    assert not returns_action(program, "f:step", "str", named_actions=False)


def test_names_are_resolved_by_import_not_by_spelling() -> None:
    """The script imports under the function's other name; recursion ends."""
    loop = LinkedFunction("f:loop", "loop", "def loop(x):\n    return loop(x)")
    program = Program("p", "def policy(legal):\n    return go(1)", (("go", "f:loop"),), (loop, STEP))
    assert returns_action(program, "f:loop", "int")
    assert not returns_action(program, "f:step", "int")
