"""The experiment file: read strictly into frozen records, and written back as the canonical text that a run is identified by.

Every key has a default but `experiment.arena`. A key that is not known, of the wrong type or out of range is an error that names
the key, what was expected, what came, and the nearest known key.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from mascript.errors import ConfigError

Table = tuple[tuple[str, Any], ...]
"""A table with keys of the arena's own choosing, as pairs sorted by key; lists inside are tuples."""

_TOO_LARGE = 2**63
"""The workspace holds whole numbers in 64 bits."""
_NAMES = ("ada", "bo", "cy", "dee", "eli", "fay", "gus", "hal", "ivy", "jo", "kim", "lou")


def _at_least(low: float, default: Any) -> Any:
    return field(default=default, metadata={"low": low})


def _within(low: float, high: float, default: Any) -> Any:
    return field(default=default, metadata={"low": low, "high": high})


def _new(one: Any) -> Any:
    """A key that came after the first journals: while it has its default it is left out of the experiment's text, and with it of
    the journal, so that an experiment that does not use it keeps both."""
    return field(default=one.default, metadata={**one.metadata, "new": True})


def _matching(pattern: str, says: str, default: Any) -> Any:
    return field(default=default, metadata={"pattern": pattern, "says": says})


@dataclass(frozen=True)
class ExperimentConfig:
    """What is run. Made by `loads`; read by the loop."""

    arena: str
    """Id of an arena: one of ours, or any PettingZoo or Gymnasium id."""
    name: str = ""
    """First part of the run's id; the arena's name where none is given."""
    seed: int = _at_least(0, 0)
    """Every random stream of the run derives from it."""
    generations: int = _at_least(1, 12)
    candidates: int = _at_least(1, 24)
    """Scripts per agent and generation."""
    first_candidates: int = _at_least(1, 96)
    """Scripts of an agent in a founding generation."""
    founding: int = _at_least(1, 2)
    """First generations in which scripts are written from nothing; from the second on, beside co-players worth adapting to."""
    arguments: Table = ()
    """Arguments of the arena, such as `N = 4`."""


@dataclass(frozen=True)
class EvaluationConfig:
    """How scripts are scored: all on a few episodes, ever fewer on more, then the best against the champion on fresh ones.

    Made by `loads`; read by evaluation.
    """

    episodes: int = _at_least(1, 16)
    """Episodes of a full evaluation, which the best candidates of a race reach."""
    race: Literal["halving", "screen"] = "halving"
    """How candidates come to be evaluated in full: by halving their number again and again within half of the episodes that all of
    them would need, or by one screen, which loses more (docs/results/racing.md) and alone reads `screen` and `keep`."""
    screen: int = _at_least(1, 4)
    """Race "screen": episodes that every candidate plays first."""
    keep: int = _at_least(1, 4)
    """Race "screen": candidates that pass it."""
    accept_episodes: int = _at_least(1, 24)
    """Fresh paired episodes on which the best candidate must beat the champion."""
    accept_errors: float = _at_least(0, 0.0)
    """Standard errors of the paired difference by which it must be better."""
    fingerprint: bool = True
    """Whether a candidate that decides as an earlier one does on recorded observations is left out."""
    smoke: bool = False
    """Whether a candidate that forfeits in its first episode is left out of the race."""
    objective: Literal["auto", "own", "team"] = "auto"
    """Whose return selects: the script's own seats, or the mean over their team; auto: team in cooperative arenas, else own."""
    strict_sample: float = _within(0, 1, 0.02)
    """Share of the candidates, drawn at random, that is played again in strict mode, to find scripts that carry state along."""
    strict_elites: bool = True
    """Whether a challenger that has beaten the champion is played again in strict mode before it is kept."""
    strict_episodes: int = _at_least(1, 2)
    """Episodes of each of them that are played again, on the same seeds and lineups."""
    past_champions: int = _at_least(0, 4)
    """How many former champions sit in a league that names "champions"."""
    audit_episodes: int = _at_least(1, 100)
    """Episodes of the final scores, played after the run is frozen."""
    opponents: tuple[str, ...] = _matching(
        r"co-players|champions|reference:[A-Za-z0-9_]+",
        '"co-players", "champions" or "reference:NAME"',
        ("co-players", "champions"),
    )
    """Who else sits in a lineup: the present co-players, past champions, a named reference of the arena."""


