"""Plain Python values as JSON text that comes back the same: tuples, dicts with any plain key and non-finite floats included."""

from __future__ import annotations

import json
import math
from typing import Any

MAX_DEPTH = 50


class NotPlain(ValueError):
    """A value that is not made of None, bool, int, float, str, list, tuple, set and dict, or is nested too deeply."""


def dumps(value: Any) -> bytes:
    """Return the JSON text of a plain value; numpy scalars and arrays become numbers and lists.

    Raises:
        NotPlain: another type, or nesting deeper than 50.
    """
    return json.dumps(_encode(value, 0), separators=(",", ":"), allow_nan=False).encode()


def loads(text: bytes) -> Any:
    """Return the value of `dumps`' text.

    Raises:
        NotPlain: not such a text.
    """
    try:
        return _decode(json.loads(text), 0)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, AttributeError) as error:
        raise NotPlain(f"not a plain value: {error}") from None


def _encode(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise NotPlain(f"a value nested deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, bool | str):
        return value if not isinstance(value, str) else str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"f": repr(float(value))}
    if isinstance(value, list):
        return [_encode(item, depth + 1) for item in value]
    if isinstance(value, tuple):
        return {"t": [_encode(item, depth + 1) for item in value]}
    if isinstance(value, dict):
        return {"d": [[_encode(key, depth + 1), _encode(item, depth + 1)] for key, item in value.items()]}
    if isinstance(value, set | frozenset):
        return {"s": [_encode(item, depth + 1) for item in sorted(value, key=repr)]}
    if hasattr(value, "tolist") and type(value).__module__ == "numpy":
        return _encode(value.tolist(), depth + 1)
    raise NotPlain(f"expected numbers, strings, bools, None, lists, tuples, sets or dicts, got {type(value).__name__}")


def _decode(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise NotPlain(f"a value nested deeper than {MAX_DEPTH}")
    if isinstance(value, list):
        return [_decode(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        raise NotPlain("an object with one tag was expected")
    ((tag, inner),) = value.items()
    if tag == "t":
        return tuple(_decode(item, depth + 1) for item in inner)
    if tag == "s":
        return {_decode(item, depth + 1) for item in inner}
    if tag == "d":
        return {_decode(key, depth + 1): _decode(item, depth + 1) for key, item in inner}
    if tag == "f":
        return float(inner)
    raise NotPlain(f"unknown tag {tag!r}")
