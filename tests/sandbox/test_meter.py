"""Metering: the same values as plain Python, the same cost every time, and no way to keep on after the fuel is gone."""

from __future__ import annotations

from typing import Any

import pytest

from mascript.sandbox.compiling import Compiler
from mascript.sandbox.loading import Loader
from mascript.sandbox.meter import Exhausted

SAME = [
    "[x * 2 for x in range(5) if x % 2]",
    "sorted({3, 1, 2})",
    "{k: v for k, v in zip('abc', [1, 2, 3])}",
    "sum(x * y for x, y in [(1, 2), (3, 4)])",
    "max([(1, 'b'), (1, 'a')], key=lambda p: p[1])",
    "min(3, 1, 2), max([4, 5]), min([], default=7)",
    "'a' * 3 + 'b', [1] * 2 + [2], (1,) + (2,), 'x' in 'xyz', 5 not in [1, 2]",
    "2 ** 10, 2.0 ** 0.5, (-8) // 3, -7 % 3, 7.5 % 2, 1 << 5, 3 * 1.5, True * 3, 2 ** -1",
    "list(map(str, [1, 2])), tuple(range(3)), list(filter(None, [0, 1])), dict(a=1), set() == set(), str(5), list()",
    "[*range(3), *[4, 5]], (lambda *a, **k: (a, sorted(k)))(*[1, 2], **{'z': 1})",
    "any(x > 2 for x in [1, 2, 3]), all([1, 0]), sum([[1], [2]], []), sum([0.1, 0.2]), sum((1, 2), 10)",
    "f'{3.14159:.2f} {5:>3}', ' '.join(['a', 'b']), 'a b'.split(), [3, 1, 2].index(1), 'abc'[1:]",
    "(lambda n: [y for x in range(n) for y in range(x)])(4)",
    "[i for i, x in enumerate([5, 6]) if x > 5], list(reversed([1, 2])), [1, 2, 3][::-1], {1: 2}.get(3, 4)",
    "math.prod([1, 2, 3]), math.hypot(3, 4), math.fsum([0.1] * 3), math.floor(2.5), round(2.567, 1), math.gcd(12, 18), math.pi",
    "pow(2, 5), pow(2, 5, 7), divmod(7, 2), abs(-3), next(x for x in [1, 2]), isinstance([], list), len(str([1, 2]))",
    "np.array([1.0, 2.0]) * 2 + 1, np.zeros(3).sum(), np.argmax(np.array([1, 3, 2])), np.linalg.norm(np.array([3.0, 4.0]))",
    "(np.eye(2) @ np.array([1.0, 2.0])).tolist(), np.arange(0, 1, 0.25).tolist(), np.full((2, 2), 1e6).tolist()",
]


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"


PROGRAMS = [
    _lines("def f():", "    x = [1, 2]", "    y = x", "    y *= 2", "    y += (5,)", "    return x"),
    _lines(
        "def f():",
        "    d = {'a': [1]}",
        "    d['a'] += [2]",
        "    d['a'] *= 2",
        "    n = 3",
        "    n **= 2",
        "    n <<= 1",
        "    return d, n",
    ),
    _lines(
        "def f():",
        "    a, *b = range(4)",
        "    i = 0",
        "    while True:",
        "        i += 1",
        "        if i > 3:",
        "            break",
        "    else:",
        "        i = 99",
        "    return a, b, i",
    ),
    _lines(
        "def f():",
        "    out = []",
        "    for x in [1, 2, 3]:",
        "        try:",
        "            out.append(1 / (x - 2))",
        "        except ZeroDivisionError as e:",
        "            out.append(str(e))",
        "        finally:",
        "            out.append('f')",
        "    else:",
        "        out.append('e')",
        "    return out",
    ),
    _lines(
        "def f():",
        "    n = 0",
        "    def g():",
        "        nonlocal n",
        "        n += 1",
        "        return n",
        "    return [g() for _ in range(3)], n",
    ),
    _lines("def f(a: int = 1, *, b: 'x' = 2) -> nothing:", "    'doc'", "    c: float = 3.0", "    d: int", "    return a, b, c"),
    _lines("def f():", "    def fib(n):", "        return n if n < 2 else fib(n - 1) + fib(n - 2)", "    return fib(12)"),
    _lines("def f():", "    match (1, [2, 3]):", "        case (1, [x, *rest]):", "            return x, rest"),
    _lines(
        "def f():",
        "    s = set()",
        "    for w in 'b a c a'.split():",
        "        s.add(w)",
        "    s |= {'d'}",
        "    return sorted(s), len(s), 'a' in s",
    ),
    _lines(
        "def f():",
        "    x = [3, 1, 2]",
        "    x.sort(key=lambda v: -v)",
        "    x.extend(v + 1 for v in [7])",
        "    x.insert(0, 9)",
        "    x[1:2] = [4, 4]",
        "    return x, x.count(4), x.copy()",
    ),
]


