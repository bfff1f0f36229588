"""What library learning finds in scripts, by their text alone: types, patterns with holes, functions, rewriting."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arenas.schema import ActionSpec, Field, Schema
from library.identity import fid_of, signature_of
from library.records import Parameter, Signature
from mascript.abstraction.corpus import Read, read, size_of
from mascript.abstraction.helper import draft, examples
from mascript.abstraction.patterns import Avoid, Found, best, body_text
from mascript.abstraction.rewrite import rewritten
from mascript.abstraction.types_of import Known, Typer, join
from mascript.sandbox import check_source

FIELDS = (("speed", "Point", (2,)), ("marks", "list[Point]", (3, 2)), ("board", "Grid", (6, 7)), ("load", "float", ()))
SCHEMA = Schema(tuple(Field(*field) for field in FIELDS))  # type: ignore[arg-type]
POINT = (Parameter("a", "Point"), Parameter("b", "Point"))
SHARED = {
    "add": Signature("add", POINT, "Point"),
    "scale": Signature("scale", (Parameter("a", "Point"), Parameter("factor", "float")), "Point"),
    "length": Signature("length", (Parameter("a", "Point"),), "float"),
}
KNOWN = Known(SCHEMA, ActionSpec("discrete", 5, ("stay", "left", "right", "down", "up")), SHARED)
PINS = {name: f"sha256:{name}" for name in SHARED}


def script(*lines: str, given: str = "observation, legal, seat") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"from shared import add, length, scale\n\n\ndef policy({given}):\n{body}"


def corpus(sources: Sequence[str]) -> Read:
    return read([(source, PINS) for source in sources], [KNOWN] * len(sources), list(range(len(sources))))


def found(sources: Sequence[str], least: int = 2) -> tuple[Read, Found | None]:
    whole = corpus(sources)
    return whole, best(whole.corpus, whole.sizes, least, Avoid())


@pytest.mark.parametrize(
    ("expression", "type_"),
    [
        ("observation.marks[seat]", "Point"),
        ("add(observation.speed, (1, 2.0))", "Point"),
        ("length(observation.speed) * 2 > observation.load", "bool"),
        ("max(observation.marks, key=lambda p: length(p) - seat, default=(0.0, 0.0))", "Point"),
        ("[p[0] for p in observation.marks if p[1] > 0]", "list[float]"),
        ("sum(length(p) for p in observation.marks)", "float"),
        ("observation.board[0][seat] if seat else 1", "int"),
        ("len(observation.marks) // 2", "int"),
        ("rng.random()", ""),
        ("abs(rng.random())", ""),
        ("len(memory)", ""),
        ("length(memory['last'])", ""),
        ("[rng.random() for p in observation.marks]", ""),
        ("max(observation.marks, key=lambda p: rng.random())", ""),
        ("observation.speed + observation.speed", ""),
    ],
)
def test_only_what_is_pure_and_known_has_a_type(expression: str, type_: str) -> None:
    tree = ast.parse(script(f"x = {expression}", "return legal[0]", given="observation, legal, seat, memory, rng"))
    value = next(node.value for node in ast.walk(tree) if isinstance(node, ast.Assign))
    assert Typer(tree, KNOWN).types.get(id(value), "") == type_


def test_a_local_function_is_typed_by_its_calls() -> None:
    text = script(
        "def score(action):", "    return far(observation.marks) + seat", "return max(legal, key=score)"
    ) + "\n\ndef far(points):\n    return max(length(p) for p in points)\n"  # fmt: skip
    tree = ast.parse(text)
    typer = Typer(tree, KNOWN)
    returned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None]
    assert sorted(typer.types.get(id(one), "") for one in returned) == ["", "float", "float"]


def test_types_join_to_the_narrowest_that_holds_all() -> None:
    assert join(["int", "float", "int"]) == "float" and join(["Point", "tuple[float, float]"]) == "Point"
    assert join(["int", "Point"]) == "" and join(["int", ""]) == "" and join([]) == ""


BRAKING = [
    script("aim = observation.marks[0]", "push = scale(observation.speed, -0.2)", "x, y = add(aim, push)", "return legal[x > y]"),
    script("x, y = add(observation.marks[seat], scale(observation.speed, -0.35))", "return legal[x > y]"),
    script(
        "v = observation.speed",
        "if seat:",
        "    x, y = add(observation.marks[2], scale(v, -0.1))",
        "else:",
        "    x, y = add(v, scale(v, -0.4))",
        "return legal[x > y]",
    ),
    script("x, y = add(scale(observation.marks[1], 1.1), scale(observation.speed, -0.3))", "return legal[x > y]"),
    *(script(f"x, y = add(observation.marks[{k}], scale(observation.speed, -0.1{k}))", "return legal[x > y]") for k in range(5)),
]


def test_a_planted_pattern_is_found_with_its_holes_however_it_was_broken_into_lines() -> None:
    whole, pattern = found(BRAKING)
    assert pattern is not None
    shape = draft(whole.corpus, pattern, {"add_scale"})
    assert shape is not None
    assert (shape.name, shape.parameters, shape.returns) == (
        "add_scale_2",
        (("point", "Point"), ("point_2", "Point"), ("amount", "float")),
        "Point",
    )
    assert shape.body == "add(point, scale(point_2, -amount))" and dict(shape.imports) == {n: PINS[n] for n in ("add", "scale")}
    source = shape.source("Told.", examples(shape.name, shape.returns, [(((0.0, 1.0), (2.0, 0.0), 0.5), (-1.0, 1.0))]))
    check_source(source, "function")
    assert signature_of(source).returns == "Point"
    assert ">>> [round(part, 3) for part in add_scale_2((0.0, 1.0), (2.0, 0.0), 0.5)]\n    [-1.0, 1.0]" in source
    texts = rewritten(whole, shape, fid_of(source, dict(shape.imports)), pattern.matches)
    assert sorted(texts) == list(range(9)) and texts[2][0].count("add_scale_2(") == 2
    for text, pins in texts.values():
        check_source(text, "script")
        assert set(pins) == {"add_scale_2", "scale"} if "scale(observation.marks" in text else {"add_scale_2"}
    after = sum(size_of(ast.parse(texts[one][0])) for one in texts)
    assert sum(map(size_of, whole.trees)) - after > pattern.saves, "the function's own nodes are taken off what it saves"


def test_what_was_refused_is_not_found_again() -> None:
    whole, pattern = found(BRAKING)
    assert pattern is not None
    avoid = Avoid(bodies={body_text(whole.corpus, pattern.matches[0], pattern.filled)})
    other = best(whole.corpus, whole.sizes, 2, avoid)
    assert other is None or body_text(whole.corpus, other.matches[0], other.filled) not in avoid.bodies
    roots = Avoid(roots={whole.corpus.texts[id(site.node)] for site in whole.corpus.sites})
    assert best(whole.corpus, whole.sizes, 2, roots) is None


def test_one_agents_scripts_are_written_once() -> None:
    whole = read([(source, PINS) for source in BRAKING], [KNOWN] * 9, [0] * 9)
    assert best(whole.corpus, whole.sizes, 2, Avoid()) is None


LONG = (
    "max(observation.marks, key=lambda p: length(add(p, scale(observation.speed, {0}))) + observation.load * length(p), "
    "default=(0.0, 0.0))"
)


def test_a_lambda_keeps_its_own_variable_and_a_lazy_hole_takes_only_what_cannot_fail() -> None:
    whole, pattern = found([script(f"return legal[{LONG.format(k)}[0] > 1]") for k in ("0.5", "0.25", "0.75")])
    assert pattern is not None
    shape = draft(whole.corpus, pattern, ())
    assert shape is not None and "lambda p: length(add(p, scale(speed, amount)))" in shape.body
    assert "p" not in [name for name, _ in shape.parameters]
    risky = [script(f"return legal[{LONG.format(k)}[0] > 1]") for k in ("1 / seat", "2 / seat", "3 / seat")]
    whole, pattern = found(risky)
    shape = draft(whole.corpus, pattern, ()) if pattern else None
    assert shape is None or "amount" not in [name for name, _ in shape.parameters], (
        "a division is not moved to where it always runs"
    )


OPERANDS = st.sampled_from(["observation.speed", "observation.marks[0]", "observation.marks[seat]", "(1.0, 0.5)"])


def grown(depth: int) -> st.SearchStrategy[str]:
    if depth == 0:
        return OPERANDS
    inner = grown(depth - 1)
    return st.one_of(
        OPERANDS,
        st.tuples(inner, inner).map(lambda two: f"add({two[0]}, {two[1]})"),
        st.tuples(inner, st.sampled_from(["2", "-0.5", "observation.load"])).map(lambda two: f"scale({two[0]}, {two[1]})"),
    )


class _Inlined(ast.NodeTransformer):
    """Puts a function's body where it is called, so that rewriting can be undone."""

    def __init__(self, name: str, parameters: Sequence[str], body: ast.expr) -> None:
        self.name, self.parameters, self.body = name, parameters, body

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name) or node.func.id != self.name:
            return node
        given = dict(zip(self.parameters, node.args, strict=True))

        class Put(ast.NodeTransformer):
            def visit_Name(self, name: ast.Name) -> ast.expr:
                return given.get(name.id, name)

        body: ast.expr = Put().visit(ast.parse(ast.unparse(self.body), mode="eval").body)
        return body


@settings(max_examples=25, deadline=None)
@given(st.lists(grown(3), min_size=2, max_size=4))
def test_rewriting_undone_is_the_script_as_it_was(expressions: list[str]) -> None:
    """Whatever is found: putting the body back in place of every call gives the very scripts, and nodes are saved as was said."""
    whole, pattern = found([script(f"x, y = {one}", "return legal[x > y]") for one in expressions])
    shape = draft(whole.corpus, pattern, ()) if pattern else None
    if pattern is None or shape is None:
        return
    body = ast.parse(shape.body, mode="eval").body
    for one, (text, _) in rewritten(whole, shape, "sha256:x", pattern.matches).items():
        undone = _Inlined(shape.name, [name for name, _ in shape.parameters], body).visit(ast.parse(text))
        policy, original = undone.body[-1], whole.trees[one].body[-1]
        assert ast.unparse(policy) == ast.unparse(original)
    assert pattern.saves > 0
