"""A policy worker from the outside: arguments, replies, episodes, faults."""

from __future__ import annotations

import os
import signal
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest

from arenas.schema import ActionSpec, Field, Schema
from mascript.errors import SandboxError
from mascript.records import Program
from mascript.sandbox import Limits, PolicyWorker, Reply, Request, Sandbox, WorkerDied

SCHEMA = Schema((Field("x", "float", ()), Field("at", "Point", (2,))))
NAMED = ActionSpec("discrete", 3, ("stay", "left", "right"))
NUMBERED = ActionSpec("discrete", 3, start=5)
BOX = ActionSpec("box", 2, low=(-1.0, -1.0), high=(1.0, 1.0), shape=(2,))
Start = Callable[..., PolicyWorker]
Ask = Callable[..., Reply]


def body(*lines: str) -> str:
    return "def policy(observation, legal, memory, rng, seat, step):\n" + "".join(f"    {line}\n" for line in lines)


# arguments and replies


def test_a_named_action_becomes_its_index(start: Start, ask: Ask) -> None:
    worker = start("def policy(observation):\n    return 'right' if observation.at[1] == 3.0 else 'left'\n")
    assert worker.load_error is None
    assert ask(worker) == Reply(0, 2)


def test_parameters_are_bound_by_name_in_any_order(start: Start, ask: Ask) -> None:
    source = "def policy(step, legal, seat):\n    return legal[step] if seat == 0 else 'stay'\n"
    assert ask(start(source), step=1, legal=(0, 2)) == Reply(0, 2)


def test_elements_begin_at_start(start: Start, ask: Ask) -> None:
    assert ask(start("def policy(legal):\n    return legal[-1]\n", NUMBERED)).action == 2
    assert ask(start("def policy():\n    return 5\n", NUMBERED)).action == 0
    assert ask(start("def policy():\n    return 0\n", NUMBERED)).violation == "action"


def test_numpy_integers_are_actions(start: Start, ask: Ask) -> None:
    assert ask(start("import numpy as np\ndef policy():\n    return np.argmax(np.array([0.0, 3.0, 1.0]))\n")).action == 1


def test_an_action_that_is_not_legal_now_is_a_violation(start: Start, ask: Ask) -> None:
    reply = ask(start("def policy():\n    return 'left'\n"), legal=(0, 2))
    assert reply.violation == "action" and reply.detail == "'left' is not legal now; legal: 'stay', 'right'"


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("[0.5, observation.x]", Reply(0, (0.5, 1.5))),
        ("(1, 2)", Reply(0, (1.0, 2.0))),
        ("np.array([0.5, 2.0])", Reply(0, (0.5, 2.0))),
        ("[0.5]", "reply"),
        ("['a', 'b']", "reply"),
        ("None", "reply"),
        ("[1e999, 0.0]", "action"),
        ("[float('nan'), 0.0]", "action"),
    ],
)
def test_box_replies(start: Start, returned: str, expected: Any, ask: Ask) -> None:
    reply = ask(start(f"import numpy as np\ndef policy(observation):\n    return {returned}\n", BOX), legal=None)
    assert expected in (reply, reply.violation)


def test_composite_replies_follow_their_layout(start: Start, ask: Ask) -> None:
    layout = {"dict": {"a": {"leaf": 0, "kind": "box", "size": 2}, "b": {"leaf": 2, "kind": "discrete", "size": 1}}}
    actions = ActionSpec("composite", 3, layout=layout)
    source = "def policy():\n    return {'b': 3, 'a': (0.5, 1.0)}\n"
    assert ask(start(source, actions), legal=None).action == (0.5, 1.0, 3.0)
    assert ask(start("def policy():\n    return {'a': 1}\n", actions), legal=None).violation == "reply"


def test_multi_discrete_replies_are_ints(start: Start, ask: Ask) -> None:
    actions = ActionSpec("multi_discrete", 2)
    assert ask(start("def policy():\n    return (1, 2)\n", actions), legal=None).action == (1, 2)
    assert ask(start("def policy():\n    return (1.5, 2)\n", actions), legal=None).violation == "reply"


