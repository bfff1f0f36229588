"""Shared functions in a policy worker: linked, counted, recorded, replaced."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from arenas.schema import ActionSpec, Field, Schema
from mascript.records import LinkedFunction, Program, Replacement
from mascript.sandbox import Limits, PolicyWorker, Reply, Sandbox

Start = Callable[..., PolicyWorker]
Ask = Callable[..., Reply]
SCHEMA = Schema((Field("x", "float", ()), Field("at", "Point", (2,))))
NAMED = ActionSpec("discrete", 3, ("stay", "left", "right"))


def body(*lines: str) -> str:
    return "def policy(observation, legal, memory, rng, seat, step):\n" + "".join(f"    {line}\n" for line in lines)


DOUBLE = LinkedFunction("sha256:d", "double", "def double(n: int) -> int:\n    return n * 2\n")
TWICE = LinkedFunction(
    "sha256:t",
    "twice",
    "from shared import double\n\n\ndef twice(n: int) -> int:\n    return double(double(n))\n",
    (("double", "sha256:d"),),
)
SCRIPT = "from shared import twice, double\n" + body(
    "memory['a'] = rng.random()", "raise ValueError((twice(step), double(1), rng.random()))"
)
PROGRAM = Program("pid", SCRIPT, (("twice", "sha256:t"), ("double", "sha256:d")), (DOUBLE, TWICE))


def test_functions_are_linked_by_identity(start: Start, ask: Ask) -> None:
    assert ask(start("", program=PROGRAM), step=3).detail.startswith("ValueError: (12, 2, ")


def test_a_later_worker_is_given_the_compiled_program(sandbox: Sandbox, start: Start, ask: Ask) -> None:
    """It decides, fails and spends as the first one, and is loaded in a fraction of the time."""
    text = "from shared import twice\n" + body(
        "total = 0", *[f"total += {n} % (step + 1)" for n in range(300)], "return twice(1) // total"
    )
    program = Program("compiled", text, (("twice", "sha256:t"),), (DOUBLE, TWICE))

    def load() -> tuple[PolicyWorker, float]:
        began = time.monotonic()
        worker = start("", program=program)
        assert worker.load_error is None
        return worker, time.monotonic() - began

    first, cold = load()
    later = [load() for _ in range(5)]
    assert ask(first).detail == "ZeroDivisionError: integer division or modulo by zero (line 304)"
    assert [ask(worker) for worker, _ in later] == [ask(first)] * 5
    assert min(seconds for _, seconds in later) < cold / 2
    replaced = Program("compiled", text, program.imports, program.functions, (Replacement("sha256:t", "constant", (0,)),))
    assert ask(start("", program=replaced), step=4).action == 0


def test_a_compiling_worker_that_dies_or_refuses_is_not_missed(sandbox: Sandbox, start: Start, ask: Ask) -> None:
    """Its next program gets another one; a program that it cannot compile is compiled, or refused, by its own worker."""
    assert ask(start(body("return 1  # before"))).action == 1
    first = sandbox._compiler
    assert first is not None
    sandbox.status(first._number)  # kills it, and returns when it is dead
    assert ask(start(body("return 2  # after"))).action == 2
    assert not first.living
    assert ask(start(body("return 0  # later"))).action == 0
    assert sandbox._compiler is not first and sandbox._compiler.living
    refused = ask(start("import os\n" + body("return 0")))
    assert (refused.violation, "os" in refused.detail) == ("gate", True)
    long = "".join(f"x = [{n}, {-n}, {n}.5]\n" for n in range(2200))
    with Sandbox(Limits(reply_bytes=20_000)) as narrow:
        assert ask(narrow.policy(Program("long", long + body("return 2")), 0, SCHEMA, NAMED)).action == 2
        assert not narrow._compiled.get((long + body("return 2"), (), (), False, False))


def test_a_replacement_is_metered_for_what_it_may_hold(start: Start, ask: Ask) -> None:
    """Without one no set can come up here, so `&` costs nothing; what was recorded may be a set, so it is compiled anew."""
    lines = ("one = two = double(1)", "for _ in range(1000):", "    one = one & two", "return 0")
    text = "from shared import double\n" + body(*lines)
    program = Program("pid", text, (("double", "sha256:d"),), (DOUBLE,))
    assert ask(start("", program=program)).action == 0
    large = Replacement("sha256:d", "constant", (set(range(20_000)),))
    replaced = Program("pid", text, program.imports, program.functions, (large,))
    assert ask(start("", program=replaced)).violation == "fuel"


def test_calls_are_counted_per_slot(start: Start, ask: Ask) -> None:
    worker = start("", program=PROGRAM, count_calls=True)
    ask(worker, slot=3)
    ask(worker, slot=5)
    assert worker.counts(3) == worker.counts(5) == {"sha256:d": 3, "sha256:t": 1}
    ask(worker, slot=3, seed=9)
    assert worker.counts(3) == {"sha256:d": 3, "sha256:t": 1}
    assert worker.counts(60) == {}


def test_outputs_are_recorded_evenly_and_bounded(start: Start, ask: Ask) -> None:
    source = "from shared import double\n" + body("[double(n) for n in range(3000)]", "return 0")
    program = Program("pid", source, (("double", "sha256:d"),), (DOUBLE,))
    worker = start("", program=program, record=("sha256:d",))
    assert worker.recorded() == {"sha256:d": []}
    ask(worker)
    (values,) = worker.recorded().values()
    assert 256 < len(values) <= 512 and values[:3] == [0, 16, 32] and values == list(range(0, 6000, 16))


def test_large_outputs_are_thinned_to_fit_a_reply(start: Start, ask: Ask) -> None:
    many = LinkedFunction("sha256:m", "many", "def many(n: int) -> list[int]:\n    return list(range(n))\n")
    source = "from shared import many\n" + body("[many(2000) for n in range(60)]", "many(60000)", "return 0")
    worker = start("", program=Program("pid", source, (("many", "sha256:m"),), (many,)), record=("sha256:m",))
    assert ask(worker).action == 0
    values = worker.recorded()["sha256:m"]
    assert 20 <= len(values) <= 60 and {len(value) for value in values} == {2000}


def test_a_replacement_reaches_the_whole_closure_and_moves_nothing_else(start: Start, ask: Ask) -> None:
    plain = ask(start("", program=PROGRAM), step=3).detail
    assert plain == ask(start("", program=replaced("none")), step=3).detail
    constant = ask(start("", program=replaced("constant", (10,))), step=3).detail
    assert constant.startswith("ValueError: (10, 10, ") and constant.split(", ")[2] == plain.split(", ")[2]
    resampled = [ask(start("", program=replaced("resample", tuple(range(100, 200)), seed)), step=3).detail for seed in (1, 1, 2)]
    assert resampled[0] == resampled[1] != resampled[2]
    assert resampled[0].split(", ")[2] == plain.split(", ")[2]
    assert 100 <= int(resampled[0].split("(")[1].split(",")[0]) < 200


def replaced(kind: Any, values: tuple[Any, ...] = (), seed: int = 0) -> Program:
    return Program("pid", SCRIPT, PROGRAM.imports, PROGRAM.functions, (Replacement("sha256:d", kind, values, seed),))


def test_replacement_values_keep_their_types_and_are_not_shared(start: Start, ask: Ask) -> None:
    source = "from shared import double\n" + body("v = double(1)", "v[1].append(step)", "raise ValueError(v)")
    value = ((1.0, float("inf")), [], {"a": (True, None)})
    program = Program("p", source, (("double", "sha256:d"),), (DOUBLE,), (Replacement("sha256:d", "constant", (value,)),))
    worker = start("", program=program)
    expected = "ValueError: ((1.0, inf), [7], {'a': (True, None)}) (line 5)"
    assert ask(worker, step=7).detail == ask(worker, step=7, seed=2).detail == expected


# numpy
