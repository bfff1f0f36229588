"""What the documentation says is there: every link, every command and option. `tests/extras/test_docs.py` does the tutorial."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from mascript.cli import main

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if "reference" not in path.parts]
GENERATED = re.compile(r"reference/\w+\.md|decisions/index\.md")
"""Made by `make docs` (tests/extras/test_docs.py)."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_lead_somewhere(page: Path) -> None:
    """The same that the strict build says, without its packages."""
    for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
        there = (page.parent / target).resolve()
        if "://" not in target and not GENERATED.fullmatch(str(there.relative_to(DOCS))):
            assert there.exists(), target


def test_every_result_is_listed() -> None:
    listed = (DOCS / "results" / "index.md").read_text(encoding="utf-8")
    for page in sorted((DOCS / "results").glob("*.md")):
        assert page.name == "index.md" or f"({page.name})" in listed, (
            f"docs/results/index.md leads to every page, not to {page.name}"
        )


def test_commands_and_options_are_real() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^```(?:console)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        spans = re.findall(r"`(mascript [a-z][^`]*)`", text) if page.parent.name in ("how-to", "concepts") else []
        for line in [*(line for block in blocks for line in block.splitlines()), *spans]:
            words = line.partition("#")[0].split()
            if words[:1] != ["mascript"] or len(words) < 2:
                continue
            path = words[1:3] if words[1] in ("library", "lineage", "arenas", "bench") and words[2:] else words[1:2]
            told = CliRunner().invoke(main, [*path, "--help"])
            assert told.exit_code == 0, (page, line)
            for option in re.findall(r"--[a-z][a-z-]*", line):
                assert option in told.output, (page, line, option)
