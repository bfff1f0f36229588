"""The one-file report: complete, self-contained, safe against what scripts and people name things."""

from __future__ import annotations

import math
import random
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from mascript.lineage.drawing import draw
from mascript.lineage.effect_records import Estimate
from mascript.lineage.findings import effect_sentences, findings, interval_words
from mascript.lineage.graph import build_graph
from mascript.lineage.html import highlight, render_lineage, render_report
from mascript.lineage.inference import Sign, label_of
from mascript.lineage.plots import axis, ticks
from mascript.lineage.report import (
    AgentCurve,
    ChampionSource,
    Command,
    CurvePoint,
    HelperRow,
    Inheritance,
    RunReport,
    Score,
    number,
    with_half_width,
)
from mascript.lineage.rows import LineageRows

AGENTS = ("ada", "bo", "cleo")
SOURCE = '''from shared import nearest, spread_out

LEAD = 0.35


def policy(observation, legal, memory):
    """Take the landmark that no team-mate is nearer to; brake when close."""
    free = spread_out(observation.landmarks, observation.others)
    if not free:
        return "stay"
    target = free[nearest(free, (0.0, 0.0))]  # relative to me
    if abs(target[0]) > abs(target[1]) + LEAD:
        return "right" if target[0] > 0 else "left"
    return "up" if target[1] > 0 else "down"
'''


def estimate(mean: float, half: float, margin: float = 0.05) -> Estimate:
    low, high = mean - half, mean + half
    sign: Sign = "0" if max(abs(low), abs(high)) <= margin else "+" if low > 0 else "-" if high < 0 else "?"
    return Estimate(mean, half / 2, 60, 0.001, (low, high), (low, high), sign)


def helper(pin: str, giver: str, taker: str, own: float, others: float, half: float, **more: object) -> HelperRow:
    first, rest = estimate(own, half), estimate(others, half * 0.9)
    row = HelperRow(pin, giver, taker, 41_200, 256, label_of(first.sign, rest.sign), own=first, others=rest)
    welfare = own + 2 * others
    gains = {
        "welfare": estimate(welfare, 2 * half),
        "cooperative": estimate(welfare / 3, half),
        "competitive": estimate(own - welfare / 3, half),
    }
    return replace(row, **gains, **more)  # type: ignore[arg-type]


def sample_rows() -> LineageRows:
    rng = random.Random(4)
    policies, usage, functions, derivations = [], [], [], []
    for agent in AGENTS:
        score = -27.0
        for generation in range(9):
            for k in range(2):
                pid = f"{agent}{generation}{k}"
                parents = [f"{agent}{generation - 1}0"] if generation else []
                if k and generation > 2:
                    parents.append(f"{rng.choice(AGENTS)}{generation - 1}0")
                score += rng.random() * 1.4 * (k == 0)
                row = {"run": "r", "agent": agent, "generation": generation, "parents": parents}
                policies.append({"pid": pid, "score": score - k, "champion": k == 0, "operator": "insert", **row})
    for k, (name, author, generation) in enumerate(
        (("spread_out", "ada", 2), ("brake", "bo", 3), ("gap", "ada", 5), ("centre_of", "cleo", 4))
    ):
        functions.append({"fid": f"f{k}", "name": name, "author": author, "run": "r", "generation": generation})
        derivations.append({"child": f"f{k}", "parent": f"{author}{generation}0", "kind": "extracted"})
        for taker in AGENTS:
            if taker != author and rng.random() < 0.8:
                usage.append(
                    {"pid": f"{taker}{generation + 2}0", "fid": f"f{k}", "imported": True, "calls_executed": rng.choice((0, 900))}
                )
    effects = [{"fid": "f0", "policy": "bo40", "label": "mutual", "borrower": "bo"}]
    effects.append({"fid": "f1", "policy": "cleo50", "label": "exploitative", "borrower": "cleo"})
    return LineageRows([{"id": "r"}], [], policies, functions, [], [{"fid": "f2", "needs": "f0"}], derivations, usage, [], effects)


