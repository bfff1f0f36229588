"""Contributing: the heart of an accepted program becomes a shared function of what it reads.

The part is abstracted over observed fields, the action's index, `seat`, `step` and the literal positions at which it takes elements
from lists, so that another seat can call it for its own. The tree of what was taken out stays in the genome (`Tree.bodies`): the
writer can put it back before it changes the program, and an improved part is then offered as a revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from mascript.writers.base import Brief, Contribution, Parent, Proposal
from mascript.writers.grammar.evaluate import Unknown, evaluate
from mascript.writers.grammar.language import Language
from mascript.writers.grammar.render import WIDTH, Printer, TooWide, import_lines, shared_names
from mascript.writers.grammar.sketches import SKETCHES, script, slot_of
from mascript.writers.grammar.tree import Body, Node, Path, Tree, called, fields_used, free_variables, nodes, put, size, walk

SMALLEST = 4
"""Nodes of a part worth sharing at least."""
CONSTANTS_EVERY = 3
"""Generations in which a helper that only got better constants may be offered again: its measurement costs episodes."""
POSITIONS = ("index", "second_index")
"""Names of the parameters that stand for literal positions; a part with more distinct ones keeps the rest."""
SHARED_TYPES = frozenset({"Point", "float", "bool", "int"})
STEM = {"float": "amount", "Point": "vector", "bool": "condition", "int": "number"}
ORDER = ("action", "seat", "step")


class Taken(NamedTuple):
    """A part taken out of a program. Made by `_taken`; read by `contributions`."""

    slot: str
    path: Path
    body: Body
    arguments: tuple[Node, ...]


def contributions(tree: Tree, champion: Parent, brief: Brief, language: Language) -> tuple[Contribution, ...]:
    """The helper that an accepted program holds, at most one."""
    taken = _taken(tree, language)
    if taken is None:
        return ()
    earlier = _revised(tree, taken, brief)
    if _too_soon(taken, tree, brief):
        return ()
    name = earlier or _free_name(_name(taken), brief, tree)
    pins = dict(champion.proposal.pins)
    used = shared_names(language, [taken.body.node])
    if any(used_name not in pins for used_name in used):
        return ()
    try:
        source = _source(name, taken, tree, brief, language, used)
        rewritten = _rewritten(name, tree, taken, champion, language, pins)
    except TooWide:
        return ()
    derives = next((entry.pin for entry in brief.library if entry.name == earlier), "") if earlier else ""
    used_pins = tuple(sorted((key, pins[key]) for key in used))
    # What would arm a rival is given only where it must be.
    return (Contribution(name, source, rewritten, derives, used_pins, kept=bool(brief.settings.get("rivals"))),)


def _rewritten(name: str, tree: Tree, taken: Taken, champion: Parent, language: Language, pins: Mapping[str, str]) -> Proposal:
    call = Node("call", taken.body.node.type, taken.arguments, name)
    new = tree.with_slot(taken.slot, put(tree.slot(taken.slot), taken.path, call))
    bodies = tuple((key, body) for key, body in tree.bodies if key in new.called() and key != name)
    called = new.called()
    kept = tuple((key, fid) for key, fid in sorted(pins.items()) if key in called and key != name)
    new = replace(new, pins=kept, bodies=(*bodies, (name, taken.body)))
    return replace(
        champion.proposal, source=script(new, language), operator="extract", genome=new.to_json(), pins=kept, borrowed=()
    )


def _too_soon(taken: Taken, tree: Tree, brief: Brief) -> bool:
    """Whether an earlier helper of this program is the same, or differs in constants alone and is not yet due for a revision."""
    if any(body.node == taken.body.node for _, body in tree.bodies):
        return True
    alike = any(_shape(body.node) == _shape(taken.body.node) for _, body in tree.bodies)
    return alike and brief.generation % CONSTANTS_EVERY != 0


def _shape(node: Node) -> Node:
    value = None if node.op == "const" and isinstance(node.value, float) else node.value
    return Node(node.op, node.type, tuple(_shape(child) for child in node.args), value)


# --- which part -------------------------------------------------------------------------------------------------------------------


def _taken(tree: Tree, language: Language) -> Taken | None:
    """The largest part worth sharing: the whole slot where it can be, for rules the largest condition."""
    best: tuple[int, str, Path, Node] | None = None
    for name, root in tree.slots:
        if slot_of(tree, language, name).literal:
            continue
        for path, node, bound in walk(root):
            if not bound and _worth_sharing(node, language) and (best is None or size(node) > best[0]):
                best = (size(node), name, path, node)
    if best is None:
        return None
    _, slot, path, node = best
    body, arguments = _abstract(node, language)
    return Taken(slot, path, body, arguments)


def _worth_sharing(node: Node, language: Language) -> bool:
    """Big enough, pure, reads what is observed, computes something, and is not just a call of somebody's helper."""
    if node.type not in SHARED_TYPES or size(node) < SMALLEST or not fields_used(node):
        return False
    if any(part.op in {"chance", "choice"} or part.type == "action" for part in nodes(node)):
        return False
    if any(part.op == "call" and (f := language.functions.get(part.value)) is not None and not f.fid for part in nodes(node)):
        return False
    if node.op == "item" or (node.op == "call" and all(_plain(child) for child in node.args)):
        return False
    return any(part.op not in {"field", "const", "var", "item", "element"} for part in nodes(node))


