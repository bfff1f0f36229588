"""One identity on every Python: starter, generated and real functions, as written and as each Python itself writes them."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from library import DefaultBattery
from library.errors import BadSource
from library.identity import fid_of, signature_of
from library.starter import starter_functions
from library.values import call_text

ROOT = Path(__file__).parents[2]
CHILD = """
import ast, json, sys, warnings
from library.battery import DefaultBattery
from library.errors import BadSource
from library.identity import fid_of, signature_of
from library.values import call_text
warnings.simplefilter("ignore")  # a later Python warns of escapes that an older text may hold

def fid(source):
    try:
        return fid_of(source, {})
    except BadSource as error:
        return type(error).__name__

def written_here(source):
    try:
        return fid(ast.unparse(ast.parse(source)))
    except (SyntaxError, ValueError):  # this Python cannot write it down: an f-string with a backslash before 3.12
        return fid(source)

sources, probed = json.load(sys.stdin)
probes = [list(map(call_text, DefaultBattery().probes(signature_of(source)))) for source in probed]
print(json.dumps([list(map(fid, sources)), list(map(written_here, sources)), probes]))
"""
PYTHONS = {
    "3.11": Path.home() / ".pyenv/versions/3.11.7/bin/python",
    "3.12": Path.home() / ".pyenv/versions/3.12.1/bin/python",
    "3.13": Path.home() / ".pyenv/versions/3.13.0/bin/python",
}
GENERATED = 120
REAL = ("statistics", "heapq", "textwrap", "fractions", "calendar", "ipaddress", "shlex", "email.utils", "timeit", "pprint")
"""Modules of the standard library whose functions are read; their texts are those of the Python that runs the tests."""


def grown(rng: random.Random, names: list[str], depth: int) -> str:
    """A random expression over these names: everything that the canonical form has a rule for, f-strings above all."""
    if depth == 0:
        return rng.choice([*names, "1", "0.5", "-2", "1e300", "True", "None", "'it\\'s'", '"\\n\\u00e9{"', "b'x'", "()"])
    one, two, three = (grown(rng, names, depth - 1) for _ in range(3))
    inner = f"v{depth}"
    deep = grown(rng, [*names, inner], depth - 1)
    quoted = rng.choice(names)
    return rng.choice(
        [
            f"({one} {rng.choice(['+', '-', '*', '/', '//', '%', '**', '@', '<<', '&', '|', '^'])} {two})",
            f"({one} {rng.choice(['<', '<=', '==', '!=', 'is', 'is not', 'in', 'not in'])} {two} > {three})",
            f"({one} {rng.choice(['and', 'or'])} {two} {rng.choice(['and', 'or'])} {three})",
            f"(not {one})", f"(-{one})", f"(~{one})", f"({one} if {two} else {three})", f"({inner} := {one})",
            f"[{deep} for {inner} in ({one},) if {deep}]", f"sum({deep} for {inner} in ({one},) for w{depth} in ({two},))",
            f"{{{deep} for {inner} in ({one},)}}", f"{{{inner}: {deep} for {inner} in ({one},)}}", f"{{{one}: {two}, **{{}}}}",
            f"(lambda {inner}, k={two}: {deep})({one}, k={three})", f"max({one}, *({two},), key=lambda {inner}: {deep})",
            f"({one},)[0:{two}:{three}]", f"[{one}, *({two},)]", f"({one}).real",
            f'len(f"{{{quoted}!r:>{{len(str({quoted}))}}}} {{{{}}}} {{{quoted}=}} {{{quoted}:.2f}}" "tail")',
            f"len(f'a{{{quoted}}}' f\"{{{quoted} + 1:{{2}}.{{1}}}}b\" 'c')",
            f'len(f"""{{{quoted}!s:^9}}\n{{ {quoted} }}{{f\'{{{quoted}:x}}\'}}""")',
        ]
    )  # fmt: skip