@dataclass(frozen=True)
class LibraryConfig:
    """Who may read which helpers. Made by `loads`; read by the loop."""

    access: Literal["none", "private", "team", "shared"] = "shared"
    """Whose contributions an agent sees: nobody's, its own, its team's, everybody's. `none` hides the starter set too."""
    contribute: bool = True
    """Whether helpers are taken out of champions."""
    contribute_every: int = _at_least(1, 4)
    """Generations between two offers of an agent; the last generation always offers."""
    inherit: str = ""
    """Id of a run of the same workspace whose helpers the run starts with; empty: the starter set alone."""
    delay: int = _new(_at_least(0, 0))
    """Generations for which a helper stays with its author before others see it."""
    read_only: bool = _new(field(default=False))
    """Whether nothing is admitted. Helpers are still taken out and measured, so that episodes can be compared."""
    contribution: Literal["automatic", "voluntary"] = _new(field(default="automatic"))
    """Whether every helper with a measurable effect is offered, or only those that the writer does not want to keep to itself."""
    authors: bool = _new(field(default=True))
    """Whether a writer sees who contributed a helper."""
    effects: bool = _new(field(default=True))
    """Whether measured effects weigh in what is borrowed; if not, all contributed helpers are offered alike."""
    quota: int | None = _new(_at_least(0, None))
    """Releases that an agent may have in the run; None: no limit."""
    complexity: int = _new(_at_least(1, 600))
    """Nodes of syntax that a helper's body may have."""


@dataclass(frozen=True)
class BudgetConfig:
    """Where a run stops early. None: no limit. Made by `loads`; read by the loop."""

    minutes: float | None = _at_least(0, None)
    """Of the wall clock; such a stop is recorded in the journal, since another machine would stop elsewhere."""
    episodes: int | None = _at_least(1, None)
    """Over all agents, screening included."""
    usd: float | None = _new(_at_least(0, None))
    """Dollars for models, over all agents; never exceeded, calls under way included."""
    tokens: int | None = _new(_at_least(1, None))
    """Tokens of prompts and replies, over all agents."""
    calls: int | None = _new(_at_least(1, None))
    """Calls of models, failed ones included."""


@dataclass(frozen=True)
class CreditConfig:
    """How helpers' effects are measured after the run. Made by `loads`; read by credit."""

    enabled: bool = True
    looks: tuple[int, ...] = _at_least(1, (16, 64, 256))
    """Replicates at which the test may stop, rising."""
    helpers: int = _at_least(1, 8)
    """At most so many borrowed helpers are measured, agent by agent, those that a champion imports itself first."""
    margin: float = _at_least(0, 0.02)
    """An effect is called 0 if its interval lies within this share of the way from random play to the arena's best reference."""


@dataclass(frozen=True)
class SandboxConfig:
    """What a script may use up. Made by `loads`; read by match and the sandbox."""

    fuel: int = _at_least(1_000, 200_000)
    """Units per decision; the same on every machine."""
    deadline: float = _at_least(0.1, 10.0)
    """Seconds after which a batch of decisions is killed; stands behind the fuel, for time spent in C."""


@dataclass(frozen=True)
class ExecutionConfig:
    """Where scripts are evaluated, which decides nothing: it is no part of the experiment's text, of a run or of its journal.

    Made by `loads`; read by the engine.
    """

    executor: str = "processes"
    """`processes`, `ray`, `slurm`, or `module:function` (see `mascript.match.executors`)."""
    deadline: float | None = _at_least(0.1, None)
    """Seconds after which a share of work without an answer counts as lost and is submitted again. None: no limit."""
    options: Table = ()
    """The executor's own."""