def sample_report() -> RunReport:
    rng = random.Random(7)
    curves = []
    for agent in AGENTS:
        best, points = -24.0 + rng.random(), []
        for generation in range(13):
            best += rng.random() * 1.5 * math.exp(-generation / 9)
            points.append(CurvePoint(generation, best + 0.8 + rng.random(), best - 2.5 - rng.random() * 4, best))
        curves.append(AgentCurve(agent, tuple(points)))
    return RunReport(
        title="Spreading out",
        arena="mpe2:simple_spread_v3 (N=3)",
        kind="cooperative",
        summary=(
            ("seed", "7"),
            ("generations", "12"),
            ("scripts written", "864"),
            ("episodes", "11,904"),
            ("steps", "297,600"),
            ("writer", "grammar"),
            ("library", "shared, head 3f9c21"),
            ("time", "41 s on 2 cores"),
        ),
        isolation="Full: one locked process per script and seat; no files, no network, no sight of the environment or the score.",
        curves=tuple(curves),
        audit=(
            Score("ada", -11.9, 0.6, 200),
            Score("bo", -12.4, 0.7, 200),
            Score("cleo", -13.1, 0.6, 200, "79 % of the way to scripted"),
        ),
        references=(Score("random", -27.2, 0.5, 1000), Score("scripted", -8.2, 0.2, 1000, "optimal assignment, with braking")),
        helpers=(
            helper("spread_out@1.0.0#sha256:9f2c", "ada", "bo", 1.42, 1.1, 0.5),
            helper("brake@1.1.0#sha256:77aa", "bo", "cleo", 0.9, -0.6, 0.42),
            helper("gap@1.0.0#sha256:0c1d", "ada", "cleo", -0.7, 0.8, 0.45),
            helper("centre_of@1.0.0#sha256:5e5e", "cleo", "ada", 0.2, 0.1, 0.55, flags=("forfeits",)),
            helper("nudge@2.0.0#sha256:4b4b", "bo", "ada", 0.01, -0.01, 0.03),
            helper("lead@1.0.1#sha256:12ab", "cleo", "bo", -0.9, -1.0, 0.5),
            helper("pick_move@1.0.0#sha256:33ff", "ada", "bo", 2.2, 0.02, 0.02, disables_seat=True),
            HelperRow(
                "unpack@1.0.0#sha256:99",
                "bo",
                "ada",
                812,
                16,
                "unresolved",
                ("dependency",),
                reason="seed 3, step 2: error not iterable",
            ),
        ),
        margin=0.05,
        inheritance=Inheritance(
            -13.0, -15.4, 0.8, 10, 11_904, 2_976, "Four newcomers with the first team's library, and the same four without."
        ),
        champions=tuple(ChampionSource(agent, f"p:{agent}9f2c81", 12, SOURCE) for agent in AGENTS),
        lineage=draw(build_graph(sample_rows())),
        commands=(
            Command("who borrowed spread_out", "mascript trace spread_out"),
            Command("play the champions", "mascript play mpe2:simple_spread_v3 ada.py bo.py cleo.py"),
            Command("measure the helpers again", "mascript credit 7f3a"),
        ),
        notes=("Two pairs of 512 had no verdict within the memory limit and were dropped.",),
    )


class Outline(HTMLParser):
    """Collects tags, attribute values and text; void elements need no closing."""

    VOID = frozenset(("meta", "line", "rect", "circle", "path", "polyline", "polygon", "br"))

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_shows_everything_it_was_given() -> None:
    page = Outline(render_report(sample_report()))
    assert page.open == []
    for shown in (
        *AGENTS,
        "spread_out@1.0.0",
        "exploitative",
        "dependency",
        "returns the action",
        "\u221212.40",
        "random",
        "11,904",
        "mascript credit 7f3a",
    ):
        assert shown in page.text
    assert page.tags.count("svg") == 3 + 5 + 1 + 1 + 1, "three curves, five strips, scatter, inheritance, lineage"
    for section in (
        "Learning",
        "Audit",
        "Borrowed helpers",
        "newcomers",
        "Lineage",
        "Champions",
        "Where to look next",
        "Isolation",
    ):
        assert section in page.text


