"""The lineage graph as text that people paste into papers and pages: DOT, Mermaid, and the phylogeny of scripts as CSV."""

from __future__ import annotations

import csv
import io
import math

from mascript.lineage.graph import LineageGraph, NodeId

SHAPES = {
    "run": "doubleoctagon",
    "generation": "plaintext",
    "agent": "house",
    "script": "ellipse",
    "function": "box",
    "release": "tab",
}
STYLES = {
    "parent": "solid",
    "crossover": "solid",
    "borrowed": "dotted",
    "executed": "dashed",
    "shown": "dotted",
    "reinvented": "dotted",
    "equivalent": "dotted",
    "credited": "bold",
}
_MERMAID = {"run": ("[[", "]]"), "generation": (">", "]"), "agent": ("([", "])"), "function": ("[", "]"), "release": ("[/", "/]")}
_LINKS = {"borrowed": "-.->", "shown": "-.->", "reinvented": "-.->", "equivalent": "-.->", "credited": "==>"}
ALIFE_COLUMNS = (
    "id",
    "ancestor_list",
    "origin_time",
    "destruction_time",
    "taxon_label",
    "run",
    "agent",
    "operator",
    "score",
    "champion",
    "crossed_with",
)


def to_dot(graph: LineageGraph) -> str:
    """DOT, as graphviz and pydot read it: shape by kind of node, style and label by kind of edge."""
    number = _numbers(graph)
    lines = ["digraph lineage {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for node, data in graph.nodes(data=True):
        kept = {"label": str(data["name"]), "shape": SHAPES[data["kind"]], "kind": data["kind"], "id": node}
        if data.get("champion"):
            kept["style"] = "bold"
        lines.append(f"  n{number[node]} [{_dot_attributes(kept)}];")
    for source, target, data in graph.edges(data=True):
        kept = {"label": _label(data), "style": STYLES.get(data["kind"], "solid"), "kind": data["kind"]}
        lines.append(f"  n{number[source]} -> n{number[target]} [{_dot_attributes(kept)}];")
    return "\n".join([*lines, "}"]) + "\n"


def to_mermaid(graph: LineageGraph) -> str:
    """A Mermaid flowchart, as Markdown pages render it. Names go in as quoted text with HTML entities, so that none is syntax."""
    number = _numbers(graph)
    lines = ["flowchart LR"]
    for node, data in graph.nodes(data=True):
        begin, end = _MERMAID.get(data["kind"], ("(", ")"))
        champion = ":::champion" if data.get("champion") else ""
        lines.append(f'  n{number[node]}{begin}"{_entities(str(data["name"]))}"{end}{champion}')
    for source, target, data in graph.edges(data=True):
        link = _LINKS.get(data["kind"], "-->")
        lines.append(f'  n{number[source]} {link}|"{_entities(_label(data))}"| n{number[target]}')
    return "\n".join([*lines, "  classDef champion stroke-width:3px"]) + "\n"


def to_alife(graph: LineageGraph) -> str:
    """The scripts' phylogeny as CSV in the ALife data standard (Lalejini et al. 2019, doi:10.1162/isal_a_00213).

    A row for each script: `id` (a number), `ancestor_list` (`[none]` or its parent), and both times in generations. A script that
    is there at the end has `destruction_time` inf: policies are kept, never destroyed. The others of a crossover stand apart, in
    `crossed_with`: the standard allows several ancestors, but phylotrack refuses a file with any.
    """
    scripts = [node for node, kind in graph.nodes(data="kind") if kind == "script"]
    number = {node: place for place, node in enumerate(scripts)}
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(ALIFE_COLUMNS)
    for node in scripts:
        data = graph.nodes[node]
        rows.writerow(
            (
                number[node],
                _listed([number[one] for one in _sources(graph, node, "parent")]),
                data.get("generation", 0),
                "inf",
                _plain(node.removeprefix("script:")),
                *(_plain(data.get(name, "")) for name in ("run", "agent", "operator")),
                _finite(data.get("score")),
                int(bool(data.get("champion"))),
                _listed([number[one] for one in _sources(graph, node, "crossover")]),
            )
        )
    return text.getvalue()


def _sources(graph: LineageGraph, node: NodeId, kind: str) -> list[NodeId]:
    """Where a script's edges of a kind come from; never itself, which a rewrite to the same code would name."""
    return [source for source, _, its_kind in graph.in_edges(node, data="kind") if its_kind == kind and source != node]


def _listed(numbers: list[int]) -> str:
    return str(numbers) if numbers else "[none]"


def _numbers(graph: LineageGraph) -> dict[NodeId, int]:
    return {node: place for place, node in enumerate(graph)}


def _label(data: dict[str, object]) -> str:
    """An edge's kind; of a credited one also what the effect is called and what it is worth to the borrower."""
    own = data.get("own")
    worth = f" {own:+.3g}" if isinstance(own, float) and math.isfinite(own) else ""
    return f"{data['kind']} {data['label']}{worth}" if data.get("label") else str(data["kind"])


def _finite(value: object) -> object:
    return value if isinstance(value, int | float) and math.isfinite(value) else ""


def _dot_attributes(values: dict[str, str]) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in values.items())


def _quoted(text: str) -> str:
    """A quoted DOT string: the backslash begins an escape there, and control characters have no place."""
    return '"' + _plain(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(text: str) -> str:
    """One line of printable text, as every reader of a line-based form expects."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _entities(text: str) -> str:
    """Mermaid's escapes are `#code;`: everything that is neither a letter, a digit nor plain punctuation."""
    return "".join(char if char.isalnum() or char in " _-.,+@:" else f"#{ord(char)};" for char in text)
