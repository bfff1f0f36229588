"""Language models as correspondents: budget, retries, fallback, and a record of every call before it is sent."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from mascript.journal import Reply
from mascript.journal.calls import CallState
from mascript.seeds import stream
from mascript.writers import model
from mascript.writers.correspondence import Asked, Desk
from mascript.writers.model import Answer, CallFailed, Endpoint, Request
from mascript.writers.money import Nanodollars, Price, most_tokens
from mascript.writers.purse import Purse

UNREACHABLE = 3
"""Failures to connect in a row after which an endpoint counts as down."""
LONGEST_WAIT = 60.0
"""Seconds between two tries at most, whatever the endpoint asks for."""


@dataclass(frozen=True)
class Manners:
    """How models are asked. Made from the configuration; read by `Models`."""

    max_tokens: int = 2_000
    """Of a reply."""
    timeout: float = 120.0
    """Seconds for one call."""
    retries: int = 5
    """Further tries of one model after a failure that may pass."""
    backoff: float = 1.0
    """Seconds before the first further try, doubled each time, with jitter."""
    concurrency: int = 8
    """Calls under way at once."""
    stream: bool = False


@dataclass
class _Standing:
    """How an endpoint has behaved. Changed by every call of it."""

    unreachable: int = 0
    down: str = ""
    """Why it is asked no more in this generation; empty while it is."""


class Models:
    """Implements `mascript.writers.correspondence.Correspondent` over any number of models.

    Args:
        desk: where calls and replies are recorded.
        purse: the run's allowance, shared by all agents.
        manners: how to ask.
        endpoints: where to reach a model; the usual place of its provider where it is not named.
        prices: what a model costs; None where nobody knows.
    """

    def __init__(
        self, desk: Desk, purse: Purse, manners: Manners, endpoints: Mapping[str, Endpoint], prices: Mapping[str, Price | None]
    ) -> None:
        self.desk, self.purse, self.manners, self.endpoints, self.prices = desk, purse, manners, endpoints, prices
        self._places = asyncio.Semaphore(manners.concurrency)
        self._standings: dict[str, _Standing] = {}

    async def write(self, asked: Asked) -> Reply:
        """Ask the models of a question in turn until one answers."""
        model.prepare()
        why = "no model was named"
        for name in asked.question.models:
            outcome = await self._try(asked, name)
            if isinstance(outcome, Reply):
                return outcome
            why = f"{name}: {outcome}"
        return asked.reply("failed", why)

    async def close(self) -> None:
        """Close litellm's connections."""
        await model.close()

    async def _try(self, asked: Asked, name: str) -> Reply | str:
        """Ask one model until it answers, it is clear that it will not, or the tries are used up; return the reply, or why none."""
        rng = stream(self.desk.seed, "backoff", asked.key, name)  # decides when, never what
        standing = self._standings.setdefault(name, _Standing())
        why = ""
        for tried in range(self.manners.retries + 1):
            async with self._places:
                if standing.down:  # it may have gone down while this call waited for its place
                    return standing.down
                outcome = await self._call(asked, name, standing)
            if isinstance(outcome, Reply):
                return outcome
            why = str(outcome)
            if outcome.kind not in model.RETRIED:
                break
            if tried < self.manners.retries and not standing.down:
                await asyncio.sleep(min(self.purse.left(), _wait(self.manners.backoff, tried, outcome.wait, rng)))
        return why

    async def _call(self, asked: Asked, name: str, standing: _Standing) -> Reply | CallFailed:
        """One call: held, recorded, sent, settled."""
        question, price = asked.question, self.prices.get(name)
        tokens_in = most_tokens(message["content"] for message in question.messages)
        cost = price.of(tokens_in, self.manners.max_tokens) if price else 0
        held = (cost, tokens_in + self.manners.max_tokens)
        if why := await self.purse.take(*held):
            return asked.reply("unaffordable", why)
        call = await self.desk.together(lambda: self.desk.calls.hold(asked.place, name, *held, price is not None))
        began = monotonic()
        try:
            answer = await model.ask(self._request(asked, name))
        except CallFailed as failure:
            _note(standing, failure)
            await self._settle_failed(call, failure, held, monotonic() - began)
            return failure
        standing.unreachable, standing.down = 0, ""
        return await self._settle(asked, name, call, answer, price, held)

    def _request(self, asked: Asked, name: str) -> Request:
        question, manners = asked.question, self.manners
        timeout = max(0.1, min(manners.timeout, self.purse.left()))
        endpoint = self.endpoints.get(name, Endpoint(name))
        messages = tuple(question.messages)
        return Request(endpoint, messages, question.temperature, manners.max_tokens, timeout, manners.stream)

    async def _settle_failed(self, call: int, failure: CallFailed, held: tuple[Nanodollars, int], seconds: float) -> None:
        uncertain = failure.kind in model.UNCERTAIN
        state: CallState = "uncertain" if uncertain else "free"
        calls, error = self.desk.calls, f"{failure.kind}: {failure}"
        await self.desk.together(lambda: calls.settle(call, state, seconds=seconds, error=error))
        await self.purse.settle(held, held if uncertain else (0, 0))

    async def _settle(
        self, asked: Asked, name: str, call: int, answer: Answer, price: Price | None, held: tuple[Nanodollars, int]
    ) -> Reply:
        """Record a reply together with what it cost: an endpoint that does not say how many tokens it took is paid in full."""
        told = answer.tokens_in is not None and answer.tokens_out is not None
        tokens_in, tokens_out = answer.tokens_in or 0, answer.tokens_out or 0
        if not told:
            tokens_in, tokens_out = held[1] - self.manners.max_tokens, self.manners.max_tokens
        cost = price.of(tokens_in, tokens_out) if price else 0
        text = model.redacted(answer.text)
        details = {"model": name, "tokens_in": tokens_in, "tokens_out": tokens_out, "cost": cost, "complete": answer.complete}
        reply = asked.reply("answered", text, **details)

        def both() -> None:
            calls, took = self.desk.calls, answer.seconds
            calls.settle(call, "answered", cost=cost, tokens_in=tokens_in, tokens_out=tokens_out, seconds=took)
            calls.record(reply, asked.text)

        await self.desk.together(both)
        await self.purse.settle(held, (cost, tokens_in + tokens_out))
        return reply

    def new_generation(self) -> None:
        """Try endpoints again that could not be reached."""
        self._standings.clear()


def _note(standing: _Standing, failure: CallFailed) -> None:
    """A key that is wrong stays wrong, and an endpoint that nobody can connect to is down: asking on would only take time."""
    standing.unreachable = standing.unreachable + 1 if failure.kind == "unreachable" else 0
    if failure.kind == "denied":
        standing.down = f"refused for good: {failure}"
    elif standing.unreachable >= UNREACHABLE:
        standing.down = f"the endpoint is down, {standing.unreachable} tries in a row did not connect: {failure}"


def _wait(backoff: float, tried: int, asked: float, rng: random.Random) -> float:
    """Seconds before the next try: doubled each time, spread by half either way, and no less than the endpoint asked for."""
    return min(LONGEST_WAIT, max(asked, backoff * float(2**tried) * rng.uniform(0.5, 1.5)))
