"""Which change of a signature breaks old calls: decision 23's table, with what griffelib 2.4.1 finds beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.identity import signature_of
from library.records import Signature
from library.types import fits
from library.versions import extends_api, kind_of_change, same_api

GRIFFE = True
"""griffe finds the change breaking."""
CASES = {
    "parameter renamed": ("value: float", "float", "number: float", "float", "major", GRIFFE),
    "parameter removed": ("value: float, other: float", "float", "value: float", "float", "major", GRIFFE),
    "parameters swapped": ("a: float, b: float", "float", "b: float, a: float", "float", "major", GRIFFE),
    "required parameter added": ("value: float", "float", "value: float, other: float", "float", "major", GRIFFE),
    "default changed": ("value: float = 1.0", "float", "value: float = 2.0", "float", "major", GRIFFE),
    "default taken away": ("value: float = 1.0", "float", "value: float", "float", "major", GRIFFE),
    "parameter of another type": ("value: float", "float", "value: Point", "float", "major", not GRIFFE),
    "parameter takes less": ("value: float", "float", "value: int", "float", "major", not GRIFFE),
    "result of another type": ("value: float", "float", "value: float", "Point", "major", not GRIFFE),
    "result promises less": ("value: float", "int", "value: float", "float", "major", not GRIFFE),
    "optional parameter added": ("value: float", "float", "value: float, other: float = 1.0", "float", "minor", not GRIFFE),
    "default given": ("value: float", "float", "value: float = 1.0", "float", "minor", not GRIFFE),
    "parameter takes more": ("value: int", "float", "value: float", "float", "minor", not GRIFFE),
    "result promises more": ("value: float", "float", "value: float", "int", "minor", not GRIFFE),
    "nothing": ("value: float", "float", "value: float", "float", "patch", not GRIFFE),
}


def shape(parameters: str, returns: str) -> Signature:
    return signature_of(f"def f({parameters}) -> {returns}:\n    return 0\n")


@pytest.mark.parametrize("case", CASES)
def test_the_kind_of_each_change(case: str) -> None:
    old, gave, new, gives, kind, griffe = CASES[case]
    before, after = shape(old, gave), shape(new, gives)
    assert kind_of_change(before, after, same_outcomes=True) == kind
    assert kind_of_change(before, after, same_outcomes=False) == "major", "the signature alone never excuses other outcomes"
    assert not griffe or kind == "major", "nothing that griffe finds is let through"


TYPES = st.sampled_from(["int", "float", "Point", "Cell", "list[int]", "list[float]", "tuple[float, float]"])
SIGNATURES = st.builds(
    lambda types, returns: shape(", ".join(f"p{index}: {type_}" for index, type_ in enumerate(types)), returns),
    st.lists(TYPES, max_size=3),
    TYPES,
)


@given(SIGNATURES, SIGNATURES, SIGNATURES)
def test_extension_is_an_order(a: Signature, b: Signature, c: Signature) -> None:
    """Else two MINOR releases in a row could break what one alone may not."""
    assert extends_api(a, a)
    assert not (extends_api(a, b) and extends_api(b, c)) or extends_api(a, c)
    if extends_api(a, b) and extends_api(b, a):
        assert same_api(a, b) or all(fits(x.type, y.type) for x, y in zip(a.parameters, b.parameters, strict=True))
