"""Tables of text as frozen records, read strictly: every key is known, of its type and in its range.

If not, the error names the key, what was expected, what came, and the nearest known key. A record's fields say their bounds
(`at_least`, `within`, `matching`). Knows nothing of experiments; `mascript.config` has those.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, field, fields, is_dataclass
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from mascript.errors import ConfigError

Table = tuple[tuple[str, Any], ...]
"""A table with keys of the arena's own choosing, as pairs sorted by key; lists inside are tuples."""

_TOO_LARGE = 2**63
"""The workspace holds whole numbers in 64 bits."""


def at_least(low: float, default: Any) -> Any:
    """A field whose value, or each of its values, is this number or more."""
    return field(default=default, metadata={"low": low})


def within(low: float, high: float, default: Any) -> Any:
    """A field whose value, or each of its values, lies between these, both included."""
    return field(default=default, metadata={"low": low, "high": high})


def new(one: Any) -> Any:
    """A key that came after the first journals: while it has its default it is left out of the experiment's text, and with it of
    the journal, so that an experiment that does not use it keeps both."""
    return field(default=one.default, metadata={**one.metadata, "new": True})


def matching(pattern: str, says: str, default: Any) -> Any:
    """A field whose text, or each of its texts, matches a pattern or is the default; `says` names in errors what is expected."""
    return field(default=default, metadata={"pattern": pattern, "says": says})


_Record = TypeVar("_Record")


def record(kind: type[_Record], table: Any, where: str = "", root: type | None = None) -> _Record:
    """Return one table as its record, every key checked.

    Args:
        kind: the dataclass.
        table: what was read.
        where: dotted key of the table; empty for the whole file.
        root: the dataclass of the whole file, for hints at keys of other tables; None: this one.

    Raises:
        ConfigError: an unknown key, one that is missing, or a value that the key cannot have.
    """
    root = root or kind
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where or 'the file'}: expected a table, got {_shown(table)}")
    known = {known.name: known for known in fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            raise ConfigError(unknown(_dotted(where, key), key, tuple(known), root))
    for name, one in known.items():
        if name not in table and one.default is MISSING:
            raise ConfigError(f"{_dotted(where, name)}: expected a value, got none; it has no default")
    hints = _hints(kind)
    return kind(**{key: _value(hints[key], known[key], value, _dotted(where, key), root) for key, value in table.items()})


def _value(hint: Any, one: Field[Any], value: Any, where: str, root: type) -> Any:
    """A value as its field's type, or an error that says what was expected."""
    if hint == Table:
        return _pairs(value, where)
    if get_origin(hint) is UnionType:
        given = next(arm for arm in get_args(hint) if arm is not NoneType)
        return None if value is None else _value(given, one, value, where, root)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        items = value if isinstance(value, list) else [value]
        if is_dataclass(inner) and not isinstance(value, list):
            raise ConfigError(f"{where}: expected [[{where}]] tables, got {_shown(value)}")
        return tuple(_value(inner, one, item, f"{where}[{index}]", root) for index, item in enumerate(items))
    if is_dataclass(hint):
        return record(hint, value, where, root)  # type: ignore[arg-type]
    return _checked(_scalar(hint, value, where), one, where)


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        if value in choices:
            return value
        raise ConfigError(f"{where}: expected one of {', '.join(choices)}, got {_shown(value)}{_near(value, choices)}")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and abs(value) >= _TOO_LARGE:
        raise ConfigError(f"{where}: expected a number below 2**63, got {_shown(value)}")
    if hint is float and is_number and math.isfinite(value):
        return float(value)
    if type(value) is hint and hint is not float:
        return value
    words = {int: "a whole number", float: "a finite number", bool: "true or false", str: "a string"}
    raise ConfigError(f"{where}: expected {words[hint]}, got {_shown(value)}")


def _checked(value: Any, one: Field[Any], where: str) -> Any:
    low, high, pattern = (one.metadata.get(name) for name in ("low", "high", "pattern"))
    if low is not None and value < low:
        raise ConfigError(f"{where}: expected {low} or more, got {_shown(value)}")
    if high is not None and value > high:
        raise ConfigError(f"{where}: expected {high} or less, got {_shown(value)}")
    if pattern is not None and value != one.default and not re.fullmatch(pattern, value):
        raise ConfigError(f"{where}: expected {one.metadata['says']}, got {_shown(value)}")
    return value


def _pairs(value: Any, where: str) -> Table:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where}: expected a table, got {_shown(value)}")
    return tuple((key, _frozen(value[key], f"{where}.{key}")) for key in sorted(value))


def _frozen(value: Any, where: str) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item, f"{where}[{index}]") for index, item in enumerate(value))
    if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
        raise ConfigError(f"{where}: expected a number, string, true, false or a list of those, got {_shown(value)}")
    return value


def plain(value: Any, hint: Any = None, brief: bool = False) -> Any:
    """Records as tables and tuples as lists, for JSON and for `override`; `brief` leaves out new keys that have their default."""
    if is_dataclass(value):
        hints = _hints(type(value))
        told = [one for one in fields(value) if not (brief and one.metadata.get("new") and getattr(value, one.name) == one.default)]
        return {one.name: plain(getattr(value, one.name), hints[one.name], brief) for one in told}
    if hint == Table:
        return {key: plain(inner) for key, inner in value}
    return [plain(item, brief=brief) for item in value] if isinstance(value, tuple) else value


def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _dotted(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def unknown(where: str, key: str, siblings: Sequence[str], root: type) -> str:
    """Message for an unknown key: the nearest sibling, else the same word in another table, else what there is."""
    near = get_close_matches(key, siblings, n=1)
    sections = {section.name: _hints(root)[section.name] for section in fields(root)}
    tables = {name: kind for name, kind in sections.items() if is_dataclass(kind)}
    everything = [f"{name}.{one.name}" for name, kind in tables.items() for one in fields(kind)]
    last = where.rpartition(".")[2]
    elsewhere = [dotted for dotted in everything if dotted.endswith(f".{last}")]
    hint = near or elsewhere or ([] if siblings else get_close_matches(where, everything, n=1))
    return f"{where}: unknown key; " + (
        f"did you mean {hint[0]}?" if hint else f"expected one of {', '.join(siblings or sections)}"
    )


def _near(value: Any, choices: Sequence[str]) -> str:
    near = get_close_matches(value, choices, n=1) if isinstance(value, str) else []
    return f"; did you mean {near[0]}?" if near else ""


def listing(tables: Mapping[str, Any]) -> str:
    return ", ".join(f"[{name}]" for name in tables)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return f"{text[:60]}..." if len(text) > 63 else text
