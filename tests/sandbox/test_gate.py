"""The gate: what passes, what is refused, by which gate, at which line, and with what hint."""

from __future__ import annotations

import pytest

from mascript.errors import GateError
from mascript.sandbox import check_source, safe_parse

GOOD = '''
from __future__ import annotations

import math

import numpy as np
from shared import Point, nearest

WEIGHTS = (0.5, -1.0)


def score(at: Point, others: list[Point], scale: float = 1.0) -> float:
    """Distance to the nearest."""
    best = [math.dist(at, other) for other in others]
    return min(best, default=0.0) * scale


def policy(observation, legal, memory, rng):
    seen = memory.setdefault("seen", set())
    seen.add(observation.at)
    if observation.at in seen and len({1, 2}) > 1:
        pass
    best, value = None, -math.inf
    for action in legal:
        match action:
            case "left" | "right":
                gain = score(observation.at, observation.others) + rng.random()
            case _:
                gain = 0.0
        if (new := gain) > value:
            best, value = action, new
    try:
        total = sum(w * x for w, x in zip(WEIGHTS, sorted(seen)[0]))
    except (ValueError, IndexError) as error:
        raise TypeError(f"none of {len(seen):3d}") from error
    finally:
        counter = 0
    pick = lambda items: items[nearest(items, observation.at)]
    a, *rest = [total, *WEIGHTS, counter]
    return best if best is not None and np.argmax(np.array(rest)) >= 0 and pick(((a, 0.0),)) else legal[0]
'''

POLICY = "def policy(legal):\n    return legal[0]\n"


def test_an_ordinary_script_passes() -> None:
    check_source(GOOD, "script")


def in_policy(line: str) -> str:
    return f"def policy(legal, memory, observation):\n    {line}\n    return legal[0]\n"


@pytest.mark.parametrize(
    ("source", "gate", "line", "hint"),
    [
        ("x = (1\n" + POLICY, "parse", 1, "never closed"),
        ("import os\n" + POLICY, "imports", 1, "import math"),
        ("from math import factorial\n" + POLICY, "imports", 1, "factorial"),
        ("from shared import *\n" + POLICY, "imports", 1, "name what"),
        (in_policy("import math"), "imports", 2, "top"),
        (in_policy("print(1)"), "names", 2, "memory"),
        (in_policy("x = id(legal)"), "names", 2, "run to run"),
        (in_policy("x = nowhere"), "names", 2, "shared"),
        (in_policy("x = legal.__class__"), "ast", 2, "underscore"),
        (in_policy("_x = 1"), "names", 0, "underscore"),
        (in_policy("x = '{}'.format(legal)"), "ast", 2, "f-string"),
        (in_policy("x = (i for i in legal).gi_frame"), "ast", 2, "gi_frame"),
        (in_policy("observation.x = 1"), "ast", 2, "memory"),
        (in_policy("del observation.x"), "ast", 2, "cannot be"),
        (in_policy("global x"), "ast", 2, "memory"),
        (in_policy("with legal: pass"), "ast", 2, "with"),
        (in_policy("x = f'{1:{legal}}'"), "ast", 2, "computed"),
        (in_policy("x = f'{1:999}'"), "ast", 2, "width"),
        (in_policy("for x in {1, 2}: pass"), "ast", 2, "sorted"),
        (in_policy("x = list(set(legal))"), "ast", 2, "sorted"),
        (in_policy("x = {1, 2}; y = [i for i in x]"), "ast", 2, "sorted"),
        (in_policy("x = set(legal); y = x.pop()"), "ast", 2, "sorted"),
        (in_policy("x = max({1, 2}, key=abs)"), "ast", 2, "sorted"),
        (in_policy("a, b = {1, 2}"), "ast", 2, "sorted"),
        (in_policy("x = (lambda y=[]: y)()"), "ast", 2, "mutable"),
        ("class A:\n    pass\n" + POLICY, "ast", 1, "tuples"),
        ("async def f():\n    pass\n" + POLICY, "ast", 1, "plain def"),
        ("def f():\n    yield 1\n" + POLICY, "ast", 2, "generator expression"),
        ("def f(x={}):\n    pass\n" + POLICY, "ast", 1, "mutable"),
        ("@staticmethod\n" + POLICY, "ast", 2, "decorators"),
        ("def policy(state):\n    pass\n", "signature", 1, "observation"),
        ("def policy(*legal):\n    pass\n", "signature", 1, "plain parameters"),
        ("x = 1\n", "signature", 0, "def policy"),
    ],
)
def test_refusals(source: str, gate: str, line: int, hint: str) -> None:
    with pytest.raises(GateError) as refused:
        check_source(source, "script")
    assert (refused.value.gate, refused.value.line) == (gate, line)
    assert hint in refused.value.reason


def test_sets_may_be_used_where_their_order_does_not_show() -> None:
    check_source(in_policy("s = set(legal); s.add(1); x = sorted(s), len(s), 1 in s, s | {2}, min(s), any(s), s == {1}"), "script")


def test_a_shared_function_is_one_def_with_its_imports() -> None:
    function = "import math\nfrom shared import nearest\n\n\ndef f(x: float) -> float:\n    return math.sqrt(nearest(x))\n"
    check_source(function, "function")
    for extra in ("TABLE = [1]\n", "import numpy as np\n", "def g() -> int:\n    return 1\n"):
        with pytest.raises(GateError):
            check_source(extra + function, "function")


@pytest.mark.parametrize(
    "source",
    [
        "(" * 60000,
        "[" * 300 + "]" * 300,
        "-" * 60000 + "1",
        "not " * 15000 + "1",
        "x" + ".a" * 30000,
        "x" + "()" * 30000,
        "1" + "+1" * 30000,
        "1" + "+\\\n1" * 15000,
        "lambda x, y: " * 4000 + "1",
        "lambda: " * 8000 + "1",
        "1 if 1 else " * 5000 + "1",
        "a = " * 15000 + "1",
        "x = f'" + '{f"' * 1000,
        "".join("\t" * depth + "if 1:\n" for depth in range(90)) + "\t" * 90 + "pass\n",
        "if 1: pass\n" + "elif 1: pass\n" * 4500,
        "'" * 60001,
        '"""' + "x" * 60000,
        "9" * 60000,
        "\x00",
        "\ud800",
        "x = 1\r\r\x0c\\",
        "é" * 40000,
    ],
    ids=range(22),
)
def test_hostile_text_is_a_parse_error_or_harmless(source: str) -> None:
    with pytest.raises(GateError) as refused:
        check_source(source, "script")
    assert refused.value.gate in ("parse", "ast", "signature", "names")


def test_safe_parse_takes_large_flat_tables() -> None:
    table = "TABLE = (" + ", ".join(f"({i}, -{i}.5)" for i in range(3000)) + ")\n"
    tree = "def policy(x):\n" + "".join("    " * depth + "if x:\n" for depth in range(1, 25)) + "    " * 25 + "return 1\n"
    assert len(safe_parse(table + tree).body) == 2
