"""Program forms: which expressions a program has and how they become an action. None is written for one arena.

Which forms apply follows from the action space alone:

- steer   actions with directions: an `aim` (Point), then the legal action best aligned with it, the idle one for a short aim;
- score   discrete actions: a number per legal action with its index in scope, then the highest;
- rules   discrete actions: a decision list of conditions, coin tosses included;
- output  boxes and multi-discrete actions: one number per component, kept within its bounds;
- drive   two to four discrete actions: a push one way or the other, before it perhaps a need, around nothing a rest. Nothing random
  starts from it: its founders follow from what an explorer met (`mascript.writers.synthesis`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from mascript.writers.grammar import drive
from mascript.writers.grammar.grow import Grower
from mascript.writers.grammar.language import Language
from mascript.writers.grammar.render import Printer, import_lines, local_sources, shared_names
from mascript.writers.grammar.simplify import decisive, simplify
from mascript.writers.grammar.terminals import tidy
from mascript.writers.grammar.tree import Node, Scope, Tree, const, free_variables, nodes

PARAMETERS = ("observation", "legal", "memory", "rng", "seat", "step")
MAX_SIZE = 60
"""Nodes of a program at most; larger ones are slow to run and hard to read."""


@dataclass(frozen=True)
class Slot:
    """One expression of a form. Made by `SKETCHES`; read by growth and operators."""

    name: str
    type: str
    scope: Scope = ()
    literal: bool = False
    """The slot holds a constant: only the scalar operator changes it."""


@dataclass(frozen=True)
class Sketch:
    """One program form. The registry `SKETCHES` holds all."""

    name: str
    meaning: str
    """The policy's docstring."""
    applies: Callable[[Language], bool]
    slots: Callable[[Language], tuple[Slot, ...]]
    body: Callable[[Tree, Printer], list[str]]
    """Lines of the policy after its docstring, indented."""
    constants: Callable[[Tree, Language], list[str]]
    """Module-level constants of the script."""
    reads: tuple[str, ...] = ()
    """Parameters that the form itself needs."""
    drawn: bool = True
    """Whether random programs start from it."""


def _action_text(language: Language, index: int) -> str:
    names = language.actions.names
    return f'"{names[index]}"' if names else str(index + language.actions.start)


def _no_constants(tree: Tree, language: Language) -> list[str]:
    return []


# --- steer -----------------------------------------------------------------------------------------------------------------------


def _idle(language: Language) -> int | None:
    """The action without a direction, if there is one."""
    return next((index for index, way in enumerate(language.actions.directions) if not any(way)), None)


def _steer_slots(language: Language) -> tuple[Slot, ...]:
    aim = Slot("aim", "Point")
    return (aim,) if _idle(language) is None else (aim, Slot("idle_below", "float", literal=True))


def _steer_body(tree: Tree, printer: Printer) -> list[str]:
    language = printer.language
    lines = printer.line("x, y = ", tree.slot("aim"))
    idle = _idle(language)
    if idle is not None and tree.slot("idle_below").value > 0:
        lines.append(f"    if abs(x) + abs(y) < {tree.slot('idle_below').value!r}:")
        lines.append(f"        return {_action_text(language, idle)}")
    lines.append("    return max(legal, key=lambda a: x * WAYS[a][0] + y * WAYS[a][1])")
    return lines


def _steer_constants(tree: Tree, language: Language) -> list[str]:
    rows = [
        f"    {_action_text(language, index)}: ({float(x)!r}, {float(y)!r}),"
        for index, (x, y) in enumerate(language.actions.directions)
    ]
    return ["WAYS = {", *rows, "}"]


# --- score -----------------------------------------------------------------------------------------------------------------------


def _score_body(tree: Tree, printer: Printer) -> list[str]:
    actions = printer.language.actions
    lines = ["", "    def score(action):", *printer.line("return ", tree.slot("score"), indent=8), ""]
    if actions.names:
        return [*lines, "    return max(legal, key=lambda name: score(ACTIONS.index(name)))"]
    if actions.start:
        return [*lines, f"    return max(legal, key=lambda a: score(a - {actions.start}))"]
    return [*lines, "    return max(legal, key=score)"]


def _score_constants(tree: Tree, language: Language) -> list[str]:
    if not language.actions.names:
        return []
    return ["ACTIONS = (", *(f'    "{name}",' for name in language.actions.names), ")"]


# --- rules -----------------------------------------------------------------------------------------------------------------------


def _rules_body(tree: Tree, printer: Printer) -> list[str]:
    return _decision(tree.slot("decision"), printer, 4)


def _decision(node: Node, printer: Printer, indent: int) -> list[str]:
    if node.op == "choice":
        return [f"{' ' * indent}return {_action_text(printer.language, node.value)}"]
    test, yes, no = node.args
    head = printer.line("if ", test, ":", indent)
    return [*head, *_decision(yes, printer, indent + 4), *_decision(no, printer, indent)]


# --- output ----------------------------------------------------------------------------------------------------------------------


def _output_slots(language: Language) -> tuple[Slot, ...]:
    type_ = "float" if language.actions.kind == "box" else "int"
    return tuple(Slot(f"part_{index}", type_) for index in range(language.actions.size))


def _output_body(tree: Tree, printer: Printer) -> list[str]:
    actions = printer.language.actions
    lines = []
    for index, (name, node) in enumerate(tree.slots):
        lines += printer.line(f"{name} = ", node)
        low = actions.low[index] if actions.low else 0
        high = actions.high[index] if actions.high else (1 if actions.kind == "multi_discrete" else None)
        if high is not None and actions.kind == "box":
            lines.append(f"    {name} = min(max({name}, {float(low)!r}), {float(high)!r})")
        elif high is not None:
            lines.append(f"    {name} = min(max({name}, {int(low)}), {int(high)})")
    names = [name for name, _ in tree.slots]
    return [*lines, f"    return ({', '.join(names)}{',' if len(names) == 1 else ''})"]


