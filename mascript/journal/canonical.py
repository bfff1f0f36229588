"""The one text form of a value, so that equal values have equal bytes on every machine and Python version."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from mascript.errors import JournalError


def canonical(value: Any, where: str = "body") -> str:
    """JSON with sorted keys, no blanks, ASCII only, floats as Python's shortest form, and null for what is not a finite number.

    Args:
        value: numbers, strings, booleans, None, lists, tuples, and mappings with string keys, nested at will.
        where: how an error message names the value.

    Raises:
        JournalError: something else is inside; the message says where.
    """
    return json.dumps(plain(value, where), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def plain(value: Any, where: str = "body") -> Any:
    """The value as JSON would give it back.

    Raises:
        JournalError: something that JSON cannot hold is inside.
    """
    match value:
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case list() | tuple():
            return [plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
        case Mapping():
            for key in value:
                if not isinstance(key, str):
                    raise JournalError(f"{where} has the key {key!r}; keys must be strings: write str(key)")
            return {str(key): plain(item, f"{where}.{key}") for key, item in value.items()}
        case _:
            kind = type(value).__name__
            raise JournalError(f"{where} holds a {kind}, which has no canonical text; write numbers, strings, lists or mappings")
