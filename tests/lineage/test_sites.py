"""The code before a borrow: found where one expression changed, refused elsewhere, and put back into later versions."""

from __future__ import annotations

import pytest

from mascript.lineage.sites import borrow_site, rewritten

PARENT = """def policy(observation):
    x, y = observation.landmarks[0]
    return "right" if x > y else "up"
"""
CHILD = """from shared import nearest


def policy(observation):
    \"\"\"Look at the nearest.\"\"\"
    x, y = nearest(observation.landmarks)
    return "right" if x > y else "up"
"""
LATER = """from shared import gap, nearest


def policy(observation, step):
    x, y = nearest(observation.landmarks)
    if gap(x, y) > 1 and step > 3:
        return "left"
    return "right" if x > y else "up"
"""


def test_one_changed_expression_is_the_site() -> None:
    site = borrow_site(PARENT, CHILD, "nearest")
    assert (site.before, site.after, site.reason) == ("observation.landmarks[0]", "nearest(observation.landmarks)", "")


def test_a_call_of_another_function_is_a_site_of_one_name() -> None:
    site = borrow_site("def policy(x):\n    return far(x) + 1\n", "def policy(x):\n    return near(x) + 1\n", "near")
    assert (site.before, site.after) == ("far", "near")


@pytest.mark.parametrize(
    ("child", "reason"),
    [
        (CHILD.replace('"up"', '"down"'), "changed 2 places"),
        (CHILD.replace("    return", "    x = 0\n    return"), "more than an expression"),
        (PARENT.replace("x > y", "x < y"), "not where it is called"),
        (PARENT, "changed 0 places"),
    ],
)
def test_a_rewrite_has_no_before(child: str, reason: str) -> None:
    site = borrow_site(PARENT, child, "nearest")
    assert site.before == "" and reason in site.reason


def test_a_later_version_without_the_borrow() -> None:
    site = borrow_site(PARENT, CHILD, "nearest")
    text = rewritten(LATER, site.after, site.before)
    assert text.startswith("from shared import gap\n") and "x, y = observation.landmarks[0]" in text and "nearest" not in text
    assert rewritten(CHILD, site.after, site.before).startswith("def policy")


def test_the_borrow_given_to_its_parent_is_the_child() -> None:
    site = borrow_site(PARENT, CHILD, "nearest")
    text = rewritten(PARENT, site.before, site.after)
    assert text.startswith("from shared import nearest\n\n\ndef policy") and borrow_site(CHILD, text, "").reason == (
        "the step that brought it changed 0 places"
    )


def test_what_has_no_such_expression_is_left_alone() -> None:
    assert rewritten("def policy():\n    return 1\n", "observation.landmarks[0]", "nearest(observation.landmarks)") == ""