@dataclass(frozen=True)
class WritingConfig:
    """How models and people are asked for scripts. Made by `loads`; read by the writers that ask."""

    prompt_tokens: int = _at_least(1_000, 6_000)
    """Of a prompt at most, counted cautiously; rules, arena and the best script are always in it."""
    max_tokens: int = _at_least(16, 2_000)
    """Of a reply."""
    repairs: int = _at_least(0, 1)
    """How often a script that cannot be used is sent back with the reason."""
    diff: bool = False
    """Whether a reply may change the best script by search/replace blocks."""
    episodes: int = _at_least(0, 6)
    """Episodes of the best script that are played for a prompt; 0: prompts tell of none."""
    shown: int = _at_least(0, 2)
    """Of those, the worst that a prompt tells of."""
    concurrency: int = _at_least(1, 8)
    """Calls under way at once."""
    timeout: float = _at_least(0.1, 120.0)
    """Seconds for one call of a model."""
    retries: int = _at_least(0, 5)
    """Further tries after a failure that may pass: 429, 5xx, timeouts, cut connections, replies that are none."""
    backoff: float = _at_least(0, 1.0)
    """Seconds before the first further try, doubled each time, with jitter."""
    stream: bool = False
    """Whether replies are streamed; for endpoints that cut long silences."""
    patience: float = _at_least(1, 86_400.0)
    """Seconds that a mailbox waits for one answer."""


_WRITING = WritingConfig()


