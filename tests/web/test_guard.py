"""Who may read, and that nobody can do more than read: over real HTTP, with hostile texts in the workspace."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from mascript.errors import ConfigError
from mascript.web.guard import HEADERS, gate, hostname
from mascript.web.routes import ROUTES
from mascript.web.serving import listening

TOKEN = "correct horse battery staple"
PAGES = [
    "/runs",
    "/runs/hostile-1-1",
    "/runs/hostile-1-1/scripts",
    "/runs/hostile-1-1/lineage",
    "/runs/hostile-1-1/lineage?show=all",
    "/runs/hostile-1-1/prompts",
    "/runs/hostile-1-1/prompts/ada:0:0:0",
    f"/scripts/policy:{'e' * 64}",
    "/library",
    "/library/harmless",
    "/arenas",
    "/arenas/simple_spread_v3",
    "/scripts/dddddddd?run=hostile-2-1",
    "/scripts/dddddddd/episode?run=hostile-2-1",
    "/scripts/dddddddd/lines?run=hostile-2-1",
]


@pytest.mark.parametrize("address", PAGES)
def test_hostile_texts_stay_texts(served, address: str) -> None:
    """Whatever an agent writes is shown, escaped, and never becomes a part of the page."""
    answer = served.get(address)
    assert answer.status == 200
    assert "<script>alert" not in answer.text and "<img" not in answer.text and "onerror=alert(2)>" not in answer.text
    assert str(1234 * 1001) not in answer.text


def test_hostile_texts_are_shown(served, evil: str) -> None:
    """The test above would pass on empty pages."""
    for address in (
        "/runs/hostile-1-1",
        "/runs/hostile-1-1/prompts/ada:0:0:0",
        "/library/harmless",
        "/arenas/simple_spread_v3",
        "/scripts/dddddddd/episode?run=hostile-2-1",
        "/scripts/dddddddd/lines?run=hostile-2-1",
    ):
        assert "&lt;img src=x onerror=alert(2)&gt;" in served.get(address).text
    assert served.get("/library/harmless.json").json()["release"]["author"] == evil


@pytest.mark.parametrize("address", ["/runs", "/runs.json", "/nothing", "/static/app.js", "/runs?page=0", "/"])
def test_every_answer_carries_the_policy(served, address: str) -> None:
    headers = served.get(address).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in HEADERS["Content-Security-Policy"] and "http" not in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "[::2]:1", ""])
def test_another_name_than_the_machines_own_is_not_answered(served, host: str) -> None:
    """DNS rebinding: a stranger's name that points to this machine."""
    answer = served.get("/runs.json", Host=host)
    assert answer.status in (400, 421) and "tiny" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9000", "127.0.0.1:1", "127.9.9.9", "[::1]:8420"])
def test_the_machines_own_names_are_answered(served, host: str) -> None:
    assert served.get("/runs.json", Host=host).status == 200


def test_hosts_are_read_without_port_and_brackets() -> None:
    assert [hostname(text) for text in ("A:1", "[::1]:2", "::1", "b", "[::1]")] == ["a", "::1", "::1", "b", "::1"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/runs", "/library", "/static/app.js", "/runs.json"])
def test_nothing_but_reading(served, method: str, address: str) -> None:
    answer = served.get(address, method)
    assert answer.status == 405 and "GET" in answer.headers["Allow"]


def test_reading_changes_no_byte(served, workspace: Path) -> None:
    before = workspace.read_bytes()
    for address in PAGES:
        served.get(address)
    assert workspace.read_bytes() == before


@pytest.mark.parametrize(
    "address",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/render.py",
        "/static//etc/passwd",
        "/static/report.html.j2",
        "/../../etc/passwd",
        "/runs/..%2f..%2fetc",
        "/library/..",
        "/scripts/policy:%00",
    ],
)
def test_an_address_is_never_a_path(served, address: str) -> None:
    answer = served.get(address)
    assert answer.status in (400, 404) and "root:" not in answer.text and "import" not in answer.text


