"""The plain form of arithmetic gives and costs what the metered form does, whatever the variables are."""

from __future__ import annotations

import ast
from typing import Any

import numpy
import pytest

from mascript.sandbox.compiling import Compiler
from mascript.sandbox.floats import FLOATS, float_names
from mascript.sandbox.loading import Loader
from mascript.sandbox.meter import Exhausted

EXPRESSIONS = ("a * b + 3 * c", "a + b + c > 0", "-a * 0.5 < b <= c", "(a - b) / (c + 1)", "a * 2 + b * 2 == c")
VALUES: tuple[tuple[Any, Any, Any], ...] = (
    (1.5, -2.0, 3.25),
    (numpy.float32(0.5), numpy.float64(2.0), 1.0),
    (1, 2.0, 3.0),
    (3, 4, 5),
    (True, 0.5, 2),
    (10**300, 10**200, 7),
    ([1, 2], 3, [4]),
    ([0] * 4000, 30, [4] * 9000),
    ("ab", 2, "c"),
    (numpy.arange(3000.0), 2.0, numpy.ones(3000)),
    (numpy.int64(3), numpy.ones((4, 1)), numpy.ones(5)),
    (float("inf"), 0.0, float("nan")),
)


def _outcome(loader: Loader, function: Any, values: tuple[Any, ...]) -> tuple[str, int]:
    loader.meter.refill()
    try:
        found = repr(function(*values))
    except (Exhausted, TypeError, ValueError, OverflowError, ZeroDivisionError) as error:
        found = f"{type(error).__name__}: {error}"
    return found, loader.meter.spent()


def _function(expression: str, classes: frozenset[type]) -> tuple[Loader, Any]:
    loader = Loader(20_000)
    loader.names[FLOATS] = classes
    body = f"def f(a, b, c):\n    return {expression}\n"
    source = f"{body}def policy(observation, legal, memory):\n    return f(observation, legal, memory)\n"
    unit = Compiler().unit(source, "script", "<script>", "script")
    return loader, loader.namespace(unit, {})["policy"]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_values_and_fuel_are_the_meters(expression: str) -> None:
    plain, metered = _function(expression, frozenset({float, numpy.float32, numpy.float64})), _function(expression, frozenset())
    for values in VALUES:
        assert _outcome(*plain, values) == _outcome(*metered, values), values


def test_what_has_a_plain_form() -> None:
    def names(text: str) -> list[str]:
        return float_names(ast.parse(text, mode="eval").body)

    assert names("b + 0.5 * a > 1") == ["b", "a"]
    for text in (
        "a ** 2",
        "a % 2",
        "a // 2",
        "a << b",
        "a @ b",
        "a + f(b)",
        "a + 'x'",
        "a in b",
        "1 + 2",
        "a * (2 * 3)",
        "a",
        "a is b",
    ):
        assert names(text) == [], text
    assert names(f"a * {1 << 40}") == [] and names("a+b+c+d+e+f+g") == []
