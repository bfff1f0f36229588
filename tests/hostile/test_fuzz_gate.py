"""Any text for a script: the gate gives a verdict in bounded time, and what it lets through holds nothing that it forbids."""

from __future__ import annotations

import ast
import time
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from mascript.errors import GateError
from mascript.sandbox import check_source
from mascript.sandbox.gate_names import FORBIDDEN_ATTRIBUTES, NODES
from mascript.sandbox.instrument import instrument

SECONDS = 10.0
"""Far more than the gate needs for 64 kB, on a machine that does much else."""
HEAD = "def policy(observation, legal, memory):\n"
WORDS = (
    *("(", ")", "[", "]", "{", "}", ",", ":", ".", "=", ":=", "+", "-", "*", "**", "//", "<<", "@", "==", "<", "~", "not ", " in "),
    *(
        " is ",
        " and ",
        " or ",
        " if ",
        " else ",
        "lambda x: ",
        " for x in ",
        "await ",
        "yield ",
        "f'{",
        "}'",
        "'",
        '"""',
        "1",
        "1e999",
    ),
    *(
        "legal",
        "memory",
        "x",
        "_x",
        "__class__",
        ".__class__",
        ".gi_frame",
        ".format",
        "np",
        "math",
        "open",
        "\\\n",
        "\n",
        "\n    ",
    ),
    *("if x:\n", "while x:\n", "try:\n", "except:\n", "finally:\n", "match x:\n", "case {'a': y}:\n", "class A:\n", "def f(x):\n"),
    *(
        "return x\n",
        "global x\n",
        "del x\n",
        "import math\n",
        "from shared import a\n",
        "async ",
        "with x as y:\n",
        "\t",
        "\x0c",
        "\uff3f",
        "é",
    ),
)
EXPRESSIONS = st.recursive(
    st.sampled_from(["1", "2.5", "'a'", "x", "legal", "observation.y", "None", "x.__class__", "open", "b'a'"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "*", "==", "<", " in ", " and ", "@", "%", "**"]), inner).map(
            lambda t: f"({t[0]}{t[1]}{t[2]})"
        ),
        st.tuples(inner, inner).map(lambda t: f"[{t[0]} for x in {t[1]} if x]"),
        st.tuples(inner, inner).map(lambda t: f"max({t[0]}, key=lambda x: {t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} < {t[1]} <= {t[2]})"),
        inner.map(lambda one: f"f'{{{one}}}'" if "'" not in one else f"str({one})"),
        inner.map(lambda one: f"legal[{one}:]"),
        inner.map(lambda one: f"(y := {one})"),
        inner.map(lambda one: f"[].count({one})"),
        inner.map(lambda one: f"{{**{{1: {one}}}}}"),
    ),
    max_leaves=12,
)
STATEMENTS = (
    "x = {}",
    "x += {}",
    "x[{}:] = [1]",
    "del x[{}]",
    "for x in {}: pass",
    "while {}: break",
    "assert {}",
    "legal.sort(key={})",
    "return {}",
)


def _verdict(source: str) -> None:
    began = time.monotonic()
    try:
        check_source(source, "script")
        passed = True
    except GateError as refused:
        passed = False
        assert refused.gate in ("parse", "ast", "imports", "signature", "names") and refused.reason
    if passed:
        _check_passed(source)
    assert time.monotonic() - began < SECONDS


def _check_passed(source: str) -> None:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        assert type(node) in NODES
        if isinstance(node, ast.Attribute):
            assert not node.attr.startswith("_") and isinstance(node.ctx, ast.Load)
            assert node.attr not in FORBIDDEN_ATTRIBUTES or node.attr == "repeat"
        if isinstance(node, ast.Name):
            assert not node.id.startswith("_") or node.id == "_"
    with suppress(SyntaxError, ValueError, RecursionError):  # `return` outside a function: the worker says so when it loads it
        compile(instrument(tree), "<script>", "exec", dont_inherit=True)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=60).map("".join)), st.booleans())
def test_any_text_gets_a_verdict(text: str, inside: bool) -> None:
    _verdict(HEAD + "    x = legal\n    " + text if inside else text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("".join), st.integers(50, 30_000))
def test_any_repetition_gets_a_verdict_in_time(text: str, times: int) -> None:
    _verdict((HEAD + "    x = " + text * times)[:66_000])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STATEMENTS), EXPRESSIONS), min_size=1, max_size=6))
def test_programs_get_a_verdict_and_compile(lines: list[tuple[str, str]]) -> None:
    _verdict(HEAD + "    x = 1\n" + "".join(f"    {statement.format(expression)}\n" for statement, expression in lines))


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS)
def test_what_compiles_plainly_compiles_metered(expression: str) -> None:
    source = HEAD + f"    x = 1\n    return {expression}\n"
    try:
        check_source(source, "script")
        compile(source, "<plain>", "exec", dont_inherit=True)
    except (GateError, SyntaxError):
        return
    compile(instrument(ast.parse(source)), "<script>", "exec", dont_inherit=True)
