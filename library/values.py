"""Plain values as text, exactly: what is equal as text is equal in type and in every bit, and NaN equals NaN.

Numbers, strings, booleans and None are JSON's own (a float keeps its point or exponent); a tuple is an array; a list, dict or set
is an object that names its type.
"""

from __future__ import annotations

import json
from typing import Any

from library.records import Call, Outcome


def value_text(value: Any) -> str:
    """One value as text.

    Raises:
        TypeError: something in it is not plain.
        ValueError: a whole number too long to be written down.
    """
    return json.dumps(_pack(value), separators=(",", ":"))


def value_of(text: str) -> Any:
    """The value that `value_text` wrote.

    Raises:
        ValueError: the text is torn or not of this form.
    """
    try:
        return _unpack(json.loads(text))
    except (TypeError, KeyError) as error:
        raise ValueError(f"not an encoded value: {error}") from None


def call_text(call: Call) -> str:
    """The arguments of a call as text."""
    return value_text(tuple(call.arguments))


def outcome_text(outcome: Outcome) -> str:
    """What is compared of an outcome: its value, or the kind of its error (messages differ between Python versions)."""
    if outcome.error:
        return json.dumps({"error": error_kind(outcome.error)}, separators=(",", ":"))
    return value_text(outcome.value)


def error_kind(error: str) -> str:
    """`ZeroDivisionError` of `ZeroDivisionError: division by zero`."""
    return error.split(":", 1)[0].strip()


def _pack(value: Any) -> Any:
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is tuple:
        return [_pack(item) for item in value]
    if kind is list:
        return {"list": [_pack(item) for item in value]}
    if kind is dict:
        return {"dict": [[_pack(key), _pack(item)] for key, item in value.items()]}
    if kind in (set, frozenset):
        return {kind.__name__: sorted((_pack(item) for item in value), key=json.dumps)}
    raise TypeError(f"expected plain values, got {kind.__name__}")


def _unpack(form: Any) -> Any:
    if isinstance(form, list):
        return tuple(_unpack(item) for item in form)
    if not isinstance(form, dict):
        return form
    ((kind, items),) = form.items()
    if kind == "list":
        return [_unpack(item) for item in items]
    if kind == "dict":
        return {_unpack(key): _unpack(item) for key, item in items}
    return {"set": set, "frozenset": frozenset}[kind](_unpack(item) for item in items)
