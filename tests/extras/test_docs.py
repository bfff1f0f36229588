"""The documentation builds without a warning: no broken link, no page that nobody reaches, nothing fetched from elsewhere. And the
tutorial does what it says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from mascript.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "out" / "docs"


class Links(HTMLParser):
    """Addresses that a page loads, and those that it leads to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.leads.append(given.get("href", ""))
        elif tag in ("script", "img", "iframe") or given.get("rel") in ("stylesheet", "icon", "preconnect"):
            self.loads.append(given.get("src") or given.get("href", ""))


@pytest.fixture(scope="module")
def pages() -> dict[Path, Links]:
    subprocess.run([sys.executable, "docs/generate.py"], cwd=ROOT, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "--clean"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path: Links(path.read_text(encoding="utf-8")) for path in SITE.rglob("*.html") if path.name != "404.html"}


def test_every_page_is_there_and_reached(pages: dict[Path, Links]) -> None:
    written = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert {path.relative_to(SITE) for path in pages} == written
    reached, look = {SITE / "index.html"}, [SITE / "index.html"]
    while look:
        here = look.pop()
        for address in pages[here].leads:
            there = (here.parent / unquote(urlsplit(address).path)).resolve()
            if there in pages and there not in reached:
                reached.add(there)
                look.append(there)
    assert reached == set(pages)


def test_nothing_comes_from_elsewhere(pages: dict[Path, Links]) -> None:
    for path, links in pages.items():
        for address in links.loads:
            assert not urlsplit(address).netloc, (path, address)
            if not address.startswith("data:"):
                assert (path.parent / unquote(urlsplit(address).path)).exists(), (path, address)


def test_the_reference_is_of_this_code(pages: dict[Path, Links]) -> None:
    """Every command, and every key of an experiment file, with what it means."""
    from dataclasses import fields

    from mascript import config

    commands = (SITE / "reference" / "commands.html").read_text(encoding="utf-8")
    assert all(re.search(rf"mascript {name}\b", commands) for name in COMMANDS)
    experiment = (ROOT / "docs" / "reference" / "experiment.md").read_text(encoding="utf-8")
    for table in fields(config.Config):
        assert f"[{table.name}]" in experiment
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", experiment, re.MULTILINE)
    assert {name for name, _ in rows} >= {one.name for one in fields(config.EvaluationConfig)}
    assert [name for name, meaning in rows if not meaning] == [], "a key without a word below its field"


def test_the_tutorial_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    blocks = re.findall(r'^```(\w+)(?: title="(.*?)")?\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
    commands = []
    for language, name, body in blocks:
        if name:
            Path(name).write_text(body)
        for line in body.splitlines() if language == "console" else []:
            program, *words = shlex.split(line)
            if program == "python":
                subprocess.run([sys.executable, "-B", *words], check=True, capture_output=True)
            else:
                assert program == "mascript"
                done = CliRunner().invoke(main, words)
                assert done.exit_code == 0, (line, done.output)
            commands.append(line)
    assert len(commands) >= 12 and Path("report.html").stat().st_size > 10_000
