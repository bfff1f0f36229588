"""The library as one file: everything inside, nothing from elsewhere, hostile texts as texts."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from click.testing import CliRunner

from library import Library
from mascript.cli import main
from mascript.journal import Workspace
from mascript.web.one_file import library_report


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_file_has_every_function_and_leads_nowhere_else(workspace: Path, tmp_path: Path, evil: str) -> None:
    path = tmp_path / "library.html"
    done = CliRunner().invoke(main, ["library", "report", "-o", str(path), "-w", str(workspace)])
    assert done.exit_code == 0, done.output
    text = path.read_text()
    with Workspace.open(workspace, read_only=True) as opened:
        names = [one.name for one in Library(opened.db, migrate=False).listed()]
        measured = [entry for entry in library_report(opened).entries if entry.labels]
    tags = Tags()
    tags.feed(text)
    assert [attrs["id"] for tag, attrs in tags.found if "function" in (attrs.get("class") or "")] == [f"f-{one}" for one in names]
    assert f"{len(names)} functions" in done.stdout and measured
    targets = {attrs.get("id") for _, attrs in tags.found}
    for tag, attrs in tags.found:
        assert tag not in ("link", "img", "iframe") and "src" not in attrs and not any(name.startswith("on") for name in attrs)
        href = attrs.get("href")
        assert href is None or href[1:] in targets, href
    assert text.count("<script>") == 1 and "&lt;img src=x" in text and evil not in text and str(1234 * 1001) not in text


def test_what_nobody_uses_is_left_out_first(workspace: Path) -> None:
    with Workspace.open(workspace, read_only=True) as opened:
        everything = library_report(opened)
        few = library_report(opened, most=3)
    assert few.left_out == len(everything.entries) - 3
    weight = {entry.page.release["name"]: (bool(entry.labels), entry.champions) for entry in everything.entries}
    kept = [entry.page.release["name"] for entry in few.entries]
    assert kept == sorted(kept) and min(weight[name] for name in kept) >= max(weight[name] for name in weight if name not in kept)
