"""Rounding to single precision without numpy."""

from __future__ import annotations

from struct import Struct

_FORM = Struct("<f")
_pack, _unpack = _FORM.pack, _FORM.unpack


def single(number: float) -> float:
    """The nearest number of single precision; raises OverflowError where there is none.

    A sum, difference or product of two such numbers, worked out in double precision and rounded so, is what single precision gives.
    """
    rounded: float = _unpack(_pack(number))[0]
    return rounded