# episodes


def test_memory_and_module_state_are_fresh_with_each_episode(start: Start, ask: Ask) -> None:
    source = "seen = []\n" + body(
        "seen.append(1)", "memory['n'] = memory.get('n', 0) + 1", "return min(2, len(seen) + memory['n'] - 2)"
    )
    worker = start(source)
    assert [ask(worker, step=step, seed=1 if step == 0 else None).action for step in range(2)] == [0, 2]
    assert ask(worker, seed=2).action == 0


def test_slots_do_not_share_anything(start: Start) -> None:
    worker = start("seen = []\n" + body("seen.append(1)", "return len(seen) - 1"))
    packed = struct.pack("<3d", 0.0, 0.0, 0.0)
    worker.post([Request(slot, packed, (0, 1, 2), 0, slot) for slot in (4, 2)])
    assert worker.collect() == [Reply(4, 0), Reply(2, 0)]
    worker.post([Request(2, packed, (0, 1, 2), 1)])
    assert worker.collect() == [Reply(2, 1)]


def test_a_violation_forfeits_one_slot_only(start: Start, ask: Ask) -> None:
    worker = start(body("return 'right' if observation.x > 0 else [][0]"))
    assert ask(worker, slot=0, x=-1.0).violation == "error"
    assert ask(worker, slot=1, x=1.0).action == 2
    again = ask(worker, slot=0, x=1.0, seed=None)
    assert again.violation == "error" and again.detail == "IndexError: list index out of range (line 2)"
    assert ask(worker, slot=0, x=1.0, seed=3).action == 2


def test_steps_of_a_slot_may_share_a_message(start: Start) -> None:
    """What is recorded waits for no answer: all of it together is answered as it is one by one, a violation in the middle too."""
    source = body("memory['n'] = memory.get('n', 0) + 1", "return [0, 1, 2][memory['n'] - 1 + int(observation.x)]")

    def request(slot: int, step: int) -> Request:
        return Request(slot, struct.pack("<3d", float(slot), 2.0, 3.0), (0, 1, 2), step, slot if step == 0 else None)

    requests = [request(slot, step) for step in range(3) for slot in (0, 1)]
    at_once, apart = start(source), start(source)
    at_once.post(requests)
    expected = []
    for one in requests:
        apart.post([one])
        expected += apart.collect()
    assert at_once.collect() == expected
    assert [reply.violation for reply in expected] == ["", "", "", "", "", "error"]
    assert [reply.action for reply in expected] == [0, 1, 1, 2, 2, None]


def test_a_worker_plays_every_seat(start: Start, ask: Ask) -> None:
    worker = start(body("return 'right' if seat == 2 else 'left'"))
    packed = struct.pack("<3d", 0.0, 0.0, 0.0)
    worker.post([Request(0, packed, None, 0, 1), Request(1, packed, None, 0, 1, seat=2)])
    assert [reply.action for reply in worker.collect()] == [1, 2]
    worker.post([Request(0, packed, None, 1), Request(1, packed, None, 1)])
    assert [reply.action for reply in worker.collect()] == [1, 2]
    random = start(body("raise ValueError(rng.random())"))
    assert ask(random, seed=3) == ask(random, seed=3)
    random.post([Request(0, packed, None, 0, 3, seat=1)])
    assert random.collect() != [ask(random, seed=3)]


def test_the_stream_depends_on_the_seed_alone(start: Start, ask: Ask) -> None:
    source = body("memory['all'] = memory.get('all', ()) + (rng.random(),)", "raise ValueError(rng.randint(1, 10**9))")
    first, second = start(source), start(source)
    assert ask(first, seed=7) == ask(second, seed=7)
    assert ask(first, seed=8).detail != ask(second, seed=7).detail


def test_everything_that_rng_offers(start: Start, ask: Ask) -> None:
    lines = (
        "assert 0.0 <= rng.random() < 1.0 and 2.0 <= rng.uniform(2.0, 3.0) <= 3.0 and rng.randint(4, 4) == 4",
        "assert rng.choice((5,)) == 5 and isinstance(rng.gauss(0.0, 1.0), float)",
        "assert sorted(rng.shuffled(range(9))) == list(range(9)) and len(rng.sample('abc', 2)) == 2",
        "return 'stay'",
    )
    assert ask(start(body(*lines))) == Reply(0, 0)


