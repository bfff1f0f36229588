"""Headers of scripts: written, read, replaced, refused."""

from __future__ import annotations

import ast

import pytest

from mascript.errors import ScriptError
from mascript.scripts import read_header, shared_names, split_header, with_header

BODY = "from shared import nearest, Point\nfrom shared import scale\n\n\ndef policy(observation):\n    return 0\n"


def test_a_header_round_trips_and_is_replaced() -> None:
    once = with_header(BODY, "simple_spread_v3", {"nearest": "1.0.0#sha256:ab"})
    twice = with_header(once, "simple_spread_v3", {"nearest": "1.1.0#sha256:cd"})
    assert read_header(once).pins == (("nearest", "1.0.0#sha256:ab"),)
    assert read_header(twice).pins == (("nearest", "1.1.0#sha256:cd"),)
    assert read_header(twice).arena == "simple_spread_v3"
    assert split_header(twice)[1] == BODY
    assert twice.count("# /// script") == 1


def test_shared_names_leave_types_out() -> None:
    assert shared_names(ast.parse(BODY)) == ("nearest", "scale")


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("# /// script\n# x = 1\nprint()\n", "never closed"),
        ("# /// script\n# x = = 1\n# ///\n", "not TOML"),
        (f"# /// script\n# x = {'[' * 20_000}\n# ///\n", "not TOML"),
        ("# /// script\n# tool = 1\n# ///\n", "expected a table 'tool', got int"),
        ("# /// script\n# [tool.mascript]\n# pins = [1]\n# ///\n", "expected a table 'pins', got list"),
    ],
)
def test_a_broken_header_is_named(source: str, complaint: str) -> None:
    with pytest.raises(ScriptError, match=complaint):
        read_header(source)
