"""The benchmark of credit at a small size: it must fail where credit says more than it knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from arenas.planted.rules import points
from mascript.bench.credit import judged, run
from mascript.bench.credit_cases import NOISES, SIZES, channel, families, truth_of
from mascript.bench.credit_drawn import KINDS, Drawn, drawn_family
from mascript.bench.credit_figures import binomial, met, summary
from mascript.bench.credit_judge import Outcome
from mascript.bench.credit_played import play_family
from mascript.lineage.effect_records import Estimate
from mascript.lineage.inference import Sign


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    return [one for index in range(40) for one in drawn_family(7, index)]


@pytest.fixture(scope="module")
def outcomes(drawn: list[Drawn]) -> list[Outcome]:
    return [judged(one) for one in drawn]


def test_a_small_run_meets_loose_bounds_and_is_written(tmp_path: Path) -> None:
    figures = run(tmp_path, lambda _: None, seed=3, workers=2, large=0, drawn=12)
    kept = json.loads((tmp_path / "credit.json").read_text())
    assert kept["n_cases"] == figures["n_cases"] == sum(kind["n_cases"] for kind in kept["by_kind"].values())
    assert figures["power"] >= 0.8 and figures["fdr"] <= 0.06 and figures["flagged"] <= 0.15
    assert 0.9 <= figures["coverage"] <= 0.98 and figures["label_accuracy"] >= 0.93
    checks = figures["checks"]
    assert all(checks[name] == {"holds": 2, "n": 2} for name in ("pairs_credited", "paths_told_apart"))
    assert max(checks["cooperative_in_zero_sum"], checks["competitive_in_common_reward"]) <= 1e-12
    wrong = {name: figures["others"][name]["no_effect"] for name in ("credit", "success_counts")}
    assert wrong["credit"] < 0.1 and wrong["success_counts"] > 0.8
    assert "| power |" in (tmp_path / "credit.md").read_text()


def test_nothing_replaced_is_exactly_nothing() -> None:
    control = next(family for family in families(3, 1) if family.method == "control")
    (outcome,) = play_family(control).outcomes
    assert outcome.exact and outcome.pairs == 64


def test_intervals_a_fifth_narrower_would_be_noticed(drawn: list[Drawn], outcomes: list[Outcome]) -> None:
    assert met(summary(outcomes))["coverage"]
    assert not met(summary([judged(_with(one, _pinched)) for one in drawn]))["coverage"]


def _with(one: Drawn, change: Callable[[Estimate], Estimate]) -> Drawn:
    estimates = {name: change(estimate) for name, estimate in one.evidence.estimates.items()}
    return replace(one, evidence=replace(one.evidence, estimates=estimates))


def _pinched(estimate: Estimate) -> Estimate:
    if estimate.interval is None:
        return estimate
    low, high = estimate.interval
    return replace(estimate, interval=(low + 0.1 * (high - low), high - 0.1 * (high - low)))


def test_a_sign_turned_round_is_a_false_discovery(drawn: list[Drawn], outcomes: list[Outcome]) -> None:
    assert summary(outcomes)["fdr"] <= 0.05
    turned: dict[Sign, Sign] = {"+": "-", "-": "+", "0": "0", "?": "?"}
    changed = summary([judged(_with(one, lambda estimate: replace(estimate, sign=turned[estimate.sign]))) for one in drawn])
    assert changed["fdr"] > 0.9 and changed["power"] == 0 and changed["label_accuracy"] < 0.5


def test_what_is_drawn_has_a_third_of_nulls_half_of_them_skewed(outcomes: list[Outcome]) -> None:
    nulls = [one.case for one in outcomes if one.case.kind.startswith("null")]
    assert len(nulls) >= len(outcomes) / 3 and sum("skewed" in one.kind for one in nulls) == len(nulls) / 2
    assert {one.case.kind for one in outcomes} >= set(KINDS) and {one.case.size for one in outcomes} >= set(SIZES)


def test_what_is_played_has_too() -> None:
    cases = [case for family in families(1, 36) for case in family.cases]
    nulls = [case for case in cases if case.kind.startswith("null")]
    assert len(cases) >= 400 and len(nulls) >= len(cases) / 3
    assert abs(sum("skewed" in case.kind for case in nulls) - len(nulls) / 2) <= len(nulls) / 20
    assert {dict(family.arena.arguments)["players"] for family in families(1, 36)} == {2, 3, 4, 5, 6}


@pytest.mark.parametrize("size", (0.0, *SIZES))
@pytest.mark.parametrize("noise", NOISES)
def test_a_channel_has_the_mean_and_deviation_that_it_declares(noise, size: float) -> None:  # type: ignore[no-untyped-def]
    """By summing over all that one round can draw: signal, hidden draw and the other arm's number."""
    rounds = 4
    planted = channel(noise, size, rounds, (1.0, 0.0))
    slope, hidden, bend, awake = planted[4:]
    drawn = list(zip(*points(), strict=True))
    gains = [
        ((z - other) * (slope * z + hidden * h + bend * (z**3 - 3 * z)), p * q * r)
        for z, p in drawn
        for h, q in drawn
        for other, r in drawn
    ]
    mean = sum(gain * chance for gain, chance in gains)
    square = sum(gain**2 * chance for gain, chance in gains)
    variance = awake * (rounds * (square - mean**2) + (rounds * mean) ** 2) - (awake * rounds * mean) ** 2
    assert awake * rounds * mean == pytest.approx(size, abs=1e-12) == pytest.approx(truth_of(planted).own, abs=1e-12)
    assert variance == pytest.approx(1.0)
    skew = sum((gain - mean) ** 3 * chance for gain, chance in gains) / (square - mean**2) ** 1.5
    if size == 0:
        assert abs(skew) > 1 if noise == "skewed" else skew == pytest.approx(0.0, abs=1e-12)


def test_binomial_intervals_by_table() -> None:
    assert binomial(0, 10) == pytest.approx((0.0, 0.3085), abs=1e-4)
    assert binomial(8, 10) == pytest.approx((0.4439, 0.9748), abs=1e-4)
    assert binomial(0, 0) is None
