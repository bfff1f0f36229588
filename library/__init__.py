"""The shared, versioned library of functions.

`Library` is the door; `library.identity` says what makes two functions the same. Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from library.battery import DefaultBattery
    from library.library import Library

__all__ = ["DefaultBattery", "Library"]

_HOMES = {"DefaultBattery": "library.battery", "Library": "library.library"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module `library` has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