def _plain(node: Node) -> bool:
    """Whether an argument computes nothing."""
    return node.op in {"field", "const", "var", "origin", "empty"} or (node.op in {"item", "element"} and size(node) <= 3)


def _abstract(node: Node, language: Language) -> tuple[Body, tuple[Node, ...]]:
    """The part as a function: its parameters, its body over them, and the arguments that give the part back."""
    arguments: dict[str, Node] = {}
    used = fields_used(node)
    for name in language.sources:
        if name in used:
            arguments[_parameter(name)] = Node("field", language.sources[name].type, (), name)
    free = free_variables(node)
    for name in ORDER:
        if name in free:
            arguments[name] = Node("var", "int", (), name)
    positions = _positions(node, language)[: len(POSITIONS)]
    names = dict(zip(positions, POSITIONS, strict=False))
    arguments.update({name: Node("const", "int", (), position) for position, name in names.items()})
    body = _over_parameters(node, names, language)
    return Body(tuple((name, argument.type) for name, argument in arguments.items()), body), tuple(arguments.values())


def _parameter(field: str) -> str:
    return field if field not in {*ORDER, *POSITIONS, "p"} else f"{field}_seen"


def _positions(node: Node, language: Language) -> list[int]:
    """Literal positions in lists: of elements taken, and given to functions that ask for an index, in order of first use."""
    found = [part.args[slot].value for part in nodes(node) for slot in _position_slots(part, language)]
    return list(dict.fromkeys(found))


def _position_slots(node: Node, language: Language) -> list[int]:
    """Which arguments of a node are literal positions."""
    if node.op == "item" and node.args[0].op == "field":
        slots = [1]
    elif node.op == "call" and (function := language.functions.get(node.value)) is not None:
        slots = [slot for slot, (name, type_) in enumerate(function.parameters) if type_ == "int" and "index" in name]
    else:
        slots = []
    return [slot for slot in slots if node.args[slot].op == "const"]


def _over_parameters(node: Node, names: Mapping[int, str], language: Language) -> Node:
    if node.op == "field":
        return Node("var", node.type, (), _parameter(node.value))
    slots = [slot for slot in _position_slots(node, language) if node.args[slot].value in names]
    args = tuple(
        Node("var", "int", (), names[child.value]) if slot in slots else _over_parameters(child, names, language)
        for slot, child in enumerate(node.args)
    )
    return Node(node.op, node.type, args, node.value)


def unfold(tree: Tree) -> Tree:
    """The program with every own helper that it calls put back in place, so that all of it can change again."""
    bodies = dict(tree.bodies)
    slots = tuple((name, _unfolded(node, bodies)) for name, node in tree.slots)
    called = replace(tree, slots=slots).called()
    pins = tuple((name, fid) for name, fid in tree.pins if name in called)
    return replace(tree, slots=slots, pins=pins)


def _unfolded(node: Node, bodies: Mapping[str, Body]) -> Node:
    args = tuple(_unfolded(child, bodies) for child in node.args)
    body = bodies.get(node.value) if node.op == "call" else None
    if body is None:
        return Node(node.op, node.type, args, node.value)
    given = {name: argument for (name, _), argument in zip(body.parameters, args, strict=True)}
    return _substituted(body.node, given)


def _substituted(node: Node, given: Mapping[str, Node]) -> Node:
    if node.op == "var" and node.value in given:
        return given[node.value]
    return Node(node.op, node.type, tuple(_substituted(child, given) for child in node.args), node.value)


# --- its name ---------------------------------------------------------------------------------------------------------------------


