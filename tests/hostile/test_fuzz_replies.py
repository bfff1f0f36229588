"""Any bytes for a reply: a typed violation or a valid action, never an exception of another kind, never a wait."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arenas.schema import ActionSpec, Field, Schema
from mascript.records import Program
from mascript.sandbox import Limits, Reply, Request, Sandbox, WorkerDied, plain, wire

SPECS = (
    ActionSpec("discrete", 3, ("left", "stay", "right")),
    ActionSpec("discrete", 300),
    ActionSpec("box", 2, low=(-1.0, -1.0), high=(1.0, 1.0), shape=(2,)),
    ActionSpec("multi_discrete", 2, low=(0, 0), high=(3, 3), shape=(2,)),
)
SLOTS, LEGALS = (4, 9), ((0, 2), (0, 2))


@st.composite
def _damaged(draw: st.DrawFn, spec: ActionSpec) -> bytes:
    """A correct answer with some bytes changed, cut out or put in; or any bytes at all."""
    form = wire.action_struct(spec)
    numbers = st.tuples(
        *[st.integers(-3, 400) if form.format[-1] in "iq" else st.floats()] * (1 if spec.kind == "discrete" else spec.size)
    )
    parts = [wire.COUNT.pack(len(SLOTS))]
    for slot in SLOTS:
        if draw(st.booleans()):
            parts.append(wire.REPLY.pack(slot, 0) + form.pack(*draw(numbers)))
        else:
            parts.append(wire.pack_violation(slot, draw(st.sampled_from(wire.VIOLATIONS[1:])), draw(st.text(max_size=500))))
    body = bytearray(b"".join(parts))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(body)))
        body[start : start + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(body)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.kind} {spec.size}")
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_body_is_replies_or_a_fault(spec: ActionSpec, data: st.DataObject) -> None:
    body = data.draw(st.one_of(st.binary(max_size=200), _damaged(spec)))
    try:
        replies = wire.unpack_replies(body, SLOTS, LEGALS, spec, wire.action_struct(spec))
    except wire.ProtocolFault as fault:
        assert str(fault)
        return
    assert [reply.slot for reply in replies] == [4, 9]
    for reply in replies:
        _check(reply, spec)


def _check(reply: Reply, spec: ActionSpec) -> None:
    if reply.violation:
        assert reply.action is None and reply.violation in wire.VIOLATIONS
        assert len(reply.detail.encode()) <= 4 * 65536
    elif spec.kind == "discrete":
        assert reply.action in (0, 2)
    else:
        assert isinstance(reply.action, tuple) and len(reply.action) == spec.size
        assert all(math.isfinite(number) for number in reply.action)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(), st.text().map(str.encode), st.sampled_from([b"[" * 99_999, b'{"d":' * 999, b"9" * 9_999, b'{"f":1}']))
)
def test_any_text_is_a_plain_value_or_not_one(text: bytes) -> None:
    try:
        value = plain.loads(text)
    except plain.NotPlain:
        return
    assert plain.loads(plain.dumps(value)) == value or repr(plain.loads(plain.dumps(value))) == repr(value)  # NaN is not itself


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(deadline_s=20.0, reply_bytes=1000), gate=False) as made:
        yield made


@settings(max_examples=60, deadline=None)
@given(
    data=st.one_of(
        st.binary(min_size=1, max_size=80),
        st.integers(0, 2**32 - 1).map(lambda size: struct.pack("<IB", size, wire.DECIDED) + b"x" * 99),
    )
)
def test_whatever_a_worker_writes_the_host_goes_on(sandbox: Sandbox, data: bytes) -> None:
    source = f"import os\ndef policy():\n    os.write(1, {data!r})\n    os._exit(0)\n"
    worker = sandbox.policy(Program("bad", source), 0, Schema((Field("x", "float", ()),)), SPECS[0])
    with pytest.raises(WorkerDied) as death:
        worker.post([Request(4, struct.pack("<d", 1.0), (0, 2), 0, 1)])
        worker.collect()
        worker.post([Request(4, struct.pack("<d", 1.0), (0, 2), 1)])
        worker.collect()
    assert death.value.reason in ("protocol", "signal")


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=12), count=st.integers(0, 6), character=st.sampled_from("BH"))
def test_any_short_answer_is_indices_or_a_fault(body: bytes, count: int, character: str) -> None:
    try:
        chosen = wire.unpack_chosen(body, count, character)
    except wire.ProtocolFault:
        assert len(body) != count * struct.calcsize(character)
        return
    assert len(chosen) == count and all(0 <= index < 65536 for index in chosen)


@pytest.mark.parametrize(("answer", "expected"), [(b"\x02", (2, "")), (b"\x01", (None, "action")), (b"\xff", (None, "action"))])
def test_a_forged_short_answer_is_checked(sandbox: Sandbox, answer: bytes, expected: tuple[int | None, str]) -> None:
    """Ungated code writes the frame that its worker would have written, with an index that is legal, illegal, or none."""
    frame = struct.pack("<IB", len(answer), wire.CHOSEN) + answer
    source = f"import os, time\ndef policy():\n    os.write(1, {frame!r})\n    time.sleep(9)\n"
    worker = sandbox.policy(Program("forger", source), 0, Schema((Field("x", "float", ()),)), SPECS[0])
    worker.post([Request(4, struct.pack("<d", 1.0), (0, 2), 0, 1)])
    (reply,) = worker.collect()
    worker.close()
    assert (reply.action, reply.violation) == expected


def test_a_short_answer_where_actions_are_numbers_is_nonsense(sandbox: Sandbox) -> None:
    frame = struct.pack("<IB", 1, wire.CHOSEN) + b"\x00"
    source = f"import os\ndef policy():\n    os.write(1, {frame!r})\n    os._exit(0)\n"
    worker = sandbox.policy(Program("forger", source), 0, Schema((Field("x", "float", ()),)), SPECS[2])
    worker.post([Request(4, struct.pack("<d", 1.0), None, 0, 1)])
    with pytest.raises(WorkerDied) as death:
        worker.collect()
    assert death.value.reason == "protocol"
