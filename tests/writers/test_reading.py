"""Replies as models write them: prose, fences of all kinds, wrong names, several blocks, edits, lost ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mascript.errors import GateError
from mascript.sandbox import check_source
from mascript.writers.reading import read

POLICY = 'def policy(observation):\n    return "stay"\n'
HELPER = "def twice(x: float) -> float:\n    return 2 * x\n"
USES = 'def policy(observation):\n    return "stay" if twice(1.0) > 1 else "go"\n'
LIBRARY = {"nearest", "centroid"}


@pytest.mark.parametrize(
    "reply",
    [
        f"```python\n{POLICY}```",
        f"Sure! Here it is.\n\n```py\n{POLICY}```\nGood luck.",
        f"~~~\n{POLICY}~~~",
        f"  ```python\n{POLICY}  ```",
        f"````python\n{POLICY}````",
        POLICY,
        f"Here is the script:\n\n{POLICY}\nIt stays where it is.",
        f"```python\n{POLICY}",  # the fence is never closed
        f"```python\nfrom __future__ import annotations\n\n{POLICY}\nif __name__ == '__main__':\n    print(policy(None))\n```",
        f'# /// script\n# requires-python = ">=3.11"\n# ///\n{POLICY}',
        f"```python\nprint('an example')\n```\nand\n```python\n{POLICY}```\n```text\nprose\n```",
        "```python\ndef act(observation):\n    return 'stay'\n```".replace("'stay'", '"stay"'),
    ],
)
def test_a_script_is_found(reply: str) -> None:
    draft = read(reply, True, LIBRARY)
    assert not draft.problem
    assert draft.source.strip() == POLICY.strip()


@pytest.mark.parametrize(
    "reply",
    [
        f"```python\n{HELPER}\n\n{USES}```",
        f"The helper:\n```python\n{HELPER}```\nThe script:\n```python\n{USES}```",
        f"```python\nfrom shared import twice\n\n\n{USES}```\nand for the others:\n```python\n{HELPER}```",
    ],
)
def test_helpers_of_other_blocks_come_along(reply: str) -> None:
    draft = read(reply, True, LIBRARY)
    assert not draft.problem
    check_source(draft.source, "script")
    assert "def twice" in draft.source and "import twice" not in draft.source


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ("I would rather not.", "parse"),
        ("", "signature"),
        ("```python\ndef policy(observation:\n    return 1\n```", "not valid Python"),
        ("```python\nimport os\n\ndef policy():\n    return os.getcwd()\n```", "imports"),
        ("```python\nfrom shared import nearst\n\ndef policy():\n    return nearst([], 1)\n```", "did you mean nearest"),
        ("```python\nfrom shared import fly\n\ndef policy():\n    return fly()\n```", "define it beside `policy`"),
        ("```python\ndef one(a):\n    return a\n\ndef two(b):\n    return b\n```", "expected one `def policy(...)`"),
        ("```python\ndef policy():\n    return 1\n```\n" * 2 + "x" * 70_000, ""),
    ],
)
def test_what_cannot_be_used_is_said(reply: str, says: str) -> None:
    assert says in read(reply, True, LIBRARY).problem


def test_a_reply_that_was_cut_short_says_so() -> None:
    draft = read("```python\ndef policy(observation):\n    return (1 +", False, LIBRARY)
    assert draft.problem.startswith("The reply was cut short")


def test_edits_change_the_best_script() -> None:
    edit = '<<<<<<< SEARCH\n    return "stay"   \n=======\n    return "go"\n>>>>>>> REPLACE'
    assert read(f"Intent: go.\n{edit}", True, LIBRARY, POLICY).source == POLICY.replace("stay", "go")
    missing = edit.replace("stay", "fly")
    assert "found them 0 times" in read(missing, True, LIBRARY, POLICY).problem


def test_the_note_of_intent_is_kept() -> None:
    assert read(f"**Intent:** go to the nearest.\n```python\n{POLICY}```", True, LIBRARY).note == "go to the nearest."
    assert read(f"This one waits.\n```python\n{POLICY}```", True, LIBRARY).note == "This one waits."


@given(
    st.text()
    | st.lists(st.sampled_from(["```", "\n", "def policy(", "):\n", " return 1", "<<<<<<< SEARCH\n", "=======\n"])).map("".join)
)
def test_no_reply_breaks_the_reader(reply: str) -> None:
    draft = read(reply, True, LIBRARY, POLICY)
    if not draft.problem:
        check_source(draft.source, "script")
    else:
        assert draft.source == ""


def test_a_hostile_docstring_is_data() -> None:
    """Whatever a model makes of it, a reply is only a script under the gates."""
    with pytest.raises(GateError):
        check_source("import os\n\ndef policy():\n    os.system('id')\n    return 1\n", "script")
    assert read("```python\nimport os\ndef policy():\n    return os.system('id')\n```", True, LIBRARY).source == ""
