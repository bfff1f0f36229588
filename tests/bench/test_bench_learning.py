"""The page of library learning: what is compared, and that nothing is claimed that the sets do not show."""

from __future__ import annotations

import pytest

from mascript.bench.learning import ARMS, CONTROL, Row, gains, page, table, verdict


def rows(learned: list[float]) -> list[Row]:
    """One set for each gain of learned functions; the other conditions gain nothing."""

    def arm(name: str, gain: float) -> list[Row]:
        score = -20.0 + (gain if name == "learned functions" else 0.0)
        return [{"final": score + pair, "on_the_way": score, "episodes": 1200} for pair in (0.0, -3.0)]

    told = {"helpers": 2, "refused": 1, "nodes": [900, 855], "packed": [700, 720], "rewritten": 7, "scripts": 9}
    cost = {"donors_episodes": 10_000, "one_donor_episodes": 3_300, "left": 3}
    return [{"set": k, **told, **cost, "arms": {name: arm(name, gain) for name in ARMS}} for k, gain in enumerate(learned)]


def test_gains_are_paired_within_a_set_and_intervals_are_over_sets() -> None:
    found = rows([1.0, 2.0, 3.0])
    assert gains(found, "learned functions", "final") == pytest.approx([1.0, 2.0, 3.0]), "pairs of one set are one figure"
    name, final, half, _, _ = table(found)[0]
    assert (name, final) == ("learned functions", pytest.approx(2.0)) and half == pytest.approx(2.484, abs=0.001)
    assert CONTROL not in [row[0] for row in table(found)]


def test_the_page_claims_only_what_is_told_from_0() -> None:
    assert "none of these differences is told from 0" in page(rows([3.0, -2.0, 1.0]))
    told = verdict(rows([2.0, 2.1, 1.9]))
    assert "learned functions at the end (+2.00)" in told and "helpers" not in told
    text = page(rows([3.0, -2.0, 1.0]))
    assert "900 nodes of syntax before, 855 after" in text and "-5.0%" in text and "3,300 episodes" in text
