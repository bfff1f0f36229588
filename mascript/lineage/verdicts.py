"""From the evidence on every helper of a run to signs and labels that hold for the family. Pure: no episode is played here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mascript.lineage.effect_records import CreditDesign, Effect, Estimate, Flag
from mascript.lineage.inference import MIN_DISTINCT, Label, Sign, Studentised, benjamini_hochberg, fcr_level, label_of, sign_of
from mascript.lineage.sequential import nominal_levels, sequential_p

PRIMARY = ("own", "others")
"""The declared family: one run's primary replacement times these."""


@dataclass
class Evidence:
    """Samples at the latest look and p-values of every look of one trial. Grown by credit; `decide` writes estimates and label."""

    samples: Mapping[str, Studentised] = field(default_factory=dict)
    n: int = 0
    """Distinct pairs of trajectories."""
    p_by_look: dict[str, list[float]] = field(default_factory=dict)
    looks: int = 0
    estimates: dict[str, Estimate] = field(default_factory=dict)
    label: Label = "unresolved"
    stored: Mapping[str, float] = field(default_factory=dict)
    """P-values of a trial that is not measured now: it takes part in the correction and is not decided anew."""

    def add(self, samples: Mapping[str, Studentised], n: int) -> None:
        """Take a look: replace the samples by the grown ones and remember their p-values."""
        self.samples, self.n = samples, n
        for name, sample in samples.items():
            self.p_by_look.setdefault(name, [1.0] * self.looks).append(sample.p_value())
        self.looks += 1

    def flags(self) -> set[Flag]:
        """What keeps the figures from saying more."""
        if self.n < MIN_DISTINCT:
            return {"unreplicated"}
        sparse = any(self.samples[name].sparse for name in PRIMARY if name in self.samples)
        return {"sparse"} if sparse else set()

    def hypotheses(self) -> list[str]:
        """What the trial has in the declared family; both of them where nothing could be sampled."""
        known = self.samples or self.stored
        return [name for name in PRIMARY if name in known or not known]

    def p(self, name: str, looks: tuple[int, ...]) -> float:
        """P-value of mean 0 that holds over all looks so far; 1 where nothing was tested."""
        if self.stored:
            return self.stored[name]
        return sequential_p(self.p_by_look[name], looks) if name in self.samples else 1.0


def decide(family: Sequence[Evidence], design: CreditDesign) -> None:
    """Correct over the family and write each trial's estimates and label.

    The p-values never grow from look to look and so the number rejected never falls: what is decided at one look stays decided.
    """
    if not family:
        return
    hypotheses = [(evidence, name) for evidence in family for name in evidence.hypotheses()]
    rejected = benjamini_hochberg([evidence.p(name, design.looks) for evidence, name in hypotheses], design.alpha)
    selected = {(id(evidence), name) for (evidence, name), out in zip(hypotheses, rejected, strict=True) if out}
    adjusted = fcr_level(sum(rejected), len(hypotheses), design.alpha)
    for evidence in family:
        if not evidence.samples:
            evidence.estimates, evidence.label = {}, "unresolved"
            continue
        plain_level = nominal_levels(design.looks, design.alpha)[evidence.looks - 1]
        family_level = nominal_levels(design.looks, adjusted)[evidence.looks - 1]
        evidence.estimates = {
            name: _estimate(
                sample,
                evidence.p(name, design.looks),
                plain_level,
                family_level,
                # Secondary estimands are outside the declared family: their sign is the adjusted interval's alone.
                name not in PRIMARY or (id(evidence), name) in selected,
                design,
            )
            for name, sample in evidence.samples.items()
        }
        evidence.label = label_of(*_signs(evidence))


def told(effect: Effect) -> Evidence:
    """A stored effect as a member of the family: its p-values, as they were when it was corrected."""
    measured = {"own": effect.own, "others": effect.others}
    return Evidence(stored={name: one.p for name, one in measured.items() if one is not None} or dict.fromkeys(PRIMARY, 1.0))


def undecided(evidence: Evidence) -> bool:
    """Whether more replicates could still decide the effect on the borrower or on the others."""
    return "?" in _signs(evidence)


def executed_flag(executed: int, pairs: Sequence[object]) -> set[Flag]:
    """`unexecuted` where episodes were compared and the helper was never called."""
    return {"unexecuted"} if pairs and not executed else set()


def _signs(evidence: Evidence) -> tuple[Sign, Sign]:
    """Signs on (own, others); a seat that is alone has no others, and its effect on them is 0."""
    own = evidence.estimates.get("own")
    if own is None:
        return "?", "?"
    others = evidence.estimates.get("others")
    return own.sign, others.sign if others is not None else "0"


def _estimate(
    sample: Studentised, p: float, plain_level: float, family_level: float, selected: bool, design: CreditDesign
) -> Estimate:
    adjusted = sample.interval(family_level)
    return Estimate(
        mean=sample.mean,
        se=sample.se,
        nonzero=sample.nonzero,
        p=p,
        interval=sample.interval(plain_level),
        adjusted=adjusted,
        sign=sign_of(adjusted, selected, design.margin),
    )