# faults


@pytest.mark.parametrize(
    ("source", "reason"),
    [("def policy(:\n", "gate"), ("def other():\n    return 1\n", "gate"), ("x = 1 / 0\n" + body("return 0"), "load")],
)
def test_a_script_that_does_not_load(start: Start, source: str, reason: str, ask: Ask) -> None:
    worker = start(source)
    assert ask(worker).violation == reason
    error = worker.load_error
    assert error is not None and error.reason == reason and ask(worker, seed=2).detail == error.detail


def test_an_import_without_a_pin_does_not_load(start: Start, ask: Ask) -> None:
    reply = ask(start("from shared import nearest\n" + body("return 0")))
    assert reply.violation == "load" and "nearest" in reply.detail


def test_a_late_worker_dies_and_others_live(sandbox: Sandbox, start: Start, ask: Ask) -> None:
    other = start(body("return 0"))
    with Sandbox(Limits(deadline_s=0.3), gate=False) as impatient:
        worker = impatient.policy(Program("p", body("sum(range(10**10))")), 0, SCHEMA, NAMED)
        with pytest.raises(WorkerDied) as death:
            ask(worker)
    assert death.value.reason == "deadline"
    assert ask(other).action == 0


def test_memory_has_a_limit(ask: Ask) -> None:
    with Sandbox(Limits(memory_bytes=32 << 20), gate=False) as small:
        worker = small.policy(Program("p", body("bytearray(64 << 20)")), 0, SCHEMA, NAMED)
        with pytest.raises(WorkerDied) as death:
            ask(worker)
    assert death.value.reason == "memory"


def test_cpu_time_has_a_limit(ask: Ask) -> None:
    with Sandbox(Limits(cpu_s=1, deadline_s=20.0), gate=False) as small:
        worker = small.policy(Program("p", body("sum(range(10**10))")), 0, SCHEMA, NAMED)
        with pytest.raises(WorkerDied) as death:
            ask(worker)
    assert death.value.reason == "cpu"


def test_post_and_collect_take_turns(start: Start) -> None:
    worker = start(body("return 0"))
    with pytest.raises(SandboxError, match="post"):
        worker.collect()
    request = Request(0, struct.pack("<3d", 0, 0, 0), (0,), 0, 1)
    worker.post([request])
    with pytest.raises(SandboxError, match="collect"):
        worker.post([request])
    assert worker.collect()[0].action == 0


def test_observations_of_the_wrong_size_are_the_callers_fault(start: Start, ask: Ask) -> None:
    worker = start(body("return 0"))
    with pytest.raises(SandboxError, match="24 bytes"):
        worker.post([Request(0, b"short", (0,), 0, 1)])
    assert ask(worker).action == 0


def test_large_messages_pass(start: Start) -> None:
    schema = Schema((Field("pixels", "array", (64, 64), "f"),), {"leaf": 0})
    worker = start("import numpy as np\ndef policy(observation):\n    return int(observation.sum()) % 3\n", schema=schema)
    worker.post([Request(slot, struct.pack("<4096f", *[float(slot)] * 4096), (0, 1, 2), 0, slot) for slot in range(32)])
    assert [reply.action for reply in worker.collect()] == [slot * 4096 % 3 for slot in range(32)]


def test_a_killed_zygote_is_an_error_of_the_run(ask: Ask) -> None:
    sandbox = Sandbox()
    worker = sandbox.policy(Program("p", body("return 0")), 0, SCHEMA, NAMED)
    assert worker.load_error is None
    os.kill(sandbox._process.pid, signal.SIGKILL)
    with pytest.raises(SandboxError) as error:
        end = time.monotonic() + 20  # a busy machine takes its time to let it die
        while time.monotonic() < end:
            ask(worker)
    assert not isinstance(error.value, WorkerDied)
    sandbox.close()
