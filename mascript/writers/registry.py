"""Which writers there are. One that needs nobody is added by one line here; one that asks is a text writer with a correspondent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from mascript.config import AgentConfig, Config
from mascript.errors import ConfigError
from mascript.journal import Rows
from mascript.writers import model
from mascript.writers.bandit import choose, history
from mascript.writers.base import AnyWriter, Brief, Writer
from mascript.writers.correspondence import Desk
from mascript.writers.mailbox import Mailbox
from mascript.writers.model import Endpoint
from mascript.writers.models import Manners, Models
from mascript.writers.money import Price
from mascript.writers.prompt import Bounds
from mascript.writers.purse import Limits, Purse
from mascript.writers.text_writer import Style, TextWriter
from mascript.writers.transcript import Transcript

WRITERS: dict[str, str] = {
    "grammar": "mascript.writers.grammar.writer:GrammarWriter",
    "synthesis": "mascript.writers.synthesis.writer:SynthesisWriter",
}
"""Writers that ask nobody: name in an experiment file -> "module:class", imported when asked for."""
ASKING = ("mailbox", "replay")
"""Names of writers that ask somebody else than a model; a name with a slash is a model's."""


@dataclass(frozen=True)
class Staff:
    """The writers of an open run. Made by `hire`; read by the loop and the engine."""

    writers: dict[str, AnyWriter]
    """By agent."""
    models: Models | None
    """None where no agent asks one."""


def make_writer(name: str) -> Writer:
    """Return the writer of this name that asks nobody.

    Raises:
        ConfigError: no such writer.
    """
    if name not in WRITERS:
        near = get_close_matches(name, [*WRITERS, *ASKING], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        names = ", ".join([*sorted(WRITERS), *ASKING])
        raise ConfigError(f"agents.writer: expected one of {names}, or a model such as openai/NAME, got {name!r}{hint}")
    module, _, attribute = WRITERS[name].partition(":")
    factory: Callable[[], Writer] = getattr(import_module(module), attribute)
    return factory()


def models_of(agents: Iterable[AgentConfig]) -> list[str]:
    """Return every model that the agents may ask, in order of appearance."""
    named = (name for agent in agents if _is_model(agent.writer) for name in (agent.writer, *agent.models, *agent.fallback))
    return list(dict.fromkeys(named))


def check(config: Config) -> None:
    """Refuse writers that could not write a word, before a run is opened; loads litellm where a model is asked.

    Raises:
        ConfigError: no such writer, a key is missing, a file or folder is not named, or nothing bounds what a model may spend.
    """
    for agent in config.agents:
        if agent.writer == "mailbox" and not agent.folder:
            raise ConfigError(f"agents.{agent.name}.folder: expected the folder of its mailbox, got none")
        if agent.writer == "replay" and not agent.transcript:
            raise ConfigError(f"agents.{agent.name}.transcript: expected a file that `mascript transcript` wrote, got none")
        if not _is_model(agent.writer) and agent.writer not in ASKING:
            make_writer(agent.writer)
        if not agent.temperature:
            raise ConfigError(f"agents.{agent.name}.temperature: expected a number or several, got none")
    names = models_of(config.agents)
    endpoints = endpoints_of(config, names)
    for name in names:
        model.check(endpoints[name])
    unpriced = [name for name, price in prices_of(config, names).items() if price is None]
    if unpriced and config.budget.usd is not None and config.budget.tokens is None:
        raise ConfigError(
            f"budget.usd cannot bound {', '.join(unpriced)}, whose price is not known; give usd_in and usd_out under [[models]], "
            "or bound it by budget.tokens"
        )


def endpoints_of(config: Config, names: Iterable[str]) -> dict[str, Endpoint]:
    """Return where each model is reached."""
    told = {one.model: one for one in config.models}
    return {name: Endpoint(name, told[name].api_base, told[name].api_key_env) if name in told else Endpoint(name) for name in names}


def prices_of(config: Config, names: Iterable[str]) -> dict[str, Price | None]:
    """Return what each model costs: as the file says, else as litellm's table does, else None."""
    told = {one.model: one for one in config.models}
    prices: dict[str, Price | None] = {}
    for name in names:
        one = told.get(name)
        if one is not None and (one.usd_in is not None or one.usd_out is not None):
            prices[name] = Price.per_million(one.usd_in or 0.0, one.usd_out or 0.0)
        else:
            prices[name] = model.price_of(name)
    return prices


def limits_of(config: Config) -> Limits:
    """Return what the run's calls may come to."""
    return Limits(config.budget.usd, config.budget.tokens, config.budget.calls)


def hire(config: Config, desk: Desk, rows: Rows) -> Staff:
    """Return the writers of a run's agents.

    Args:
        config: the experiment, its agents named.
        desk: where those that ask somebody do so.
        rows: what became of earlier scripts, from which it is learnt which model to ask.

    Raises:
        ConfigError, WriterError: one of them could not write; see `check`.
    """
    names = models_of(config.agents)
    models = None
    if names:
        purse = Purse(limits_of(config), desk.calls.spend(desk.run))
        told = config.writing
        manners = Manners(told.max_tokens, told.timeout, told.retries, told.backoff, told.concurrency, told.stream)
        models = Models(desk, purse, manners, endpoints_of(config, names), prices_of(config, names))
        desk.opened(models)
    return Staff({agent.name: _writer(agent, config, desk, rows, models) for agent in config.agents}, models)


def _writer(agent: AgentConfig, config: Config, desk: Desk, rows: Rows, models: Models | None) -> AnyWriter:
    told = config.writing
    shelf = config.library
    gives = shelf.access != "none" and shelf.contribute and not shelf.read_only and not agent.read_only
    requests = told.requests if gives else 0
    bounds = Bounds(told.prompt_tokens, told.diff, requests > 0)
    style = Style(bounds, agent.temperature, agent.fallback, told.repairs, requests)
    if agent.writer == "mailbox":
        return TextWriter(
            desk, Mailbox(desk, Path(agent.folder), told.patience), style, f"mailbox: whoever answers in {agent.folder}"
        )
    if agent.writer == "replay":
        return TextWriter(desk, Transcript(desk, Path(agent.transcript), agent.differing), style, f"replay of {agent.transcript}")
    if models is not None and _is_model(agent.writer):
        names = tuple(dict.fromkeys([agent.writer, *agent.models]))
        return TextWriter(desk, models, style, f"models: {', '.join(names)}", _chooser(agent.name, names, desk, rows))
    return make_writer(agent.writer)


def _chooser(agent: str, names: Sequence[str], desk: Desk, rows: Rows) -> Callable[[Brief, int], Sequence[str]]:
    def chosen(brief: Brief, count: int) -> Sequence[str]:
        pulls = history(desk.calls.replies(desk.run, agent), rows.policies(desk.run, agent), brief.generation)
        return choose(names, pulls, count)

    return chosen


def _is_model(name: str) -> bool:
    return "/" in name
