"""What a run's calls can come to, before the first is sent."""

from __future__ import annotations

from dataclasses import dataclass

from mascript.config import AgentConfig, Config
from mascript.writers.money import Nanodollars, Price, usd
from mascript.writers.registry import models_of, prices_of
from mascript.writers.requesting import MOST


@dataclass(frozen=True)
class Estimate:
    """What one agent's calls come to at most if no call fails. Made by `estimates`; read by `run --dry-run`."""

    agent: str
    models: tuple[str, ...]
    questions: int
    """Scripts asked for, repairs not counted."""
    calls: int
    """With every script sent back as often as it may be."""
    tokens: int
    """Every prompt and reply as long as it may be."""
    usd: float | None
    """At the price of the dearest model; None where the price of one is not known."""
    unpriced: tuple[str, ...]


def estimates(config: Config) -> list[Estimate]:
    """Return an estimate for each agent that asks a model; loads litellm for its prices where the file gives none."""
    return [_estimate(config, agent) for agent in config.agents if models_of([agent])]


def _estimate(config: Config, agent: AgentConfig) -> Estimate:
    names = tuple(models_of([agent]))
    prices = prices_of(config, names)
    experiment, writing = config.experiment, config.writing
    founding = min(experiment.founding, experiment.generations)
    questions = experiment.first_candidates * founding + experiment.candidates * (experiment.generations - founding)
    functions = MOST if writing.requests else 0
    calls = questions * (1 + functions) * (1 + writing.repairs)
    # A repair shows the first prompt and the reply again; each further one what came since.
    prompts = [writing.prompt_tokens + turn * (writing.max_tokens + 100) for turn in range(1 + writing.repairs)]
    into, out = questions * (1 + functions) * sum(prompts), calls * writing.max_tokens
    unpriced = tuple(name for name, price in prices.items() if price is None)
    cost = None if unpriced else max(_cost(price, into, out) for price in prices.values())
    return Estimate(agent.name, names, questions, calls, into + out, None if cost is None else usd(cost), unpriced)


def _cost(price: Price | None, into: int, out: int) -> Nanodollars:
    return price.of(into, out) if price is not None else 0