def test_the_report_is_one_file() -> None:
    page = render_report(sample_report())
    assert re.findall(r"https?://", page) == []
    outline = Outline(page)
    assert not set(outline.tags) & {"link", "img", "iframe", "object", "embed"}
    assert [
        value for name, value in outline.attributes if name in {"src", "href", "action", "srcset"} and not value.startswith("#")
    ] == []
    assert "@import" not in page and "url(" not in page and "default-src 'none'" in page


def test_several_experiments_share_one_page() -> None:
    one = sample_report()
    page = Outline(render_report([one, replace(one, title="Four in a row")], title="A demo"))
    assert page.open == [] and "A demo" in page.text and "Four in a row" in page.text
    assert [value for name, value in page.attributes if name == "href"] == ["#run-1", "#run-2"]
    with pytest.raises(ValueError, match="at least one report"):
        render_report([])


HOSTILE = '</title></script></style><script>alert(1)</script><img src=x onerror="alert(2)">{{ 7*7 }}\'"&'


def test_hostile_names_are_text_everywhere() -> None:
    rows = sample_rows()
    spoiled = replace(
        rows,
        policies=[{**row, "agent": HOSTILE, "operator": HOSTILE} for row in rows.policies],
        functions=[{**row, "name": HOSTILE, "author": HOSTILE} for row in rows.functions],
        effects=[{**row, "label": HOSTILE} for row in rows.effects],
    )
    report = replace(
        sample_report(),
        title=HOSTILE,
        arena=HOSTILE,
        kind=HOSTILE,
        summary=((HOSTILE, HOSTILE),),
        isolation=HOSTILE,
        curves=(AgentCurve(HOSTILE, (CurvePoint(0, -1.0, -2.0, -1.0), CurvePoint(1, 0.0, -1.0, 0.0))),),
        audit=(Score(HOSTILE, 1.0, 0.1, 9, HOSTILE),),
        references=(Score(HOSTILE, 0.0, None, 0, HOSTILE),),
        helpers=(helper(HOSTILE, HOSTILE, HOSTILE, 1, 1, 0.1, flags=(HOSTILE,), reason=HOSTILE),),
        inheritance=Inheritance(1, 0, 0.1, 3, 5, 5, HOSTILE),
        champions=(ChampionSource(HOSTILE, HOSTILE, 1, HOSTILE),),
        lineage=draw(build_graph(spoiled)),
        commands=(Command(HOSTILE, HOSTILE),),
        notes=(HOSTILE,),
    )
    page = Outline(render_report([report, report], HOSTILE))
    assert page.open == []
    assert page.tags.count("script") == 1 and "img" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert HOSTILE in page.text and "49" not in re.findall(r"\{\{ 7\*7 \}\}|49", page.text)


def test_an_empty_run_renders() -> None:
    page = Outline(
        render_report(
            RunReport(
                title="Nothing yet",
                arena="x_v0",
                measured=True,
                curves=(AgentCurve("ada", ()),),
                lineage=draw(build_graph(LineageRows())),
            )
        )
    )
    assert page.open == [] and "No final script executes a helper that another agent contributed" in page.text


def test_the_lineage_alone_renders() -> None:
    page = Outline(render_lineage(draw(build_graph(sample_rows())), "Lineage of r"))
    assert page.open == [] and page.tags.count("svg") == 1 and "Audit" not in page.text