def _revised(tree: Tree, taken: Taken, brief: Brief) -> str:
    """The visible helper that this part is a new version of: one taken out of the same program before, with the same parameters."""
    visible = {entry.name for entry in brief.library} - called(taken.body.node)
    for name, body in tree.bodies:
        if name in visible and body.parameters == taken.body.parameters and body.node.type == taken.body.node.type:
            return name
    return ""


def _name(taken: Taken) -> str:
    stem = _stem(taken)
    known = [name for name, _ in taken.body.parameters if name not in {*POSITIONS, *ORDER}]
    return "_".join([stem, "from", *known[:3]])


def _stem(taken: Taken) -> str:
    """The slot's name for a whole slot, else what the part's type is called."""
    return STEM[taken.body.node.type] if taken.path else taken.slot.rstrip("_0123456789")


def _free_name(name: str, brief: Brief, tree: Tree) -> str:
    taken = {entry.name for entry in brief.library} | set(brief.settings.get("taken_names", ())) | {key for key, _ in tree.pins}
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


# --- its text ---------------------------------------------------------------------------------------------------------------------


def _source(name: str, taken: Taken, tree: Tree, brief: Brief, language: Language, used: set[str]) -> str:
    parameters = taken.body.parameters
    header = _header(name, parameters, taken.body.node.type)
    printer = Printer(language, {*used, *(key for key, _ in parameters)}, in_helper=True)
    lines = printer.line("return ", taken.body.node)
    imports = import_lines(used)
    doc = _doc(name, taken, tree, brief, language)
    return "\n".join([*imports, *(["", ""] if imports else []), *header, *doc, *lines]) + "\n"


def _header(name: str, parameters: tuple[tuple[str, str], ...], returns: str) -> list[str]:
    plain = f"def {name}({', '.join(f'{key}: {type_}' for key, type_ in parameters)}) -> {returns}:"
    if len(plain) <= WIDTH:
        return [plain]
    return [f"def {name}(", *(f"    {key}: {type_}," for key, type_ in parameters), f") -> {returns}:"]


def _doc(name: str, taken: Taken, tree: Tree, brief: Brief, language: Language) -> list[str]:
    """What it returns, where it comes from, and an example whose value this writer computes where it can."""
    seen = [key for key, _ in taken.body.parameters]
    known = f"{', '.join(seen[:-1])} and {seen[-1]}" if len(seen) > 1 else seen[0]
    first = f"{_stem(taken).capitalize()} computed from {known}."
    role = "whole" if not taken.path else "part of the"
    origin = f"The {role} {taken.slot} of a `{tree.form}` script by {brief.agent} for {brief.arena}, generation {brief.generation}."
    lines = [f'    """{first}', "", f"    {SKETCHES[tree.form].meaning}", f"    {origin}", ""]
    return [*lines, *(f"    {line}" for line in _example(name, taken, language)), '    """']


def _example(name: str, taken: Taken, language: Language) -> list[str]:
    values = [
        _sample(key, type_, argument, language)
        for (key, type_), argument in zip(taken.body.parameters, taken.arguments, strict=True)
    ]
    call = f"{name}({', '.join(map(repr, values))})"
    try:
        given = {key: value for (key, _), value in zip(taken.body.parameters, values, strict=True)}
        result = evaluate(taken.body.node, given, language)
    except Unknown:
        return [f">>> isinstance({call}, {'tuple' if taken.body.node.type == 'Point' else '(float, int)'})", "True"]
    if isinstance(result, tuple):
        return [f">>> [round(part, 3) for part in {call}]", repr([round(part, 3) for part in result])]
    if isinstance(result, bool):
        return [f">>> {call}", repr(result)]
    return [f">>> round({call}, 3)", repr(round(result, 3))]


def _sample(name: str, type_: str, argument: Node, language: Language) -> object:
    """A small value of the parameter's type and, for observed fields, of its shape."""
    if argument.op == "const":
        return argument.value
    shape = language.sources[argument.value].shape if argument.op == "field" else ()
    count = shape[0] if shape else 3
    points = [(round(0.5 - 0.4 * index, 1), round(0.3 * index - 0.2, 1)) for index in range(count)]
    if type_ == "Grid":
        return tuple((0,) * shape[1] for _ in range(shape[0]))
    samples: dict[str, object] = {
        "Point": (0.1, -0.3),
        "list[Point]": points,
        "list[float]": [0.5 * index for index in range(count)],
        "list[int]": [index % 2 for index in range(count)],
        "float": 0.5,
        "bool": True,
    }
    return samples.get(type_, 1)
