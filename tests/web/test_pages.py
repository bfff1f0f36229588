"""Every page over real HTTP: it shows what the rows say, its twin says the same, and every link leads somewhere."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from library import Library
from mascript.bench.library import release_one
from mascript.compare.comparison import compare_runs
from mascript.journal import Journal, Rows, Workspace, standing
from mascript.plain import plain
from mascript.web.asking import Ask
from mascript.web.routes import ROUTES
from mascript.web.views.library import library_page

RUN = "tiny-10-1"
PLAYING = tuple(route.pattern for route in ROUTES if route.plays)


class Links(HTMLParser):
    """Addresses that a page leads to or needs, and what a strict policy would not let it do."""

    def __init__(self) -> None:
        super().__init__()
        self.leads: set[str] = set()
        self.needs: set[str] = set()
        self.inline: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.inline.append(tag)
        if tag == "a":
            self.leads.add(given.get("href") or "")
        for name in ("src", "href"):
            if tag in ("script", "link", "img") and given.get(name):
                self.needs.add(str(given[name]))


def read(text: str) -> Links:
    links = Links()
    links.feed(text)
    return links


def pattern_of(address: str) -> str:
    """The route of an address, so that a crawl looks at a few of each kind."""
    path = address.partition("?")[0].partition("#")[0]
    for route in ROUTES:
        if re.fullmatch(re.sub(r"\{\w+:([^{}]+)\}", r"\1", route.pattern), path.removesuffix(".json")):
            return route.pattern + (".json" if path.endswith(".json") else "")
    return path


def test_every_link_leads_somewhere_and_nothing_is_inline_or_from_elsewhere(served) -> None:
    """A crawl from the first page over a few addresses of each kind, hostile run included, reaches every route."""
    waiting, seen, kinds = ["/runs"], set[str](), dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        kind = pattern_of(address)
        if address in seen or kinds.get(kind, 0) >= (2 if kind.startswith(PLAYING) else 6):
            continue
        seen.add(address)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = served.get(address)
        assert answer.status == 200, (address, answer.text[:500])
        if "html" in answer.headers["Content-Type"]:
            found = read(answer.text)
            assert not found.inline, address
            assert all(need.startswith("/static/") for need in found.needs), address
            assert all(lead.startswith(("/", "#", "?")) for lead in found.leads), address
            waiting += sorted(lead.partition("#")[0] for lead in found.leads if lead.startswith("/")) + sorted(found.needs)
    assert {route.pattern for route in ROUTES} <= set(kinds), sorted(kinds)


def test_the_list_of_runs_says_what_the_rows_say(served, workspace: Path) -> None:
    with Workspace.open(workspace, read_only=True) as opened:
        stands = standing(opened, Rows(opened), Journal(opened).run(RUN))
    line = served.get("/runs.json?q=tiny").json()["runs"][0]
    assert line["standing"] == json.loads(json.dumps(vars(stands)))
    assert [
        name
        for name in ("run", "best")
        if str(line["standing"][name])[:6] in served.get("/runs?q=tiny").text.replace("\u2212", "-")
    ]
    assert served.get("/runs.json?state=failed").json()["runs"] == []
    assert "No run is like that" in served.get("/runs?q=nobody").text


def test_a_run_shows_its_events_on_the_axis_of_its_curves(served, workspace: Path) -> None:
    page, text = served.get(f"/runs/{RUN}.json").json(), served.get(f"/runs/{RUN}").text
    with Workspace.open(workspace, read_only=True) as opened:
        promoted = sum(bool(entry.body["promoted"]) for entry in Journal(opened).entries(RUN, kind="turn"))
        released = sum(one.run == RUN for name in Library(opened.db).names() for one in Library(opened.db).releases(name))
    kinds = [event["kind"] for event in page["events"]]
    assert kinds.count("promoted") == promoted and kinds.count("contributed") == released
    assert text.count('class="mark promoted') == promoted
    assert {score["name"] for score in page["audit"]} >= {curve["agent"] for curve in page["curves"]}
    assert page["helpers"] and page["borrowed"] and page["gates"]


def test_an_arena_shows_every_final_score_that_was_made_there(served) -> None:
    arena, run = served.get("/arenas/simple_spread_v3.json").json(), served.get(f"/runs/{RUN}.json").json()
    assert [(one["run"], one["scores"]) for one in arena["finals"]] == [(RUN, run["audit"])]
    lines = served.get("/arenas.json?kind=cooperative").json()["arenas"]
    assert lines[0]["id"] == "simple_spread_v3" and lines[0]["runs"] == 2 and {line["kind"] for line in lines} == {"cooperative"}


def test_conditions_are_compared_and_what_cannot_be_is_said_on_the_page(served, workspace: Path) -> None:
    page = served.get(f"/compare.json?a=one={RUN}&b=two={RUN}").json()
    with Workspace.open(workspace, read_only=True) as opened:
        found = compare_runs(opened, [f"one={RUN}", f"two={RUN}"])
    assert page["found"] == plain(found) and page["notes"] == found.notes()
    assert found.conditions[1].gain is not None and found.conditions[1].gain.mean == 0
    for asked, words in (("a=nobody", "no run fits"), (f"a={RUN}", "at least two"), ("a=hostile-*&b=tiny-*", "this:that_v0")):
        answer = served.get(f"/compare?{asked}")
        assert answer.status == 200 and words in answer.text and 'role="alert"' in answer.text


def test_a_script_stands_beside_its_parent_line_by_line(served) -> None:
    scripts = served.get(f"/runs/{RUN}/scripts.json?status=champion").json()
    assert scripts["paging"]["total"] == len(scripts["scripts"]) > 2
    pages = [served.get(f"/scripts/{one['pid']}.json?run={RUN}").json() for one in scripts["scripts"]]
    page = next(page for page in pages if page["parents"] and page["parents"][0]["known"])
    rows = page["parents"][0]["rows"]
    numbers = [row["right"] for row in rows if row["right"]]
    assert numbers == sorted(numbers) and {row["kind"] for row in rows} & {"changed", "added", "removed"}
    lines = page["source"].split("\n")
    assert all(lines[row["right"] - 1] == row["right_text"] for row in rows if row["right"])
    short = page["pid"].removeprefix("policy:")[:12]
    assert served.get(f"/scripts/{short}.json").json()["pid"] == page["pid"]


def test_search_and_filters_find_what_the_library_finds(served, workspace: Path) -> None:
    with Workspace.open(workspace, read_only=True) as opened:
        found = [one.name for one in Library(opened.db).search("distance", limit=1000)]
    assert [one["release"]["name"] for one in served.get("/library.json?q=distance").json()["functions"]] == found
    chosen = served.get("/library.json?returns=int&author=starter&takes=Point").json()
    assert chosen["functions"]
    for one in chosen["functions"]:
        release = one["release"]
        assert release["returns"] == "int" and release["author"] == "starter"
        assert "Point" in [parameter["type"] for parameter in release["parameters"]]
    assert "Nothing matches" in served.get("/library?q=zzzzzz").text


def test_the_list_of_functions_is_read_anew_after_a_release_and_for_another_file(workspace: Path, tmp_path: Path) -> None:
    """Its index is kept by the library's head: what is kept is never shown for anything else."""
    path, other = (Path(shutil.copy(workspace, tmp_path / name)) for name in ("a.db", "b.db"))
    with Workspace.open(path) as opened, Workspace.open(other) as elsewhere:
        before = library_page(opened, Ask())
        release_one(opened, 1)
        release_one(elsewhere, 2)
        for house, name in ((opened, "late_1"), (elsewhere, "late_2"), (opened, "late_1")):
            page = library_page(house, Ask({}, {"author": "bench"}))
            assert [line.release["name"] for line in page.functions] == [name]
            assert page.of == before.of + 1 and "bench" not in before.choices["author"]