def _output_applies(language: Language) -> bool:
    return language.actions.kind in {"box", "multi_discrete"} and 0 < language.actions.size <= 8


# --- drive -----------------------------------------------------------------------------------------------------------------------


def _drive_slots(language: Language) -> tuple[Slot, ...]:
    count = language.actions.size
    slots = [Slot("push", "float"), Slot("forward", "action", literal=True), Slot("backward", "action", literal=True)]
    if count > drive.FEWEST:
        slots += [Slot("rest", "action", literal=True), Slot("rest_below", "float", literal=True)]
    if count == drive.MOST:
        slots += [Slot("need", "float"), Slot("first", "action", literal=True)]
    return tuple(slots)


def _discrete(language: Language) -> bool:
    return language.actions.kind == "discrete"


SKETCHES = {
    sketch.name: sketch
    for sketch in (
        Sketch(
            "steer",
            "Aim somewhere; take the legal action that points most nearly there.",
            lambda language: _discrete(language) and bool(language.actions.directions) and language.constructible("Point"),
            _steer_slots,
            _steer_body,
            _steer_constants,
            ("legal",),
        ),
        Sketch(
            "score",
            "Give every legal action a score; take the highest.",
            lambda language: _discrete(language) and not language.actions.directions,
            lambda language: (Slot("score", "float", (("action", "int"),)),),
            _score_body,
            _score_constants,
            ("legal",),
        ),
        Sketch(
            "rules",
            "Take the first decision whose condition holds.",
            lambda language: _discrete(language) and not language.actions.directions,
            lambda language: (Slot("decision", "action"),),
            _rules_body,
            _no_constants,
        ),
        Sketch("output", "Compute every number of the action.", _output_applies, _output_slots, _output_body, _no_constants),
        Sketch(
            "drive",
            "Push one way or the other, unless something else comes first.",
            drive.applies,
            _drive_slots,
            drive.body,
            _no_constants,
            drawn=False,
        ),
    )
}


def sketches_for(language: Language) -> list[Sketch]:
    """The forms that this arena's actions allow and random programs start from."""
    return [sketch for sketch in SKETCHES.values() if sketch.drawn and sketch.applies(language)]


def random_tree(sketch: Sketch, language: Language, rng: random.Random, depth: int) -> Tree:
    """A random program of a form."""
    slots = []
    for slot in sketch.slots(language):
        if slot.literal:
            slots.append((slot.name, const(tidy(rng.choice((0.0, 0.0, 10 ** rng.uniform(-2, 0))) + 0.0))))
        else:
            slots.append((slot.name, _root(slot, Grower(language, rng, slot.scope), rng, depth)))
    return Tree(sketch.name, tuple(slots))


def _root(slot: Slot, grower: Grower, rng: random.Random, depth: int) -> Node:
    """Points and numbers start as a sum of one to three weighted features (a human prior); the rest as any expression.

    What a form brings into scope must be read, or every action scores alike: a few attempts are made.
    """
    for _ in range(6):
        node = _any_root(slot, grower, rng, depth)
        if all(name in free_variables(node) for name, _ in slot.scope):
            break
    return node


def _any_root(slot: Slot, grower: Grower, rng: random.Random, depth: int) -> Node:
    if slot.type not in {"Point", "float"} or rng.random() < 0.25:
        return grower.grow(slot.type, depth)
    first = grower.feature(slot.type)
    return grower.sum_of([first, *(grower.term(slot.type) for _ in range(rng.choice((0, 1, 1, 2))))])


def shorter(tree: Tree, language: Language) -> Tree:
    """The program with every slot simplified and without terms that decide nothing."""
    slots = []
    for name, node in tree.slots:
        scope = slot_of(tree, language, name).scope
        slots.append((name, decisive(simplify(node, language), language, [variable for variable, _ in scope])))
    return replace(tree, slots=tuple(slots))


def slot_of(tree: Tree, language: Language, name: str) -> Slot:
    """The description of a program's slot."""
    return next(slot for slot in SKETCHES[tree.form].slots(language) if slot.name == name)


def script(tree: Tree, language: Language) -> str:
    """The policy script of a program.

    Raises:
        TooWide: a part cannot be laid out within the line width.
    """
    sketch = SKETCHES[tree.form]
    trees = [node for _, node in tree.slots]
    names = shared_names(language, trees)
    printer = Printer(language, {*names, *tree.called()})
    aliases = [f"    {line}" for line in printer.alias_fields(trees)]
    body = [*aliases, *sketch.body(tree, printer)]
    if not aliases and body[0] == "":
        body = ["", *body[1:]]
    header = f"def policy({', '.join(_parameters(trees, sketch))}):"
    blocks = ["\n".join(lines) for lines in (import_lines(names), sketch.constants(tree, language)) if lines]
    functions = [text.rstrip("\n") for text in local_sources(language, trees)]
    functions.append("\n".join([header, f'    """{sketch.meaning}"""', *body]))
    top = "\n\n".join(blocks)
    return "\n\n\n".join(([top] if top else []) + functions) + "\n"


def _parameters(trees: list[Node], sketch: Sketch) -> list[str]:
    used = set(sketch.reads)
    for tree in trees:
        for part in nodes(tree):
            if part.op == "field":
                used.add("observation")
            elif part.op == "chance":
                used.add("rng")
            elif part.op == "var" and part.value in PARAMETERS:
                used.add(part.value)
    return [name for name in PARAMETERS if name in used]
