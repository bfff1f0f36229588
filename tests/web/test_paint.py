"""Lines stay lines: colours and comparisons neither lose, add nor move one, whatever the text."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st

from mascript.web.paint import painted_lines, side_by_side

TEXTS = st.text(alphabet="ab \"'#\\\n\r\t\x0c\u2028<&>{}():=", max_size=60)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_painted_lines_are_the_lines(text: str) -> None:
    lines = painted_lines(text)
    wanted = text.removesuffix("\n").split("\n")
    assert [unescape(re.sub(r"</?span[^>]*>", "", line)) for line in lines] == wanted
    for line in lines:
        assert line.count("<span") == line.count("</span>") and not re.search(r"<(?!/?span)", line)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.sampled_from("abcd"), max_size=30))
def test_both_sides_can_be_told_from_the_rows(left: list[str], right: list[str]) -> None:
    a, b = "\n".join(left), "\n".join(right)
    rows = side_by_side(a, b, context=1)
    skipped = sum(row.left for row in rows if row.kind == "skipped")
    for side, text in (("left", a), ("right", b)):
        lines = text.split("\n") if not text.endswith("\n") else text[:-1].split("\n")
        shown = [(getattr(row, side), getattr(row, f"{side}_text")) for row in rows if row.kind != "skipped" and getattr(row, side)]
        assert all(lines[number - 1] == line for number, line in shown)
        assert len(shown) + skipped == len(lines)
    assert (a == b) == all(row.kind in ("same", "skipped") for row in rows)
