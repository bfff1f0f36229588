"""Questions that go through litellm's real HTTP path to an endpoint on loopback, and are recorded in a real workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from library import DefaultBattery, Library
from mascript.evolve.runner import SteadyRunner
from mascript.journal import Calls, Reply, Spend, Workspace
from mascript.sandbox import Limits
from mascript.writers import model
from mascript.writers.correspondence import Desk, Question
from mascript.writers.fake_endpoint import FakeEndpoint
from mascript.writers.model import Endpoint, Request
from mascript.writers.models import Manners, Models
from mascript.writers.money import NANO, Nanodollars, Price
from mascript.writers.purse import Limits as Allowance
from mascript.writers.purse import Purse

RUN = "r-7-1"


@dataclass
class Office:
    """A desk with its models, as one process of a run has them. Made by `Offices.open`."""

    desk: Desk
    purse: Purse
    models: Models

    def ask(self, *questions: Question) -> list[Reply]:
        return self.desk.runs(self.desk.answers(self.models, questions))

    def spend(self) -> Spend:
        """What the run's one agent has spent on its one model."""
        (only,) = self.desk.calls.spend(self.desk.run)
        return only


class Offices:
    """Opens offices on one workspace; again after one was closed, as a resumed process does."""

    model = "openai/fake"
    usd_in, usd_out = 0.5, 2.0
    """Prices of the fake model per million tokens."""
    price = Price.per_million(usd_in, usd_out)
    manners = Manners(max_tokens=50, timeout=10.0, retries=8, backoff=0.01, concurrency=16)
    secret = "sk-not-a-real-secret-0123456789"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "work.db"

    @contextmanager
    def open(
        self,
        url: str,
        limits: Allowance | None = None,
        manners: Manners = manners,
        price: Price | None = price,
        run: str = RUN,
        deadline: float | None = None,
    ) -> Iterator[Office]:
        with Workspace.open(self.path, create=True) as workspace:
            calls = Calls(workspace)
            with Desk(run, 7, calls) as desk:
                purse = Purse(limits or Allowance(), calls.spend(run), deadline)
                endpoints = {name: Endpoint(name, url, "FAKE_KEY") for name in (self.model, "openai/second")}
                models = Models(desk, purse, manners, endpoints, dict.fromkeys(endpoints, price))
                desk.opened(models)
                yield Office(desk, purse, models)

    def question(self, slot: int = 0, text: str = "Write a script.", *, attempt: int = 0, models: tuple[str, ...] = ()) -> Question:
        """A question of a generation."""
        return Question("ada", 0, slot, attempt, ({"role": "user", "content": text},), models or (self.model,))

    def charged(self, endpoint: FakeEndpoint) -> Nanodollars:
        """The endpoint's own bill."""
        return round(endpoint.charged(self.usd_in, self.usd_out) * NANO)


@pytest.fixture(scope="session")
def litellm() -> None:
    """It takes seconds to import and to make its first call: no test's deadline should count them."""

    async def warm_up(url: str) -> None:
        message = {"role": "user", "content": "Are you there?"}
        for streamed in (False, True):
            await model.ask(Request(Endpoint("openai/fake", url), (message,), 1.0, 10, 60.0, streamed))
        await model.close()

    with FakeEndpoint(lambda _: "yes") as endpoint:
        asyncio.run(warm_up(endpoint.url))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that holds the starter set and that nobody writes: tests copy it."""
    path = tmp_path_factory.mktemp("seeded") / "starter.db"
    with Workspace.open(path, create=True) as workspace, SteadyRunner(Limits()) as runner, workspace.transaction() as db:
        Library(db).seed_starter(runner, DefaultBattery())
    return path


@pytest.fixture
def offices(tmp_path: Path, litellm: None, monkeypatch: pytest.MonkeyPatch) -> Offices:
    monkeypatch.setenv("FAKE_KEY", Offices.secret)
    return Offices(tmp_path)
