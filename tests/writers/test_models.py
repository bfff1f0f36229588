"""Asking models over real HTTP: faults, budgets to the cent, and what is never asked twice."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from mascript.errors import WriterError
from mascript.writers.fake_endpoint import FAULTS, Asked, FakeEndpoint, faulty
from mascript.writers.purse import Limits


def echo(asked: Asked) -> str:
    """A reply of its own for every request."""
    return f"reply {asked.index} to {asked.messages[-1]['content']}"


def test_a_reply_is_recorded_with_what_it_cost(offices: Any) -> None:
    with FakeEndpoint(echo) as endpoint, offices.open(endpoint.url) as office:
        (reply,) = office.ask(offices.question(text="A question."))
        assert (reply.outcome, reply.text, reply.model) == ("answered", "reply 0 to A question.", offices.model)
        (call,) = office.desk.calls.calls(office.desk.run)
        assert (call.state, call.cost, call.tokens_in, call.tokens_out) == ("answered", offices.charged(endpoint), 3, 6)
        assert call.held >= call.cost and call.held_tokens >= 9
        assert "A question." in office.desk.calls.text(reply.prompt)
        assert endpoint.served[0].asked.authorization == f"Bearer {offices.secret}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")  # of pydantic, in what litellm does with a stream
@pytest.mark.parametrize(
    ("fault", "streamed"),
    [
        *((fault, False) for fault in FAULTS),
        *((fault, True) for fault in ("reset", "truncated", "cut", "no_choices", "empty_chunks")),
    ],
)
def test_every_fault_is_met_and_tried_again(offices: Any, fault: str, streamed: bool) -> None:
    plan: Any = lambda asked: fault if asked.index == 0 else None  # noqa: E731
    manners = replace(offices.manners, timeout=2.0 if fault == "stall" else 10.0, stream=streamed)
    with FakeEndpoint(echo, plan, stall=4.0) as endpoint, offices.open(endpoint.url, manners=manners) as office:
        (reply,) = office.ask(offices.question(text="?" * 100))
        harmless = fault == "empty_chunks"
        assert (reply.outcome, reply.text) == ("answered", f"reply {0 if harmless else 1} to {'?' * 100}")
        first = office.desk.calls.calls(office.desk.run)[0]
        paid = endpoint.served[0].tokens_out > 0
        assert first.state == ("answered" if harmless else "uncertain" if paid else first.state)
        assert first.state != "sent"
        assert office.spend().cost >= offices.charged(endpoint)
        assert office.purse.cost == office.spend().cost


def test_a_third_of_calls_bad_and_nothing_is_lost_or_counted_twice(offices: Any) -> None:
    """200 questions, 35 % of calls bad, 16 at once: every question has one answer, and no bill is higher than what was counted."""
    manners = replace(offices.manners, timeout=5.0, retries=12)
    with FakeEndpoint(echo, faulty(0.35, seed=3), stall=7.0) as endpoint, offices.open(endpoint.url, manners=manners) as office:
        replies = office.ask(*(offices.question(slot, f"question {slot}") for slot in range(200)))
        assert [reply.outcome for reply in replies] == ["answered"] * 200
        assert all(reply.text.endswith(f" to question {slot}") for slot, reply in enumerate(replies))
        assert len({reply.text for reply in replies}) == 200
        spend, bad = office.spend(), sum(one.fault is not None for one in endpoint.served)
        assert bad >= 0.3 * len(endpoint.served) and spend.calls >= len(endpoint.served)
        assert spend.answered == 200
        # What was answered is counted exactly; what failed in doubt is counted at its most.
        answered = [call for call in office.desk.calls.calls(office.desk.run) if call.state == "answered"]
        assert sum(call.cost for call in answered) == sum(reply.cost for reply in replies)
        assert sum(reply.cost for reply in replies) <= offices.charged(endpoint) <= spend.cost


@pytest.mark.parametrize("limit", ["usd", "tokens", "calls"])
def test_a_budget_is_never_exceeded(offices: Any, limit: str) -> None:
    limits = {"usd": Limits(usd=0.005), "tokens": Limits(tokens=2_000), "calls": Limits(calls=17)}[limit]
    with FakeEndpoint(echo, faulty(0.3, seed=5), delay=0.01, stall=6.0) as endpoint:
        manners = replace(offices.manners, timeout=4.0)
        with offices.open(endpoint.url, limits, manners) as office:
            replies = office.ask(*(offices.question(slot, f"question {slot} " + "x" * 200) for slot in range(300)))
            spend = office.spend()
            assert {reply.outcome for reply in replies} == {"answered", "unaffordable"}
            assert offices.charged(endpoint) <= spend.cost <= (0.005 * 1e9 if limit == "usd" else spend.cost)
            assert spend.tokens <= (2_000 if limit == "tokens" else spend.tokens)
            assert len(endpoint.served) <= (17 if limit == "calls" else len(endpoint.served))
            assert f"budget.{limit} = " in office.desk.exhausted
            worst = office.desk.calls.calls(office.desk.run)[0]
            left = {"usd": 5_000_000 - spend.cost, "tokens": 2_000 - spend.tokens, "calls": 17 - spend.calls}[limit]
            assert left < {"usd": worst.held, "tokens": worst.held_tokens, "calls": 1}[limit]  # and it is used up


def test_what_is_recorded_is_not_asked_again(offices: Any) -> None:
    questions = [offices.question(slot) for slot in range(5)]
    with FakeEndpoint(echo) as endpoint:
        with offices.open(endpoint.url) as office:
            before = office.ask(*questions)
        with offices.open(endpoint.url) as office:  # a resumed process
            assert office.ask(*questions) == before
            assert len({reply.text for reply in before}) == 5  # equal prompts of several slots are several replies
        with offices.open(endpoint.url, run="r-7-2") as office:  # the same experiment again in the same workspace
            assert [reply.text for reply in office.ask(*questions)] == [reply.text for reply in before]
            assert office.desk.calls.spend("r-7-2") == []
            office.ask(replace(questions[0], temperature=0.5))
        assert len(endpoint.served) == 6


def test_a_refused_question_is_refused_again(offices: Any) -> None:
    questions = [offices.question(slot) for slot in range(4)]
    with FakeEndpoint(echo) as endpoint:
        with offices.open(endpoint.url, Limits(calls=2)) as office:
            before = office.ask(*questions)
        with offices.open(endpoint.url, Limits(calls=9)) as office:
            assert office.ask(*questions) == before
    assert [reply.outcome for reply in before].count("unaffordable") == 2


def test_a_call_cut_short_by_a_kill_counts_in_full(offices: Any) -> None:
    with FakeEndpoint(echo) as endpoint:
        with offices.open(endpoint.url) as office, office.desk.calls.workspace.transaction():
            office.desk.calls.hold(_place(office), offices.model, 900_000, 450, True)
        with offices.open(endpoint.url, Limits(usd=0.001)) as office:
            assert office.purse.cost == 900_000
            (reply,) = office.ask(offices.question(text="x" * 200))
            assert reply.outcome == "unaffordable" and not endpoint.served


def test_a_model_that_is_down_fails_fast_and_hands_over(offices: Any) -> None:
    with FakeEndpoint(echo) as endpoint:
        dead = endpoint.url
    began = time.monotonic()
    slow = replace(offices.manners, backoff=0.5, retries=50)
    with offices.open(dead, manners=slow) as office:
        with pytest.raises(WriterError, match=r"none of 30 questions was answered.*the endpoint is down.*--resume"):
            office.ask(*(offices.question(slot) for slot in range(30)))
        assert office.spend().calls < 30 and office.spend().cost == 0
        assert office.desk.calls.replies(office.desk.run) == []  # a resumed run asks again
    assert time.monotonic() - began < 30  # fifty tries of thirty questions with their waits would be a quarter of an hour
    plan: Any = lambda asked: "500" if asked.model == "fake" else None  # noqa: E731
    with FakeEndpoint(echo, plan) as endpoint, offices.open(endpoint.url, manners=replace(slow, retries=1)) as office:
        (reply,) = office.ask(offices.question(models=(offices.model, "openai/second")))
        assert reply.model == "openai/second"


def test_secrets_are_neither_stored_nor_said(offices: Any) -> None:
    tell = lambda asked: f"your key is {asked.authorization}"  # noqa: E731
    plan: Any = lambda asked: "500" if asked.index < 1 else None  # noqa: E731
    with FakeEndpoint(tell, plan) as endpoint, offices.open(endpoint.url) as office:
        (reply,) = office.ask(offices.question())
        assert reply.text == "your key is Bearer [secret]"
    stored = b"".join(path.read_bytes() for path in offices.path.parent.iterdir())
    assert offices.secret.encode() not in stored


def test_a_hundred_calls_at_once(offices: Any) -> None:
    """Scaled to 2 s a call, for any load of the machine; the target itself, 10 s a call and all settled in 10.5 s, is
    `mascript bench writers`, for an idle one."""
    manners = replace(offices.manners, concurrency=100, timeout=60.0)
    with FakeEndpoint(echo, delay=2.0) as endpoint, offices.open(endpoint.url, manners=manners) as office:
        began, worked = time.monotonic(), time.thread_time()
        replies = office.ask(*(offices.question(slot) for slot in range(100)))
        seconds, worked = time.monotonic() - began, time.thread_time() - worked
    assert len(endpoint.served) == 100 and {reply.outcome for reply in replies} == {"answered"}
    assert seconds < 20  # a tenth of one after another
    assert worked < 3  # of the processor, which a busy machine gives in pieces


def _place(office: Any) -> Any:
    from mascript.journal import Place

    return Place(office.desk.run, "ada", 0, 0, 0)
