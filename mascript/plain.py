"""Values as JSON has them: what every `--json` prints and every page of the web interface has as its twin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any


def plain(value: Any) -> Any:
    """Return a value as JSON has it: records as objects, tuples as arrays, numbers that are not finite as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    item = getattr(value, "item", None)  # a numpy scalar or a one-element array
    if callable(item) and getattr(value, "size", 0) == 1:
        return plain(item())
    tolist = getattr(value, "tolist", None)
    return plain(tolist()) if callable(tolist) else str(value)