@dataclass(frozen=True)
class ModelConfig:
    """What there is to know of a model beside its name. Made by `loads`; read by the writers that ask."""

    model: str
    """As an agent's `writer` names it."""
    api_base: str = _matching(
        r"https?://[^@?#\s]+", "an address without user, password or key, such as http://127.0.0.1:8000/v1", ""
    )
    """Address of an endpoint that speaks OpenAI's protocol."""
    api_key_env: str = _matching(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable", "")
    """Environment variable with the key; never the key itself, since this text is stored with the run."""
    usd_in: float | None = _at_least(0, None)
    """Dollars for a million tokens of prompts; without it litellm's table, and where that knows nothing the model is unpriced."""
    usd_out: float | None = _at_least(0, None)
    """Dollars for a million tokens of replies."""


@dataclass(frozen=True)
class AgentConfig:
    """One learner. Made by `loads` or the engine, which names agents where a file names none; read by the loop and its writer."""

    name: str = _matching(r"[a-z][a-z0-9_-]{0,31}", "a short name of lower-case letters, digits, - and _", "")
    writer: str = "grammar"
    """`grammar`, the built-in one; a model as litellm names it, such as `openai/NAME`; `mailbox`; `replay`."""
    seat: int | None = _at_least(0, None)
    """Seat it learns for; None: seats are given out in order."""
    team: str = ""
    """Whose library it shares where access is `team`; empty: its team in the arena, or itself where it takes every seat."""
    models: tuple[str, ...] = _new(field(default=()))
    """Further models beside `writer`; which is asked is learnt from what their scripts were worth and cost."""
    fallback: tuple[str, ...] = _new(field(default=()))
    """Models to ask, in this order, where the chosen one does not answer."""
    temperature: tuple[float, ...] = _new(_within(0, 2, (1.0, 0.2)))
    """From the first generation to the last: exploration to exploitation."""
    folder: str = _new(field(default=""))
    """Of a mailbox: where questions are left and answers are looked for."""
    transcript: str = _new(field(default=""))
    """Of a replay: the recorded file."""
    read_only: bool = _new(field(default=False))
    """Whether it borrows and gives nothing."""


@dataclass(frozen=True)
class Config:
    """A whole experiment. Made by `load`, `loads` or `from_json`; read by the loop, stored with the run."""

    experiment: ExperimentConfig
    evaluation: EvaluationConfig = EvaluationConfig()
    library: LibraryConfig = LibraryConfig()
    budget: BudgetConfig = BudgetConfig()
    credit: CreditConfig = CreditConfig()
    sandbox: SandboxConfig = SandboxConfig()
    execution: ExecutionConfig = ExecutionConfig()
    writing: WritingConfig = field(default=_WRITING, metadata={"new": True})
    models: tuple[ModelConfig, ...] = _new(field(default=()))
    agents: tuple[AgentConfig, ...] = ()
    """Empty: named and seated by the engine, once the arena's seats are known."""


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
    """Canonical text: equal experiments have equal texts, wherever they are evaluated. Stored in the run."""
    tables = {name: table for name, table in _plain(config, brief=True).items() if name != "execution"}
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
    tables = _plain(config)
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
            raise ConfigError(_unknown(key, key, ()))
    if not isinstance(place, dict) or not parents:
        raise ConfigError(_unknown(key, key, ()))
    place[last] = value


def _config(tables: Any) -> Config:
    if isinstance(tables, dict) and "experiment" not in tables:
        raise ConfigError(f"expected a table [experiment] with the key arena; got {_listing(tables) or 'nothing'}")
    config = _record(Config, tables, "")
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


_Record = TypeVar("_Record")


def _record(kind: type[_Record], table: Any, where: str) -> _Record:
    """One table as its record, every key checked."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where or 'the file'}: expected a table, got {_shown(table)}")
    known = {known.name: known for known in fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            raise ConfigError(_unknown(_dotted(where, key), key, tuple(known)))
    for name, one in known.items():
        if name not in table and one.default is MISSING:
            raise ConfigError(f"{_dotted(where, name)}: expected a value, got none; it is the one key without a default")
    hints = _hints(kind)
    return kind(**{key: _value(hints[key], known[key], value, _dotted(where, key)) for key, value in table.items()})


def _value(hint: Any, one: Field[Any], value: Any, where: str) -> Any:
    """A value as its field's type, or an error that says what was expected."""
    if hint == Table:
        return _pairs(value, where)
    if get_origin(hint) is UnionType:
        return None if value is None else _value(next(arm for arm in get_args(hint) if arm is not NoneType), one, value, where)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        items = value if isinstance(value, list) else [value]
        if is_dataclass(inner) and not isinstance(value, list):
            raise ConfigError(f"{where}: expected [[{where}]] tables, got {_shown(value)}")
        return tuple(_value(inner, one, item, f"{where}[{index}]") for index, item in enumerate(items))
    if is_dataclass(hint):
        return _record(hint, value, where)  # type: ignore[arg-type]
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


def _plain(value: Any, hint: Any = None, brief: bool = False) -> Any:
    """Records as tables and tuples as lists, for JSON and for `override`; `brief` leaves out new keys that have their default."""
    if is_dataclass(value):
        hints = _hints(type(value))
        told = [one for one in fields(value) if not (brief and one.metadata.get("new") and getattr(value, one.name) == one.default)]
        return {one.name: _plain(getattr(value, one.name), hints[one.name], brief) for one in told}
    if hint == Table:
        return {key: _plain(inner) for key, inner in value}
    return [_plain(item, brief=brief) for item in value] if isinstance(value, tuple) else value


def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _dotted(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _unknown(where: str, key: str, siblings: Sequence[str]) -> str:
    """Message for an unknown key: the nearest sibling, else the same word in another table, else what there is."""
    near = get_close_matches(key, siblings, n=1)
    sections = {section.name: _hints(Config)[section.name] for section in fields(Config)}
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


def _listing(tables: Mapping[str, Any]) -> str:
    return ", ".join(f"[{name}]" for name in tables)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return f"{text[:60]}..." if len(text) > 63 else text
