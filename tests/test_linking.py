"""Programs: what makes two scripts the same, and what a link refuses."""

from __future__ import annotations

import pytest

from mascript.errors import GateError
from mascript.linking import link

SCRIPT = 'def policy(observation, legal):\n    """Act."""\n    return legal[0]\n'


def test_prose_and_layout_do_not_make_another_program() -> None:
    same = "# a comment\ndef policy(observation, legal):\n    'Other words.'\n\n    return legal[  0 ]\n"
    assert link(SCRIPT, {}, None).pid == link(same, {}, None).pid


@pytest.mark.parametrize(
    "change", [("legal[0]", "legal[1]"), ("legal[0]", "legal[0.0]"), ("legal[0]", "legal[False]"), ("return ", "x = ")]
)
def test_code_makes_another_program(change: tuple[str, str]) -> None:
    assert link(SCRIPT, {}, None).pid != link(SCRIPT.replace(*change), {}, None).pid


def test_a_name_without_a_pin_is_refused() -> None:
    with pytest.raises(GateError, match="expected a pin for every shared function, got none for nearest"):
        link("from shared import nearest, Point\n" + SCRIPT, {}, None)