@pytest.mark.parametrize("text", ["' OR 1=1 --", '"; DROP TABLE run_call; --', "%", "_", "NEAR(a b)", "name:*", "\u0000", "(", '"'])
def test_what_is_typed_is_never_a_query(served, text: str) -> None:
    from urllib.parse import quote

    for address in (f"/library.json?q={quote(text)}", f"/runs.json?q={quote(text)}"):
        assert served.get(address).status == 200
    for address in (f"/runs/{quote(text, safe='')}.json", f"/scripts/{quote(text, safe='')}.json"):
        assert served.get(address).status == 404


def test_an_arena_that_is_only_named_is_not_imported(served) -> None:
    """`module:name_v0` is an arena of any installed package: neither an address nor a stranger's workspace gets one imported."""
    assert served.get("/arenas/this:that_v0").status == 404
    assert "has no spec of its own here" in served.get("/runs/hostile-1-1").text
    assert "this:that_v0" in served.get("/arenas").text
    assert "this" not in sys.modules


def test_others_need_the_token(server_of, workspace: Path) -> None:
    with server_of(workspace, gate("0.0.0.0", TOKEN, ("lab.example",))) as server:
        for address in ("/runs", "/runs.json", "/live", "/library/nearest.json"):
            answer = server.get(address)
            assert answer.status == 401 and "tiny" not in answer.text
        assert server.get("/static/web.css").status == 200
        assert server.get("/runs.json", Authorization=f"Bearer {TOKEN}").status == 200
        assert server.get("/runs.json", Authorization=f"Bearer {TOKEN[:-1]}").status == 401
        assert server.get("/runs.json", Authorization=f"Bearer {TOKEN}", Host="lab.example:80").status == 200
        assert server.get("/runs.json", Authorization=f"Bearer {TOKEN}", Host="evil.example").status == 421
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        assert server.get("/enter", "POST", "token=wrong", **form).status == 401
        entered = server.get("/enter", "POST", f"token={TOKEN.replace(' ', '+')}", **form)
        cookie = entered.headers["Set-Cookie"]
        assert entered.status == 303 and "HttpOnly" in cookie and "SameSite=Strict" in cookie and TOKEN not in cookie
        assert server.get("/runs.json", Cookie=cookie.partition(";")[0]).status == 200
        assert server.get("/runs.json", Cookie=f"mascript-{server.port}=").status == 401
        assert server.get("/enter", "POST", "token=" + "x" * 100_000, **form).status == 413


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.7", "::", "lab.example"])
def test_an_open_address_without_a_token_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match="expected a token"):
        gate(host, "")


def test_a_token_that_could_be_tried_out_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected 16 or more"):
        gate("127.0.0.1", "short")


def test_no_part_of_an_address_may_hold_the_dot_of_its_twin() -> None:
    for route in ROUTES:
        for part in route.pattern.split("{")[1:]:
            assert part.partition("}")[0].endswith("[^/.]+"), route.pattern


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_its_address_and_ends_at_once(workspace: Path, how: signal.Signals) -> None:
    """Also while it plays: what plays goes with it, and nothing is said."""
    command = [sys.executable, "-m", "mascript", "serve", "-w", str(workspace), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "for this machine alone" in line
        address = line.split(" at ")[1].split(",")[0]
        with urllib.request.urlopen(f"{address}runs.json", timeout=20) as answer:
            assert b"tiny-10-1" in answer.read()
        with suppress(TimeoutError):
            urllib.request.urlopen(f"{address}scripts/dddddddd/episode?run=hostile-2-1", timeout=0.3)
        process.send_signal(how)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0 and out.strip() == "ended" and not err


def test_a_port_that_is_taken_is_said(served) -> None:
    with pytest.raises(ConfigError, match="choose another with --port"):
        listening("127.0.0.1", served.port).listen()
