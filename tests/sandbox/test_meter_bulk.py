"""Operations on operands of many pieces are charged by their size: none of them takes seconds for one unit of fuel."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from mascript.sandbox.compiling import Compiler
from mascript.sandbox.costs import ANYTHING, survey
from mascript.sandbox.gate import walk
from mascript.sandbox.loading import Loader
from mascript.sandbox.meter import Exhausted

N = 50_000


def measured(source: str, *arguments: Any, fuel: int = 10**6, narrow: bool = False) -> tuple[Any, int]:
    """Return what f gives, and the units it took; `narrow` leaves out the checks that the source cannot need."""
    text = "import math\nimport numpy as np\n" + source if "np." in source else "import math\n" + source
    loader = Loader(fuel)
    compiler = Compiler()
    possible = compiler.possible([text], arrays=False) if narrow else ANYTHING
    function = loader.namespace(compiler.unit(text, "example", "<script>", "f", possible=possible), {})["f"]
    loader.meter.refill()
    value = function(*arguments)
    return value, loader.meter.spent()


def numbers() -> list[int]:
    return list(range(N))


def text() -> str:
    return "".join(map(str, range(N)))


def array() -> Any:
    import numpy

    return numpy.arange(float(N))


OPERATIONS = {
    "lists are equal": ("a == b", numbers, numbers),
    "lists are unequal": ("a != b", numbers, numbers),
    "lists are ordered": ("a < b", numbers, numbers),
    "tuples in a chain": ("a <= b <= a", lambda: tuple(numbers()), lambda: tuple(numbers())),
    "texts are equal": ("a == b", text, text),
    "dicts are equal": ("a == b", lambda: dict.fromkeys(numbers()), lambda: dict.fromkeys(numbers())),
    "sets are equal": ("a == b", lambda: set(numbers()), lambda: set(numbers())),
    "a subset": ("a <= b", lambda: set(numbers()), lambda: set(numbers())),
    "a union": ("a | b", lambda: set(numbers()), lambda: set(numbers())),
    "an intersection": ("a & b", lambda: set(numbers()), lambda: set(numbers())),
    "a difference": ("a - b", lambda: set(numbers()), lambda: set(numbers())),
    "a symmetric difference": ("a ^ b", lambda: set(numbers()), lambda: set(numbers())),
    "keys are a set": ("a.keys() - b", lambda: dict.fromkeys(numbers()), lambda: set(numbers())),
    "dicts are merged": ("a | b", lambda: dict.fromkeys(numbers()), lambda: dict.fromkeys(numbers())),
    "dicts are unpacked": ("{**a, **b}", lambda: dict.fromkeys(numbers()), dict),
    "keywords are unpacked": ("dict(**a)", lambda: dict.fromkeys(map(str, range(N))), list),
    "arguments are unpacked": ("max(*a)", numbers, list),
    "a list is unpacked": ("[*a]", numbers, list),
    "a slice": ("a[1:]", numbers, list),
    "a list is searched": ("b in a", numbers, lambda: -1),
    "a range is searched for a float": ("b in a", lambda: range(N), lambda: 0.5),
    "a dict is searched for a long key": ("b in a", dict, lambda: tuple(numbers())),
    "a list from a list": ("list(a)", numbers, list),
    "a set from a list": ("set(a)", numbers, list),
    "a dict from pairs": ("dict(a)", lambda: [(n, n) for n in numbers()], list),
    "types as functions": ("[t(a) for t in [list]]", numbers, list),
    "types through map": ("next(map(tuple, [a]))", numbers, list),
    "text of a list": ("str(a)", numbers, list),
    "text through map": ("next(map(repr, [a]))", numbers, list),
    "an f-string of a list": ("f'{a}'", numbers, list),
    "an f-string of texts": ("f'{a}{a}'", text, list),
    "texts are joined": ("a.join(b)", str, lambda: [text()] * 8),
    "a method without its call": ("[m(a) for m in [b.extend]]", numbers, list),
    "a method of a text": ("a.partition('x')", text, list),
    "taking from the front": ("a.pop(0)", lambda: numbers() * 8, list),
    "the greater of two lists": ("max(a, b)", numbers, numbers),
    "a sort of long rows": ("sorted(a)", lambda: [tuple(numbers())] * 3, list),
    "a sort by long keys": ("sorted([1, 2], key=lambda _: a)", lambda: tuple(numbers()), list),
    "a sort by a function": ("min([1, 2], key=[lambda _: a][0])", lambda: tuple(numbers()), list),
    "a modular power": ("pow(7, a, b)", lambda: 2**900, lambda: 2**1000 + 1),
    "arrays are added": ("a + b", array, array),
    "arrays are subtracted": ("a - b", array, array),
    "an array is scaled": ("2.0 * a", array, list),
    "an array is negated by a number": ("1.0 - a", array, list),
    "arrays are compared": ("a < b", array, array),
    "an array and a number are compared": ("a < 1.0", array, list),
    "arrays are picked from": ("a[b]", array, numbers),
    "arrays have methods": ("a.sum()", array, list),
    "an array becomes a list": ("a.tolist()", array, list),
    "arrays are summed by Python": ("sum(b)", array, lambda: [array()] * 4),
    "arrays in a list": ("np.concatenate(b)", array, lambda: [array()] * 4),
    "numpy by keyword": ("np.sum(a=a)", array, list),
    "a polynomial": ("np.polyval(a, b)", lambda: array()[:9] / 9, lambda: array() / N),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_charged_by_size(name: str) -> None:
    expression, left, right = OPERATIONS[name]
    source = f"def f(a, b):\n    return {expression}\n"
    _, spent = measured(source, left(), right())
    assert spent >= N / 64
    assert measured(source, left(), right())[1] == spent


STATEMENTS = {
    "an item is deleted": "del a[0]",
    "a slice is assigned": "a[0:0] = [1]",
    "a slice of many": "[][0:0] = a",
    "an array in place": "x = np.zeros(60000)\n    x += 1.0",
    "an array in place, multiplied": "x = np.zeros(60000)\n    x *= 2.0",
    "a set in place": "x = set()\n    x |= s",
    "a set in place, less": "x = set()\n    x -= s",
    "a star in a pattern": "match a:\n        case [x, *y]:\n            pass",
    "a list in place": "x = []\n    x += a",
    "long code": "x = 1\n" + "    x = x * 1.0\n" * 3000,
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_charged_by_size(name: str) -> None:
    source = f"def f(a, s):\n    {STATEMENTS[name]}\n"
    _, spent = measured(source, list(range(N)), set(range(N)))
    free = 3750 if "zeros" in source else 0  # for making it
    assert spent - free >= 64


ENDLESS = {
    "a knot is compared": "return a == b",
    "a knot is ordered": "return a < b",
    "a knot is printed": "return str(a)",
    "a knot in an f-string": "return f'{a!r:>3}'",
    "a knot is looked for": "return a in [b]",
    "a knot in an error": "return str(ValueError(a))",
    "a knot of types": "return isinstance(1, a)",
    "a knot of exceptions": "try:\n        return 1 / 0\n    except a:\n        pass",
    "a knot is sorted": "return sorted([a, b])",
    "a knot for numpy": "return np.array(a)",
    "a range is searched": "return 0.5 in range(10 ** 15)",
    "a filter finds nothing": "return next(filter(callable, range(10 ** 15)))",
    "a filter in a condition": "return any(map(callable, range(10 ** 15)))",
    "rounding to a huge power": "x = 1\n    while x:\n        x = round(5, -10 ** 9) + 1",
    "text doubles": "x = 'ab'\n    while x:\n        x = f'{x}{x}'",
    "text is joined": "x = 'ab'\n    while x:\n        x = ''.join([x, x])",
    "a broadcast": "x = np.zeros(100000)\n    return x.reshape(-1, 1) + x",
    "a broadcast by numpy": "x = np.zeros(100000)\n    return np.add(x.reshape(-1, 1), x)",
    "an outer comparison": "x = np.zeros(100000)\n    return x.reshape(-1, 1) < x",
    "repeated by a number of numpy's": "return [0] * np.int64(10 ** 9)",
    "text by percent": "s = '%1000000000d'\n    s %= 5\n    return s",
    "big ints in a product": "x = 3\n    while True:\n        x = x * x",
    "one line for one turn": "while True:\n        " + "; ".join(["x = [1.5, 2.5, 3.5]"] * 2500),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_none_is_endless(name: str) -> None:
    source = f"def f(a, b):\n    {ENDLESS[name]}\n"
    with pytest.raises((Exhausted, TypeError)) as stopped:
        measured(source, knot(), knot(), fuel=20_000)
    assert stopped.type is Exhausted or "percent" in name


def knot() -> tuple[Any, ...]:
    """A tuple of 60 levels, each twice the one below: small in memory, endless to read."""
    value: tuple[Any, ...] = ("end",)
    for _ in range(60):
        value = (value, value)
    return value


@pytest.mark.parametrize("dtype", ["'O'", "object_"])
def test_arrays_of_objects_are_refused(dtype: str) -> None:
    """Their operations are Python's own, element by element, and nobody could count them."""
    with pytest.raises((TypeError, AttributeError)):
        measured(f"def f():\n    return np.array([7], dtype={dtype if dtype[0] == chr(39) else 'np.' + dtype}) ** 10 ** 9\n")
    with pytest.raises(TypeError, match="not offered"):
        measured("def f():\n    return np.array([10 ** 30])\n")