def generated(seed: int) -> str:
    """A random function of a few statements."""
    rng = random.Random(f"identity {seed}")
    names, lines = ["x", "n"], []
    for index in range(rng.randrange(1, 5)):
        value = grown(rng, names, rng.randrange(3))
        lines += rng.choice(
            [
                [f"a{index} = {value}"],
                [f"a{index}: float = {value}"],
                [f"a{index} = {value}", f"a{index} += {value}"],
                [f"a{index}, *rest = ({value}, 1, 2)"],
                [f"a{index} = 0", f"for i{index} in ({value},):", f"    a{index} = i{index}", "    continue", "else:", "    pass"],
                [f"def a{index}(y, z={value}):", f"    return {grown(rng, [*names, 'y', 'z'], 1)}"],
                ["try:", f"    a{index} = {value}", "except (ValueError, TypeError) as error:", f"    a{index} = len(str(error))"],
                [f"a{index} = 1", f"while {value}:", f"    a{index} = 2", "    break"],
                [f"a{index} = {value}", f"if a{index}:", "    pass", f"elif {value}:", "    assert x, 'no {x}'"],
            ]
        )
        names.append(f"a{index}")
    lines.append(f"return {grown(rng, names, 2)}")
    return "def f(x: float, n: int = 2) -> float:\n" + "".join(f"    {line}\n" for line in lines)


def real() -> Iterator[str]:
    """Functions of the standard library, each with types that make it readable as a shared function."""
    for name in REAL:
        for node in ast.walk(ast.parse(inspect.getsource(importlib.import_module(name)))):
            arguments = node.args if isinstance(node, ast.FunctionDef) else None
            if not isinstance(node, ast.FunctionDef) or arguments is None or arguments.vararg or arguments.kwarg:
                continue
            if arguments.kwonlyargs or arguments.posonlyargs or node.decorator_list or arguments.defaults:
                continue
            for argument in arguments.args:
                argument.annotation = ast.Name("float")
            node.returns = ast.Name("float")
            yield ast.unparse(ast.fix_missing_locations(node)) + "\n"


def expected(source: str) -> str:
    try:
        return fid_of(source, {})
    except BadSource as error:
        return type(error).__name__


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """Every text and its fid here."""
    texts = [source for _, source in starter_functions()] + [generated(seed) for seed in range(GENERATED)] + list(real())
    fids = [expected(text) for text in texts]
    held = [fid for fid in fids if fid.startswith("sha256:")]
    assert len(held) > 120 and len(set(held)) > 0.9 * len(held), "else little of what follows says anything"
    assert sum("f'" in text or 'f"' in text for text, fid in zip(texts, fids, strict=True) if len(fid) > 20) > 40
    return dict(zip(texts, fids, strict=True))


@pytest.mark.parametrize("version", PYTHONS)
def test_every_python_and_hash_seed_gives_the_same_fids_and_probes(version: str, sources: dict[str, str]) -> None:
    python = PYTHONS[version]
    if not python.exists():
        pytest.skip(f"no Python {version} at {python}")
    probed = [source for _, source in starter_functions()]
    done = subprocess.run(
        [python, "-c", CHILD],
        input=json.dumps([list(sources), probed]),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": version.replace(".", ""), "PYTHONPATH": str(ROOT)},
    )
    here = list(sources.values())
    fids, rewritten, probes = json.loads(done.stdout)
    assert fids == here
    assert [index for index, (one, other) in enumerate(zip(rewritten, here, strict=True)) if one != other] == []
    assert probes == [list(map(call_text, DefaultBattery().probes(signature_of(source)))) for source in probed]


def test_a_change_of_any_literal_or_operator_changes_the_fid() -> None:
    """What is read of a function is all of it: every constant and operator, one at a time."""
    swapped = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Lt: ast.LtE, ast.And: ast.Or, ast.Or: ast.And}
    changed = 0
    for seed in range(24):
        text = generated(seed)
        if not expected(text).startswith("sha256:"):
            continue
        count = sum(1 for _ in ast.walk(ast.parse(text)))
        for index in range(0, count, 7):
            tree = ast.parse(text)
            node = list(ast.walk(tree))[index]
            if isinstance(node, ast.Constant) and type(node.value) in (int, float):
                node.value = 2 * node.value + 1
            elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in swapped:
                node.op = swapped[type(node.op)]()
            else:
                continue
            changed += 1
            assert expected(ast.unparse(tree)) != expected(text), text
    assert changed > 15