def run(source: str, fuel: int = 10_000) -> tuple[Any, int]:
    """Return what f() gives in metered form, and the units it took."""
    loader = Loader(fuel)
    unit = Compiler().unit("import math\nimport numpy as np\n" + source, "example", "<script>", "f")
    function = loader.namespace(unit, {})["f"]
    loader.meter.refill()
    value = function()
    return value, loader.meter.spent()


def plain(source: str) -> Any:
    names: dict[str, Any] = {}
    exec("from __future__ import annotations\nimport math\nimport numpy as np\n" + source, names)
    return names["f"]()


@pytest.mark.parametrize("source", [*(f"def f():\n    return {expression}\n" for expression in SAME), *PROGRAMS])
def test_metering_changes_no_value(source: str) -> None:
    value, spent = run(source)
    assert repr(value) == repr(plain(source))
    assert 0 < spent < 1000
    assert run(source)[1] == spent


def test_fuel_counts_entries_turns_and_elements() -> None:
    assert run("def f():\n    return 1\n")[1] == 1
    assert run("def f():\n    for x in range(10):\n        pass\n")[1] == 11
    assert run("def f():\n    return [x for x in (1, 2, 3)]\n")[1] == 4
    assert run("def f():\n    return sum(range(100))\n")[1] == 101


def test_fuel_runs_out_exactly_at_the_limit() -> None:
    source = "def f():\n    for x in range(10):\n        pass\n    return 7\n"
    assert run(source, fuel=11) == (7, 11)
    with pytest.raises(Exhausted):
        run(source, fuel=10)


ENDLESS = [
    "while True:\n        pass",
    "x = [1]\n    for y in x:\n        x.append(y)",
    "d = {1: 1}\n    while d:\n        d[1] = d",
    "return sum(x for x in iter_forever())",
    "return sum(range(10 ** 9))",
    "return max(range(10 ** 9))",
    "return list(map(abs, range(10 ** 9)))",
    "return [*range(10 ** 9)]",
    "return max(*range(10 ** 9))",
    "a, *b = range(10 ** 9)",
    "return 10 ** 9 in map(abs, range(10 ** 10))",
    "return [0] * 10 ** 9",
    "x = [0]\n    x *= 10 ** 9",
    "return 3 ** 10 ** 7",
    "return 1 << 10 ** 9",
    "x = 3\n    while x:\n        x **= 2",
    "x = 'a'\n    while x:\n        x += x",
    "x = []\n    x.extend(range(10 ** 9))",
    "return ' '.join(map(str, range(10 ** 9)))",
    "return sorted(range(10 ** 9), key=lambda v: -v)",
    "return {x: 1 for x in range(10 ** 9)}",
    "return dict.fromkeys(range(10 ** 9))",
    "return math.prod(range(1, 10 ** 9))",
    "return math.fsum(range(10 ** 9))",
    "return np.zeros(10 ** 10)",
    "return np.ones((10 ** 4, 10 ** 4)).sum()",
    "return np.arange(10 ** 10)",
    "return np.tile(np.zeros(1000), 10 ** 6)",
    "return np.repeat(np.zeros(10), 10 ** 8)",
    "x = np.ones((300, 300))\n    while True:\n        x = x @ x",
    "f = sum\n    return f(range(10 ** 9))",
]


@pytest.mark.parametrize("lines", ENDLESS)
def test_nothing_is_endless(lines: str) -> None:
    helper = "def iter_forever():\n    return iter(range(10 ** 12))\n"
    with pytest.raises(Exhausted):
        run(f"{helper}def f():\n    {lines}\n", fuel=20_000)


@pytest.mark.parametrize("handler", ["except:", "except Exception:", "except (ValueError, TypeError):"])
def test_no_handler_keeps_it(handler: str) -> None:
    loop = "    while True:\n        try:\n            while True:\n                pass\n"
    with pytest.raises(Exhausted):
        run(f"def f():\n{loop}        {handler}\n            pass\n")


@pytest.mark.parametrize("use", ["[x for x in s]", "list(s)", "tuple(s)", "enumerate(s)", "zip(s, s)", "min(s, key=abs)", "[*s]"])
def test_a_set_gives_no_order_at_run_time(use: str) -> None:
    with pytest.raises(TypeError, match="order"):
        run(f"def g(s):\n    return {use}\ndef f():\n    return g({{1, 2}})\n")