ORDINARY = [
    "[(r, c) for r in range(3) for c in range(3) if 0 <= r + c < 3 and r != c]",
    "max(range(5), key=lambda i: -abs(i - 2)), min((1, 2), (1, 1)), sorted([(2, 'b'), (1, 'a')])",
    "{k: v for k, v in {'a': 1}.items()}, 'a' == 'b', (1, 2) == (1, 2), 1 < 2 < 3, 1 == 1.0 != 2",
    "isinstance([], (list, tuple)), [t for t in (1, 'a', [2]) if isinstance(t, KINDS)], list(map(str, [1])), Rows is None",
    "round(2.567, 1), round(7), round(1234, -2), repr([1, 'a']), f'{1.5:.2f}|{[1]}', '-'.join(['a', 'b'])",
    "max(['a', 'b', 'b'], key=['a', 'b', 'b'].count), [m(3) for m in [[1, 2].count]], list(filter(None, [0, 1]))",
    "sum([[1], [2]], []), sum([0.1] * 3), sum({'a': 1}.values()), {1, 2} - {2}, {1} | {2}, {1: 2} | {3: 4}, 5 & 3, 5 ^ 1, 5 | 2",
    "[*range(3)], {**{'a': 1}}, dict(**{'a': 1}), 3 in (1, 2, 3), 'a' not in 'bcd', 2 in range(3), 2.5 in range(3)",
]


@pytest.mark.parametrize("expression", ORDINARY)
def test_ordinary_code_has_the_same_values_and_costs_with_and_without_checks(expression: str) -> None:
    source = f"KINDS = (list, str)\nRows = list[int]\ndef f():\n    return {expression}\n"
    names: dict[str, Any] = {}
    exec(source, names)
    names["Rows"] = None
    value, spent = measured(source)
    expected = names["f"]()
    if "Rows is None" not in expression:
        assert repr(value) == repr(expected)
    assert measured(source, narrow=True) == (value, spent)
    assert spent < 100


def test_what_a_source_can_make_is_seen() -> None:
    assert survey([walk(ast.parse("x = 1 - 2"))], arrays=False) != ANYTHING
    assert survey([walk(ast.parse("x = {1}")), walk(ast.parse("import numpy as np"))], arrays=False) == ANYTHING
    assert survey([walk(ast.parse("x = y.keys()"))], arrays=True) == ANYTHING