def test_a_function_tells_shown_from_imported_from_executed(served) -> None:
    helper = served.get(f"/runs/{RUN}.json").json()["helpers"][0]
    name, _, version = helper["pin"].partition("#")[0].partition("@")
    page = served.get(f"/library/{name}.json?version={version}").json()
    assert [worth["helper"]["label"] for worth in page["effects"]].count(helper["label"]) >= 1
    assert page["probes"] > 0 and page["examples"] > 0
    assert sum(use["champions"] for one in page["adopted"] for use in one["uses"]) > 0
    assert page["shown"] >= page["taken"] > 0
    assert served.get(f"/library/{name}?version=77.0.0").status == 404


def test_the_graph_says_what_it_left_out(served) -> None:
    champions, everything = (served.get(f"/runs/{RUN}/lineage.json?show={show}").json() for show in ("champions", "all"))
    total = served.get(f"/runs/{RUN}/scripts.json").json()["paging"]["total"]
    shown = [node for node in champions["nodes"] if node["kind"] == "script"]
    everyone = [node for node in everything["nodes"] if node["kind"] == "script"]
    assert len(shown) + champions["scripts_left_out"] == len(everyone) + everything["scripts_left_out"] <= total
    assert len(shown) < len(everyone) and everything["scripts_left_out"] == 0
    assert {edge["kind"] for edge in champions["edges"]} >= {"parent", "credited", "extracted"}
    function = next(node for node in champions["nodes"] if node["kind"] == "function")
    family = served.get(f"/runs/{RUN}/lineage.json?focus={function['id']}").json()
    assert {node["id"] for node in family["nodes"]} < {node["id"] for node in everything["nodes"]}
    assert function["id"] in {node["id"] for node in family["nodes"]}


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/runs/none", 404, "no run none"),
        (f"/runs/{RUN}/prompts/ada:9:9:9", 404, "asked nothing"),
        ("/scripts/zzz", 404, "none begins so"),
        ("/library/nearst", 404, "nearest"),
        (f"/runs/{RUN}/lineage?focus=script:none", 404, "no script or contributed function"),
        ("/runs?page=0", 400, "expected a whole number"),
        ("/runs?page=1e9", 400, "expected a whole number"),
        ("/runs?state=flying", 400, "expected one of"),
        ("/library?returns=[", 400, "expected one of"),
        ("/library?q=" + "x" * 999, 400, "at most 200 characters"),
        ("/nothing", 404, "Nothing has this address"),
    ],
)
def test_what_cannot_be_answered_is_said(served, address: str, status: int, words: str) -> None:
    page = served.get(address)
    path, mark, query = address.partition("?")
    twin = served.get(f"{path}.json{mark}{query}")
    assert page.status == twin.status == status
    assert words in unescape(page.text) and words in twin.json()["error"]["message"]


def test_the_accept_header_asks_for_the_twin(served) -> None:
    assert served.get("/runs", Accept="application/json").text == served.get("/runs.json").text
    assert "<h1>" in served.get("/runs", Accept="text/html,application/json").text


def test_open_pages_hear_of_a_change(served, workspace: Path) -> None:
    """A commit by another connection reaches an open stream in little more than the interval of looking."""
    connection = served.connection()
    connection.request("GET", "/live")
    stream = connection.getresponse()
    assert stream.headers["Content-Type"] == "text/event-stream"
    heard = []

    def listen() -> None:
        while b"change" not in (line := stream.readline()) and line:
            heard.append(line)
        heard.append(line)

    listener = threading.Thread(target=listen)
    listener.start()
    time.sleep(0.2)
    with Workspace.open(workspace) as opened:
        Journal(opened).telemetry(RUN, "test", {"n": 1})
    listener.join(5)
    connection.close()
    assert not listener.is_alive() and heard[-1] == b"event: change\n"
