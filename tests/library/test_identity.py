"""Identity: what may change without a new fid, what may not, and that every Python agrees."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.errors import BadSource
from library.identity import canonical, fid_of, imports_of, signature_of
from library.records import Parameter

ROOT = Path(__file__).parents[2]
FID_A = "sha256:" + "a" * 64
FID_B = "sha256:" + "b" * 64


def body(*lines: str, parameters: str = "x: float", returns: str = "float", name: str = "f") -> str:
    return f"def {name}({parameters}) -> {returns}:\n" + "".join(f"    {line}\n" for line in lines)


SAME = {
    "comments and layout": (body("return x+1  # more"), body("return (x", "        + 1)")),
    "docstring": (body('"""One."""', "return x"), body('"""Two.', "", "    >>> f(1.0)", '    """', "return x")),
    "locals": (body("a = x", "b = a", "return b"), body("b = x", "a = b", "return a")),
    "own name": (body("return g(x)", name="g"), body("return f(x)", name="f")),
    "comprehension": (body("return sum(i for i in [x])"), body("return sum(j for j in [x])")),
    "lambda": (body("return (lambda p: p * x)(2.0)"), body("return (lambda q: q * x)(2.0)")),
    "nested function": (
        body("def g(a):", "    return a + x", "return g(1.0)"),
        body("def h(b):", "    return b + x", "return h(1.0)"),
    ),
    "local annotation": (body("y: float = x", "return y"), body("y = x", "return y")),
    "quoted type": (body("return x", parameters="x: 'float'"), body("return x")),
    "math under another name": (
        "import math\n" + body("return math.pi * x"),
        "import math as m\n" + body("return m.pi * x"),
    ),
    "from math": ("import math\n" + body("return math.hypot(x, x)"), "from math import hypot\n" + body("return hypot(x, x)")),
    "f-string pieces": (body('return len(f"a{x}" "b")'), body('return len(f"a{x}b")')),
    "empty format": (body('return len(f"{x:}")'), body('return len(f"{x}")')),
    "except name": (
        body("try:", "    return 1 / x", "except ZeroDivisionError as e:", "    return len(str(e))"),
        body("try:", "    return 1 / x", "except ZeroDivisionError as error:", "    return len(str(error))"),
    ),
    "type import": ("from shared import Point\n" + body("return x"), body("return x")),
    "walrus in a comprehension": (
        body("y = [z := i for i in [x]]", "return z"),
        body("a = [b := c for c in [x]]", "return b"),
    ),
}
DIFFERENT = {
    "1 and True": (body("return 1"), body("return True")),
    "1 and 1.0": (body("return 1"), body("return 1.0")),
    "0.0 and -0.0": (body("return 0.0"), body("return -0.0")),
    "text and bytes": (body("return len('a')"), body("return len(b'a')")),
    "parameter name": (body("return x"), body("return y", parameters="y: float")),
    "parameter type": (body("return x"), body("return x", parameters="x: int")),
    "default": (body("return x", parameters="x: float = 1.0"), body("return x", parameters="x: float = 2.0")),
    "return type": (body("return x"), body("return x", returns="int")),
    "operator": (body("return x + 1"), body("return x - 1")),
    "order": (body("a = x", "b = 2.0", "return a - b"), body("a = x", "b = 2.0", "return b - a")),
    "builtin or local": (body("return max(x, 1.0)"), body("max = min", "return max(x, 1.0)")),
    "attribute": ("import math\n" + body("return math.sin(x)"), "import math\n" + body("return math.cos(x)")),
    "keyword of a nested function": (
        body("def g(a, b):", "    return a - b", "return g(a=x, b=1.0)"),
        body("def g(b, a):", "    return b - a", "return g(a=x, b=1.0)"),
    ),
    "conversion": (body('return len(f"{x!r}")'), body('return len(f"{x}")')),
    "shadowing": (body("return sum(x for x in [1.0, x])"), body("return sum(x for y in [1.0, x])")),
    "scope of the first iterable": (body("return [[i] for i in [i for i in [x]]]"), body("return [[i] for i in [x for i in [x]]]")),
}


@pytest.mark.parametrize("case", SAME)
def test_what_cannot_change_behaviour_does_not_count(case: str) -> None:
    one, other = SAME[case]
    assert canonical(one, {}) == canonical(other, {})


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_can_change_behaviour_counts(case: str) -> None:
    one, other = DIFFERENT[case]
    assert fid_of(one, {}) != fid_of(other, {})


def test_an_import_counts_by_its_fid_and_not_by_its_name() -> None:
    one = "from shared import near\n" + body("return near(x)")
    other = "from shared import close\n" + body("return close(x)")
    assert fid_of(one, {"near": FID_A}) == fid_of(other, {"close": FID_A})
    assert fid_of(one, {"near": FID_A}) != fid_of(one, {"near": FID_B})
    assert fid_of(one, {"near": FID_A}) != fid_of(body("return f(x)"), {})
    with pytest.raises(BadSource, match="no version of it is pinned"):
        fid_of(one, {})


def test_a_local_of_the_imported_name_is_no_import() -> None:
    shadowed = "from shared import near\n" + body("near = x", "return near")
    assert fid_of(shadowed, {"near": FID_A}) == fid_of(body("y = x", "return y"), {})


@given(st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=3, unique=True))
def test_every_renaming_of_locals_gives_one_fid(names: list[str]) -> None:
    text = "{0} = x\nfor {1} in [1.0, 2.0]:\n    {2} = {0} * {1}\n    {0} += {2}\nreturn {0}"
    renamed = body(*text.format(*names).splitlines())
    assert fid_of(renamed, {}) == fid_of(body(*text.format(*"abc").splitlines()), {})


LITERALS = st.floats(0, allow_infinity=False) | st.integers(0) | st.text() | st.booleans() | st.none() | st.binary()


@given(LITERALS, LITERALS)
def test_literals_are_told_apart_by_type_and_value(one: object, other: object) -> None:
    forms = [canonical(body(f"return {value!r}"), {}) for value in (one, other)]
    assert (forms[0] == forms[1]) == ((type(one), repr(one)) == (type(other), repr(other)))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(:", "does not parse"),
        ("x = 1\n", "constants belong inside"),
        (body("return x") + body("return x", name="g"), "one top-level function"),
        ("class A: pass\n", "import lines"),
        ("import os\n" + body("return x"), "may import only math"),
        ("from shared import a as b\n" + body("return b(x)"), "under its own name"),
        ("from shared import f\n" + body("return f(x)"), "imported and defined"),
        (body("global y", "return x"), "Global"),
        (body("yield x"), "Yield"),
        (body("import os", "return x"), "Import"),
        (body("class A:", "    pass", "return x"), "ClassDef"),
        (body("return x", parameters="x"), "has no type"),
        (body("return x", parameters="x: ndarray"), "unknown type"),
        (body("return x", parameters="x: list[int, int]"), "one type of element"),
        (body("return x", parameters="*x: float"), "plain parameters"),
        (body("return x", parameters="x: list[int] = []"), "immutable literal"),
        ("def f(x: float):\n    return x\n", "no return type"),
        ("@cache\n" + body("return x"), "no decorators"),
        ("def f(x: float) -> float: return " + "(" * 90 + "1" + ")" * 90 + "\n" + "x\0", "does not parse"),
        (body("return " + "-" * 3000 + "x"), "parse|deep"),
    ],
)
def test_text_that_is_no_shared_function_is_refused_with_the_reason(source: str, reason: str) -> None:
    with pytest.raises(BadSource, match=reason):
        canonical(source, {name: FID_A for name in ("a", "f")})


def test_signature_is_in_normal_form() -> None:
    shape = signature_of("def f(a: 'list[ Point ]', b: tuple[int,...] = (1,2)) -> list[tuple[int,float]]:\n    return []\n")
    assert shape.name == "f"
    assert shape.parameters == (Parameter("a", "list[Point]"), Parameter("b", "tuple[int, ...]", "(1, 2)"))
    assert shape.returns == "list[tuple[int, float]]"


def test_types_are_no_dependencies() -> None:
    assert imports_of("from shared import Point, near, Grid\n" + body("return near(x)")) == ("near",)


def test_the_form_is_pinned_down() -> None:
    """A change of this text changes every fid ever recorded: raise `canonical.VERSION` and migrate, or take the change back."""
    lines = body("y = math.pi", "return near(p) + y * n", parameters="p: Point, n: int = 2")
    text = "import math\nfrom shared import near\n\n\n" + lines
    assert canonical(text, {"near": FID_A}) == (
        'canonical-1 ["function",[["p","Point",null],["n","int",["int","0x2"]]],"float",'
        '[["Assign",[["local",0]],["Attribute",["module","math"],"pi"]],'
        f'["Return",["BinOp",["Call",["shared","{FID_A}"],[["parameter","p"]],[]],"Add",'
        '["BinOp",["local",0],"Mult",["parameter","n"]]]]]]'
    )
