"""From the text of an experiment to its record, and back to the canonical text."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mascript.config.keys import Config
from mascript.errors import ConfigError
from mascript.tables import listing, plain, record, unknown

_BESIDE = frozenset({"execution", "trackers"})
"""Tables that decide nothing and are no part of the experiment."""
_NAMES = ("ada", "bo", "cy", "dee", "eli", "fay", "gus", "hal", "ivy", "jo", "kim", "lou")


def agent_name(index: int) -> str:
    """Name of the agent of this index where the file gives none: ada, bo, ..., then ada2, bo2, ..."""
    lap, place = divmod(index, len(_NAMES))
    return _NAMES[place] + (str(lap + 1) if lap else "")


def load(path: str | Path) -> Config:
    """Read an experiment file.

    Raises:
        ConfigError: the file cannot be read or run as written.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"there is no experiment file {path}; `mascript init` writes one to start from") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as a UTF-8 text file: {error}") from error
    return loads(text, str(path))


def loads(text: str, name: str = "experiment file") -> Config:
    """Read the text of an experiment file; `name` is how errors call it.

    Raises:
        ConfigError: it is not TOML, or cannot be run as written.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not valid TOML: {error}") from error
    try:
        return _config(tables)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None


def to_json(config: Config) -> str:
    """Canonical text: equal experiments have equal texts, wherever they are evaluated and whoever is told. Stored in the run."""
    tables = {name: table for name, table in plain(config, brief=True).items() if name not in _BESIDE}
    return json.dumps(tables, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Config:
    """The experiment that `to_json` wrote, to be evaluated where the default is.

    Raises:
        ConfigError: the text is not such a one.
    """
    try:
        tables = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"the stored experiment is not JSON: {error}") from error
    return _config(tables)


def override(config: Config, assignments: Iterable[str]) -> Config:
    """The experiment with some keys set anew.

    Args:
        config: what to start from.
        assignments: such as `evaluation.episodes=32`, `agents.0.team=red`; the value is TOML, or a string where it is not.

    Raises:
        ConfigError: no such key, or a value that the key cannot have.
    """
    tables = plain(config)
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise ConfigError(f"--set {assignment}: expected KEY=VALUE, such as evaluation.episodes=32")
        _assign(tables, key.strip(), _toml_value(text.strip()))
    return _config(tables)


def _toml_value(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    value = parsed["value"]
    plain = isinstance(value, bool | int | float | str | list | dict)
    return value if plain and len(parsed) == 1 else text


def _assign(tables: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    if parents and parents[0] == "agents" and not tables["agents"]:
        raise ConfigError(f"{key}: the experiment names no agents to set this for; write an [[agents]] table")
    place: Any = tables
    for part in parents:
        if isinstance(place, list) and part.isdecimal() and int(part) < len(place):
            place = place[int(part)]
        elif isinstance(place, dict) and part in place:
            place = place[part]
        else:
            raise ConfigError(unknown(key, key, (), Config))
    if not isinstance(place, dict) or not parents:
        raise ConfigError(unknown(key, key, (), Config))
    place[last] = value


def _config(tables: Any) -> Config:
    if isinstance(tables, dict) and "experiment" not in tables:
        raise ConfigError(f"expected a table [experiment] with the key arena; got {listing(tables) or 'nothing'}")
    config = record(Config, tables)
    names = [agent.name or agent_name(index) for index, agent in enumerate(config.agents)]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ConfigError(f"agents[{index}].name: expected a name of its own, got {name!r} for the second time")
    looks = list(config.credit.looks)
    if not looks or looks != sorted(set(looks)):
        raise ConfigError(f"credit.looks: expected rising numbers of replicates such as [16, 64, 256], got {looks}")
    return _named(config, names)


def _named(config: Config, names: Sequence[str]) -> Config:
    """The same with the names that the file left open filled in, so that the stored text says them."""
    slug = re.sub(r"[^a-z0-9]+", "-", config.experiment.arena.lower().rpartition(":")[2]).strip("-")
    experiment = replace(config.experiment, name=config.experiment.name or slug or "experiment")
    agents = tuple(replace(agent, name=name) for agent, name in zip(config.agents, names, strict=True))
    return replace(config, experiment=experiment, agents=agents)
