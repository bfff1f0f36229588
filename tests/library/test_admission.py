"""Admission: versions decided by signature and behaviour, and what each gate refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from library import DefaultBattery, Library
from library.records import Call, Fid, Outcome, Terms, Verdict

Text = Callable[..., str]
Add = Callable[..., Verdict]


def double(helper: Text, result: str = "value * 2.0", name: str = "double", parameters: str = "value: float") -> str:
    return helper(name, parameters, "float", result, f"{name}(2.0)", "4.0")


# Versions


def test_a_new_name_is_1_0_0_with_a_pin(library: Library, add: Add, helper: Text) -> None:
    verdict = add(double(helper), run="r1", generation=3)
    assert (verdict.accepted, verdict.kind) == (True, "new")
    release = library.get("double")
    assert verdict.release == release
    assert release.pin == f"double@1.0.0#{release.fid}"
    assert (release.author, release.run, release.generation) == ("ada", "r1", 3)
    assert library.by_fid(release.fid) == release
    assert library.head() == 1


def test_the_same_function_again_is_no_new_release(library: Library, add: Add, helper: Text) -> None:
    first = add(double(helper)).release
    again = add(double(helper).replace("What it returns", "Twice the value"), author="bo")
    assert (again.accepted, again.kind, again.release) == (True, "alias", first)
    assert library.head() == 1


def test_the_same_function_under_another_name_is_an_alias(library: Library, add: Add, helper: Text) -> None:
    first = add(double(helper)).release
    alias = add(double(helper, name="twice"))
    assert first and alias.release
    assert (alias.kind, alias.release.name, alias.release.version) == ("alias", "twice", "1.0.0")
    assert alias.release.fid == first.fid
    assert alias.release.signature.name == "twice"
    assert [linked.name for linked in library.link([alias.release.fid])] == ["double"]


def test_same_behaviour_is_a_patch(library: Library, add: Add, helper: Text) -> None:
    first = add(double(helper)).release
    patch = add(double(helper, "2.0 * value"))
    assert first and patch.release
    assert (patch.kind, patch.release.version) == ("patch", "1.0.1")
    assert patch.equivalent == (first.pin,)
    assert library.get("double") == patch.release
    assert library.get("double", "1.0.0") == first


def test_a_parameter_with_default_and_the_old_outcomes_is_minor(library: Library, add: Add, helper: Text) -> None:
    add(double(helper))
    minor = add(double(helper, "value * factor", parameters="value: float, factor: float = 2.0"))
    assert minor.release
    assert (minor.kind, minor.release.version) == ("minor", "1.1.0")
    changed = add(
        double(helper, "value * factor + 0.0 * other", parameters="value: float, factor: float = 2.0, other: float = 1.0")
    )
    assert (changed.accepted, changed.gate) == (False, "version")  # -0.0 becomes 0.0: that is another outcome


def test_other_behaviour_needs_derives_from_and_is_major(library: Library, add: Add, helper: Text) -> None:
    first = add(double(helper)).release
    assert first
    other = double(helper, "value + value if value < 3.0 else value")
    refused = add(other)
    assert (refused.accepted, refused.gate, refused.release) == (False, "version", None)
    assert "double_2" in refused.reason and "derives_from=double@1.0.0" in refused.reason
    major = add(other, derives_from=first.pin)
    assert major.release
    assert (major.kind, major.release.version) == ("major", "2.0.0")
    back = add(double(helper, "2.0 * value"), derives_from="double@1")
    assert back.release
    assert (back.kind, back.release.version) == ("patch", "1.0.1")
    assert library.get("double") == major.release


def test_another_signature_is_major_even_with_equal_outcomes(add: Add, helper: Text) -> None:
    add(double(helper))
    renamed = double(helper, "number * 2.0", parameters="number: float")
    assert add(renamed).gate == "version"
    assert add(renamed, derives_from="double").kind == "major"


def test_deriving_under_a_new_name_is_a_fork(library: Library, add: Add, helper: Text) -> None:
    parent = add(double(helper)).release
    fork = add(helper("triple", "value: float", "float", "value * 3.0", "triple(1.0)", "3.0"), derives_from="double@1.0.0")
    assert parent and fork.kind == "new"
    assert library.history("triple")[0].parents == (("fork", parent.pin),)
    taken = add(double(helper, "value * 4.0 / 2.0 + 1.0").replace("4.0\n", "5.0\n", 1), derives_from="triple")
    assert taken.gate == "version" and "derives from `triple`" in taken.reason


# Gates


@pytest.mark.parametrize(
    ("gate", "change", "reason"),
    [
        ("parse", ("return value", "return (value"), "does not parse"),
        ("parse", ("return value", "yield value"), "Yield"),
        ("signature", ("value: float", "value"), "has no type"),
        ("signature", ("def double", "def len"), "means something else"),
        ("signature", ("def double", "def _double"), "underscore"),
        ("documentation", (">>> double(2.0)\n    4.0", ""), "expected an example"),
        ("documentation", ("What it returns.\n\n", ""), "expected a docstring"),
        ("imports", ("value * 2.0", "triple(value)"), "from shared import triple"),
        ("purity", ("value * 2.0", "open(value)"), "may not use `open`"),
        ("purity", ("value * 2.0", "value.__class__(4)"), "__class__"),
        ("examples", ("4.0", "5.0"), "example 1 of 1"),
        ("types", ("value * 2.0", "(4.0 if value == 2.0 else [])"), "declared float"),
        ("types", ("value * 2.0", "(4.0 if value == 2.0 else value[0])"), "every probe failed"),
    ],
)
def test_each_gate_refuses_with_its_reason(
    library: Library, add: Add, helper: Text, gate: str, change: tuple[str, str], reason: str
) -> None:
    verdict = add(double(helper).replace(*change))
    assert (verdict.accepted, verdict.kind, verdict.gate) == (False, "rejected", gate)
    assert reason in verdict.reason
    assert library.head() == 0
    kept = library.db.execute("SELECT gate, reason, author FROM lib_rejection").fetchall()
    assert kept == [(gate, verdict.reason, "ada")]


def test_an_endless_loop_is_refused_as_unbounded(add: Add) -> None:
    text = 'def f(n: int) -> int:\n    """N.\n\n    >>> f(6)\n    6\n    """\n    while n != 6:\n        n += 0\n    return n\n'
    assert add(text).gate == "bounded"


def test_a_function_that_keeps_state_is_refused(add: Add) -> None:
    text = 'def f(n: int) -> int:\n    """N.\n\n    >>> f(0)\n    0\n    """\n    seen = id(n)\n    return seen * 0\n'
    assert add(text).gate == "purity"


class Counting:
    """A runner whose function is impure beyond what its text shows: outcomes depend on how many calls came before."""

    def run(self, functions: object, entry: Fid, calls: list[Call]) -> list[Outcome]:
        return [Outcome(value=float(index)) for index, _ in enumerate(calls)]

    def run_doctests(self, functions: object, entry: Fid) -> list[Outcome]:
        return [Outcome(value=None)]


def test_outcomes_that_depend_on_the_order_of_calls_are_refused(library: Library, battery: DefaultBattery, helper: Text) -> None:
    verdict = library.add(double(helper), author="ada", runner=Counting(), battery=battery)  # type: ignore[arg-type]
    assert (verdict.gate, "another order" in verdict.reason) == ("purity", True)


def test_a_quota_counts_what_stands(add: Add, library: Library, helper: Text) -> None:
    texts = [helper(f"times_{k}", "value: float", "float", f"value * {k}.0", f"times_{k}(1.0)", f"{k}.0") for k in (2, 3)]
    assert add(texts[0], terms=Terms(quota=1)).accepted
    refused = add(texts[1], terms=Terms(quota=1))
    assert (refused.gate, refused.accepted) == ("quota", False) and "ada has its 1 releases" in refused.reason
    assert add(texts[0], terms=Terms(quota=1)).accepted, "what is there already takes no place"
    assert add(texts[1], author="bo", terms=Terms(quota=1)).accepted
    library.yank("times_2", "1.0.0", "not worth its place")
    third = helper("times_4", "value: float", "float", "value * 4.0", "times_4(1.0)", "4.0")
    assert add(third, terms=Terms(quota=1)).accepted
    assert [(one.name, one.author, one.gate) for one in library.rejections()] == [("times_3", "ada", "quota")]
    assert not library.rejections(author="bo") and library.rejections(name="times_3")[0].source == texts[1]


def test_complexity_counts_the_body_alone(add: Add, helper: Text) -> None:
    text = helper("double", "value: float", "float", "value * 2.0", "double(2.0)", "4.0")
    refused = add(text, terms=Terms(complexity=5))
    assert refused.gate == "complexity" and "expected at most 5 nodes of syntax, got 6" in refused.reason
    assert add(text, terms=Terms(complexity=6)).accepted
