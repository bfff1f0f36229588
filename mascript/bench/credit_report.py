"""The page of `mascript bench credit`: what was measured, on what, and what is missed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mascript.bench.credit_figures import met

TITLES = {
    "power": "power",
    "fdr": "false discoveries",
    "coverage": "coverage",
    "label_accuracy": "label accuracy",
    "flagged": "flagged",
}
GOALS = {
    "power": "at least .8",
    "fdr": "at most .05",
    "coverage": ".95 in its interval",
    "label_accuracy": "at least .95",
    "flagged": "at most .15",
}
_PAGE = """# Credit against planted truth

`mascript bench credit` (generator seed {seed}; development uses seeds below 100) measures {n_cases:,} helpers whose true effects
are known by construction, and counts how often what is said of them is true. {n_played:,} are _played_: policies, helpers and
arenas go through sandbox, match, intervention and inference as in a run, half of the families with looks at 16, 64 and 256 pairs,
half with one at 64. The others are _drawn_: returns of 64 pairs are drawn, and the same functions take over from there, with 4,999
resamples instead of 19,999. {nulls:.0%} of all cases are noisy nulls (the helper changes actions and returns, the mean effect is
0), half of them skewed.

{main}

- _power_: effects of half a standard deviation of the paired difference, 64 pairs: share whose sign is said, after correction over
  the family; flagged ones count as missed.
- _false discoveries_: share of all signs given (own and others) that are not true.
- _coverage_: share of unadjusted 95 % intervals (of the own effect; of the others' where own is exactly 0) that hold the truth.
  Over several looks they are wider than a single look needs, since they hold for any stop.
- _label accuracy_: share of resolved labels of which every sign is true; 0 is true of an effect within the declared margin of a
  quarter of a deviation.
- _flagged_: share called sparse, unreplicated or dependency. Coverage and label accuracy leave them and exact zeros out.

Intervals are binomial (Clopper and Pearson), 95 %. `rare` helpers matter in one episode of sixteen (of fifty where they are
played). Where no pair at all shows a difference, 0 is said, which is true of what was played and not of the helper: these count as
missed intervals. Of a helper that matters in one episode of fifty, 64 pairs show nothing in 27 % of experiments.

## What holds in every case

{checks}

## What others would report

The same returns, read as others read them: the script's score next to its parent's, each on episodes of its own; and counts of
successes (returns above the parent's median). Both call one side better; wrong is a claim where there is no effect, or one of the
wrong sign. Credit is wrong where a sign that it gives is not true; that it may give none is what power is about.

{others}

## By kind

`false` is the kind's part of the false discoveries above. Exact zeros have no interval to cover. Of the nulls few are resolved with
64 pairs (equivalence within the margin takes more), and most of these few are the false discoveries.

{kinds}

## By noise

{noises}

## Played and drawn

{levels}

Here `false` is of each level's own signs.

`normal`, `wins` (1, 0 and -1), `gamma`, `exponential`, `log-normal`, `jackpot` (4 in one episode of ten, -1 in four) and, of those
that are drawn, `sparse` (20 to 60 % of the episodes differ) are distributions of the paired difference. `symmetric`, `skewed` and
`sparse` of the played ones follow from the arena's draws (`arenas/planted/rules.py`). `paired` are the two-helper cases.
"""


def write(out: Path, figures: dict[str, Any]) -> None:
    """Write `credit.json` and `credit.md`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "credit.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (out / "credit.md").write_text(page(figures), encoding="utf-8")


def page(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    reached, kinds = met(figures), figures["by_kind"]
    main = [
        (
            title,
            _number(figures[name]),
            _range(figures["intervals"][name]),
            f"{figures['n'][name]:,}",
            GOALS[name],
            _met(reached[name]),
        )
        for name, title in TITLES.items()
    ]
    nulls = sum(kinds[kind]["n_cases"] for kind in kinds if kind.startswith("null"))
    return _PAGE.format(
        seed=figures["seed"],
        n_cases=figures["n_cases"],
        n_played=figures["by_level"]["played"]["n_cases"],
        nulls=nulls / figures["n_cases"],
        main=_table(("figure", "value", "95 % interval", "n", "target", ""), main),
        checks=_table(("", "holds"), _checks(figures["checks"])),
        others=_others(figures["others"]),
        kinds=_groups("kind", kinds),
        noises=_groups("noise", figures["by_noise"]),
        levels=_groups("level", figures["by_level"]),
    )


def rows(figures: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the main figures for a terminal."""
    reached = met(figures)
    return [
        (title, _number(figures[name]), _range(figures["intervals"][name]), GOALS[name], _met(reached[name]))
        for name, title in TITLES.items()
    ]


def _checks(checks: Mapping[str, Any]) -> list[tuple[str, str]]:
    told = {
        "exact_zeros": "inert, unexecuted and A/A are exactly 0",
        "pairs_credited": "redundant pairs: both helpers credited and called redundant; synergies: found as interaction",
        "paths_told_apart": "direct and propagated effects told apart, exactly 0 on the other path",
    }
    shares = [(text, f"{checks[name]['holds']} of {checks[name]['n']}") for name, text in told.items()]
    return [
        *shares,
        ("largest cooperative gain in a zero-sum case, of the return's scale", f"{checks['cooperative_in_zero_sum']:.1e}"),
        ("largest competitive gain in a common-reward case", f"{checks['competitive_in_common_reward']:.1e}"),
    ]


def _others(others: Mapping[str, Any]) -> str:
    names = {"score_next_to_parent": "score next to the parent", "success_counts": "success counts", "credit": "credit"}
    listed = [(text, _number(others[name]["no_effect"]), _number(others[name]["effect"])) for name, text in names.items()]
    n = others["n"]
    return _table(("method", f"wrong, no effect (n {n['no_effect']:,})", f"wrong, an effect (n {n['effect']:,})"), listed)


def _groups(head: str, groups: Mapping[str, Any]) -> str:
    listed = [
        (
            name,
            f"{group['n_cases']:,}",
            _number(group["power"]),
            _number(group["fdr"], 4),
            _number(group["coverage"]),
            _range(group["intervals"]["coverage"]),
            _number(group["label_accuracy"]),
            _number(group["flagged"]),
        )
        for name, group in groups.items()
    ]
    return _table((head, "cases", "power", "false", "coverage", "95 % interval", "label accuracy", "flagged"), listed)


def _table(heads: Sequence[str], listed: Sequence[Sequence[str]]) -> str:
    ruled = [heads, ["---", *["---:"] * (len(heads) - 1)], *listed]
    return "\n".join(f"| {' | '.join(row)} |" for row in ruled)


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _range(bounds: tuple[float, float] | None) -> str:
    return "-" if bounds is None else f"{bounds[0]:.3f} to {bounds[1]:.3f}"


def _met(reached: bool) -> str:
    return "met" if reached else "missed"