def test_findings_say_plainly_when_nothing_is_resolved() -> None:
    report = replace(sample_report(), helpers=(helper("a@1.0.0", "ada", "bo", 0.1, 0.1, 0.5),))
    assert any("1 helper that another agent contributed" in line and "none of these" in line for line in findings(report))
    assert any("donors spent 11,904 episodes" in line for line in findings(report))


def test_an_effect_is_said_with_every_estimand_once_per_helper() -> None:
    rows = (*sample_report().helpers, helper("spread_out@1.0.0#sha256:9f2c", "ada", "cleo", 0.8, 0.9, 0.3))
    (first, *_) = said = effect_sentences(rows)
    assert len(said) == 3 and sum("spread_out" in line for line in said) == 1
    assert "spread_out@1.0.0 (by ada) in bo\u2019s script: own +1.42 [0.92, 1.92]" in "".join(said)
    assert all(word in first for word in ("own", "others", "welfare", "cooperative gain", "competitive gain"))
    assert "returns" not in first and not any("pick_move" in line for line in said), "a knock-out of the action is no evidence"


def test_a_contest_is_told_by_opponent() -> None:
    scores = (
        Score("ada", 0.94, 0.049, 200, "", "random", 192, 6, 200),
        Score("ada", -0.05, 0.14, 199, "", "two_ply", 88, 100, 200),
    )
    report = replace(sample_report(), kind="competitive", audit=scores, references=(), helpers=())
    assert findings(report)[0].startswith(
        "ada wins 96 % against random (0.94 \u00b1 0.05) and 44 % against two_ply (\u22120.05 \u00b1 0.14)"
    )
    page = Outline(render_report(report))
    assert page.open == [] and "two_ply" in page.text and "96\u2009%" in page.text


def test_figures_beside_each_other_share_their_decimals() -> None:
    assert with_half_width(Score("ada", -11.9, 0.6)) == "\u221211.90 \u00b1 0.60"
    assert with_half_width(Score("ada", 0.02, 0.01)) == "0.020 \u00b1 0.010"
    assert interval_words(estimate(-0.082, 0.26)) == "\u22120.08 [\u22120.34, 0.18]"


def test_the_drawing_has_a_lane_per_agent_and_no_two_nodes_in_one_place() -> None:
    drawing = draw(build_graph(sample_rows()))
    assert [lane.name for lane in drawing.lanes] == [*AGENTS, "library"]
    assert len({(node.x, node.y) for node in drawing.nodes}) == len(drawing.nodes)
    assert drawing == draw(build_graph(sample_rows()))
    x = {node.id: node.x for node in drawing.nodes}
    assert all(x[edge.source] < x[edge.target] for edge in drawing.edges if edge.kind == "parent")
    lanes = {lane.name: lane for lane in drawing.lanes}
    assert all(lanes[node.lane].top <= node.y <= lanes[node.lane].bottom for node in drawing.nodes)


def test_a_long_lineage_keeps_champions_and_what_they_came_from() -> None:
    drawing = draw(build_graph(sample_rows()), limit=27)
    scripts = [node for node in drawing.nodes if node.kind == "script"]
    assert len(scripts) == 27 and all(node.champion for node in scripts) and drawing.hidden == 27


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-12.345, "\u221212.35"),
        (0.0, "0"),
        (0.04567, "0.046"),
        (-0.0001, "0"),
        (1234.5, "1,234"),
        (None, "\u2013"),
        (math.inf, "∞"),
    ],
)
def test_numbers_read_well(value: float | None, text: str) -> None:
    assert number(value) == text


def test_ticks_are_round_and_inside() -> None:
    assert ticks(-27.2, -8.1, 5) == [-25, -20, -15, -10]
    assert ticks(0, 1, 5) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    one = axis([3.0], 0, 100)
    assert 0 < one.at(3.0) < 100 and one.at(math.inf) == 100


def test_highlighting_changes_no_character() -> None:
    assert Outline(f"<pre>{highlight(SOURCE)}</pre>").text == SOURCE
