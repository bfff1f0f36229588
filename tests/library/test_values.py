"""Values as text, types as text, probes: exact, compared rightly, and the same for ever."""

from __future__ import annotations

import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library import DefaultBattery
from library.identity import signature_of
from library.records import Outcome, Signature
from library.types import fits, holds
from library.values import call_text, outcome_text, value_of, value_text

scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
plain = st.recursive(
    scalar,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.tuples(st.integers()), inner)
        | st.sets(st.text())
    ),
)


@given(plain)
def test_values_survive_the_way_to_text_and_back(value: object) -> None:
    back = value_of(value_text(value))
    assert type(back) is type(value)
    assert value_text(back) == value_text(value)
    assert back == value or "NaN" in value_text(value)


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0.0, -0.0), ((1,), [1]), ("1", 1), (None, False), ({}, set())])
def test_values_that_only_look_alike_are_told_apart(one: object, other: object) -> None:
    assert value_text(one) != value_text(other)


def test_nan_equals_nan_and_sets_have_one_order() -> None:
    assert value_text(math.nan) == value_text(-math.nan)
    assert value_text({"b", "a", "c"}) == value_text({"c", "a", "b"})


def test_errors_are_compared_by_kind() -> None:
    assert outcome_text(Outcome(error="ZeroDivisionError: float division")) == outcome_text(
        Outcome(error="ZeroDivisionError: by zero")
    )
    assert outcome_text(Outcome(error="ZeroDivisionError: x")) != outcome_text(Outcome(error="TypeError: x"))
    assert outcome_text(Outcome(value={"error": "TypeError"})) != outcome_text(Outcome(error="TypeError"))


@pytest.mark.parametrize("text", ["", "[1", '{"list"', '{"what": []}', '{"a": 1, "b": 2}', '{"list": 3}'])
def test_torn_text_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        value_of(text)


def test_what_is_not_plain_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="plain values"):
        value_text([object()])


@pytest.mark.parametrize(
    ("given_type", "wanted", "expected"),
    [
        ("int", "float", True),
        ("float", "int", False),
        ("bool", "int", False),
        ("Point", "tuple[float, float]", True),
        ("Cell", "Point", True),
        ("Point", "Cell", False),
        ("list[int]", "list[float]", True),
        ("list[list[Point]]", "list[list[tuple[float, float]]]", True),
        ("Grid", "tuple[tuple[int, ...], ...]", True),
        ("Point", "list[float]", False),
    ],
)
def test_types_fit_where_every_value_of_one_is_one_of_the_other(given_type: str, wanted: str, expected: bool) -> None:
    assert fits(given_type, wanted) is expected


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        (1, "float", True),
        (True, "float", False),
        (True, "int", False),
        (1.0, "int", False),
        ((1.0, 2.0), "Point", True),
        ((1.0,), "Point", False),
        (((1, 2), (3, 4)), "Grid", True),
        ([(0, 1)], "list[Cell]", True),
        (((0, 1),), "list[Cell]", True),
        ((0.5, 1), "list[int]", False),
        ("a", "str", True),
        (None, "float", False),
    ],
)
def test_values_hold_to_their_declared_type(value: object, type_: str, expected: bool) -> None:
    assert holds(value, type_) is expected


def shape(parameters: str) -> Signature:
    return signature_of(f"def f({parameters}) -> int:\n    return 0\n")


TYPES = (
    "a: float, b: int, c: bool, d: str, e: Point, f: Cell, g: Grid, h: list[Point], i: list[tuple[int, float]], j: tuple[int, ...]"
)


def test_probes_are_of_the_declared_types_and_plain() -> None:
    signature = shape(TYPES)
    probes = DefaultBattery().probes(signature)
    assert len(probes) == 48
    for call in probes:
        for value, parameter in zip(call.arguments, signature.parameters, strict=True):
            assert holds(value, parameter.type), parameter
        call_text(call)
    assert len({call_text(call) for call in probes}) == 48


def test_probes_depend_on_types_alone() -> None:
    battery = DefaultBattery()
    assert list(map(call_text, battery.probes(shape("a: Point, b: int")))) == list(
        map(call_text, battery.probes(shape("x: Point, y: int")))
    )
    assert battery.probes(shape("a: int, b: int")) != battery.probes(shape("a: int, b: float"))
    assert [call.arguments for call in battery.probes(shape(""))] == [()]


def test_recorded_values_are_used_and_named_in_the_id() -> None:
    battery = DefaultBattery(recorded={"Point": [(7.5, -7.5)]})
    used = sum(call.arguments == ((7.5, -7.5),) for call in battery.probes(shape("p: Point")))
    assert 10 < used < 40
    assert battery.id != DefaultBattery().id
    assert battery.id != DefaultBattery(recorded={"Point": [(7.5, 7.5)]}).id


def test_the_generated_probes_are_pinned_down() -> None:
    """A change here makes stored probes incomparable: raise `battery.GENERATOR`, or take the change back."""
    text = "\n".join(map(call_text, DefaultBattery().probes(shape(TYPES))))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "da32938bed25a766"
