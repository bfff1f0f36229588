"""The library's runner: calls and docstring examples in a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from library.records import Call, Linked
from library.starter import starter_functions
from mascript.sandbox import Limits, Sandbox, SandboxRunner, check_source

ADD = '''
def add(left: int, right: int) -> int:
    """Sum.

    >>> add(1, 2)
    3
    >>> add(2, 2)
    5
    >>> total = add(
    ...     1,
    ...     1,
    ... )
    >>> total
    2
    >>> add("a", 1)
    Traceback (most recent call last):
    TypeError: no
    """
    return left + right
'''


@pytest.fixture(scope="module")
def runner() -> Iterator[SandboxRunner]:
    with Sandbox(Limits(deadline_s=2.0, fuel=5000)) as sandbox:
        yield SandboxRunner(sandbox)


def one(source: str, name: str = "add") -> list[Linked]:
    return [Linked("sha256:a", name, source)]


def test_calls_keep_values_and_order(runner: SandboxRunner) -> None:
    outcomes = runner.run(one(ADD), "sha256:a", [Call((1, 2)), Call(("a", 1)), Call(([1], [(2.5, None)]))])
    assert [outcome.value for outcome in outcomes] == [3, None, [1, (2.5, None)]]
    assert outcomes[1].error == 'TypeError: can only concatenate str (not "int") to str (shared add, line 19)'
    assert outcomes[0].fuel == 1


def test_examples_are_compared(runner: SandboxRunner) -> None:
    outcomes = runner.run_doctests(one(ADD), "sha256:a")
    assert [outcome.error for outcome in outcomes] == ["", "expected 5, got 4", "", "", ""]


def test_endless_and_unplain_outcomes(runner: SandboxRunner) -> None:
    source = "def add(n: int) -> int:\n    while n:\n        pass\n    return lambda: 1\n"
    endless, unplain = runner.run(one(source), "sha256:a", [Call((1,)), Call((0,))])
    assert endless.error == "fuel: more than 5000 units"
    assert unplain.error.startswith("reply: expected numbers, strings")


def test_calls_share_no_state_and_dependencies_are_linked(runner: SandboxRunner) -> None:
    outer = "from shared import add\n\n\ndef outer(n: int) -> int:\n    return add(n, n)\n"
    functions = [*one(ADD), Linked("sha256:o", "outer", outer, (("add", "sha256:a"),))]
    assert [outcome.value for outcome in runner.run(functions, "sha256:o", [Call((1,)), Call((2,))])] == [2, 4]


def test_a_refused_function_says_why(runner: SandboxRunner) -> None:
    (outcome,) = runner.run(one("import os\n\n\ndef add() -> int:\n    return 1\n"), "sha256:a", [Call(())])
    assert outcome.error.startswith("gate: imports: shared function add")


def test_a_dead_worker_is_an_outcome_and_the_next_call_runs() -> None:
    source = "def add(n):\n    import os\n    return os.kill(0, 9) if n else 5\n"
    with Sandbox(gate=False) as sandbox:
        outcomes = SandboxRunner(sandbox).run(one(source), "sha256:a", [Call((1,)), Call((0,))])
    assert outcomes[0].error == "signal: SIGSYS: a forbidden system call" and outcomes[1].value == 5


def test_the_starter_set_passes_gate_and_examples(runner: SandboxRunner) -> None:
    alone = [function for function in starter_functions() if "from shared import" not in function.source]
    assert len(alone) > 10
    for function in alone:
        check_source(function.source, "function")
        outcomes = runner.run_doctests(one(function.source, function.name), "sha256:a")
        assert outcomes and [outcome.error for outcome in outcomes if outcome.error] == [], function.name
