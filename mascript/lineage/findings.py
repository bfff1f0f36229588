"""What a report found, one plain sentence each: the same words on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mascript.lineage.effect_records import Estimate
from mascript.lineage.report import HelperRow, Inheritance, RunReport, Score, number, with_half_width

SHOWN = 3
"""Helpers whose effects are said in full; the table has them all."""


def findings(report: RunReport) -> list[str]:
    """What was found, in the order of the report's sections."""
    audit = _contest_findings(report) if report.contest else _audit_findings(report)
    inherited = [] if report.inheritance is None else inheritance_findings(report.inheritance)
    return [*audit, *_helper_findings(report), *inherited]


def inheritance_findings(found: Inheritance) -> list[str]:
    """What the library was worth, with its error and its cost."""
    bounds = "" if found.interval is None else f"; 95 % interval {number(found.interval[0])} to {number(found.interval[1])}"
    return [
        f"Inheriting the library is worth {number(found.difference, sign=True)} \u00b1 {number(found.standard_error)} per agent "
        f"and episode (standard error over {found.n} pairs of runs{bounds}).",
        f"Newcomers that inherit score {number(found.treated)}, the same newcomers with the starter set alone "
        f"{number(found.control)}, each team with about {found.newcomer_episodes:,} episodes; the donors spent "
        f"{found.donor_episodes:,} episodes.",
    ]


def effect_sentences(rows: Sequence[HelperRow]) -> list[str]:
    """The largest resolved effects, one sentence per helper."""
    lines: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: -abs(row.own.mean) if row.own else 0.0):
        if row.resolved and row.release not in lines and len(lines) < SHOWN:
            who = f"{row.release} (by {row.contributor}) in {row.borrower}\u2019s script"
            lines[row.release] = f"{who}: {effect_words(row)} per episode; {row.label}."
    return list(lines.values())


def effect_words(row: HelperRow) -> str:
    """Every estimand of an effect with its interval, in one line."""
    named = (
        ("own", row.own),
        ("others", row.others),
        ("welfare", row.welfare),
        ("cooperative gain", row.cooperative),
        ("competitive gain", row.competitive),
    )
    return ", ".join(f"{name} {interval_words(value)}" for name, value in named if value is not None)


def interval_words(estimate: Estimate | None) -> str:
    """`+0.42 [0.11, 0.73]`, the interval adjusted for the family where there is one; the mean alone where none is reported."""
    if estimate is None:
        return "\u2013"
    bounds = estimate.shown
    if bounds is None or bounds[0] == bounds[1]:
        return number(estimate.mean, sign=True)
    most = max(abs(value) for value in (estimate.mean, *bounds))
    return f"{number(estimate.mean, True, most)} [{number(bounds[0], beside=most)}, {number(bounds[1], beside=most)}]"


def _audit_findings(report: RunReport) -> list[str]:
    """The team as one where it plays together, else each agent; then what the yardsticks reach."""
    team = next((score for score in report.audit if score.name == "team"), None)
    agents = [score for score in report.audit if score is not team]
    lines = [
        f"{'The team' if score is team else score.name} scores {with_half_width(score)} per agent and episode on {score.n} audit "
        f"episodes that the search never saw.{_way(score, report.references)}"
        for score in ([team] if team is not None else agents)
    ]
    if team is not None and len(agents) > 1:
        lines.append(f"Agent by agent: {', '.join(f'{score.name} {with_half_width(score)}' for score in agents)}.")
    return lines


def _way(score: Score, references: Sequence[Score]) -> str:
    """How far between random play and the best script written by hand."""
    random = next((one for one in references if one.name == "random"), None)
    scripted = [one for one in references if one is not random]
    if random is None or not scripted:
        return f" Random play scores {number(random.mean)}." if random is not None else ""
    best = max(scripted, key=lambda one: one.mean)
    text = f" Random play scores {number(random.mean)}, the best script written by hand ({best.name}) {number(best.mean)}"
    if best.mean <= random.mean:
        return text + "."
    return f"{text}: {100 * (score.mean - random.mean) / (best.mean - random.mean):.0f} % of the way."


def _contest_findings(report: RunReport) -> list[str]:
    lines = []
    for name, scores in by_agent(report.audit):
        first = scores[0]
        if report.kind == "competitive":
            parts = [f"{100 * s.wins / max(s.episodes, 1):.0f} % against {s.against} ({with_half_width(s)})" for s in scores]
            lines.append(f"{name} wins {_listed(parts)}; {first.n} distinct audit games each, mean return in brackets.")
        else:
            parts = [f"{with_half_width(s)} against {s.against}" for s in scores]
            lines.append(f"{name} scores {_listed(parts)}, over {first.n} distinct audit episodes each.")
    scale = [
        f"{one.name} scores {number(one.mean)} against {one.against}"
        for one in report.references
        if one.against not in ("", one.name)
    ]
    if scale and report.kind == "competitive":
        lines.append(f"For scale: {_listed(scale)}.")
    return lines


def by_agent(scores: Iterable[Score]) -> list[tuple[str, list[Score]]]:
    """Scores of a contest by agent, in their order."""
    found: dict[str, list[Score]] = {}
    for score in scores:
        found.setdefault(score.name, []).append(score)
    return list(found.items())


def _helper_findings(report: RunReport) -> list[str]:
    lines = _contributed(report)
    if not report.helpers:
        if report.measured:
            lines.append("No final script executes a helper that another agent contributed, so there is no effect to report.")
        return lines
    called = [row for row in report.helpers if row.executed]
    helpers = {row.release for row in called}
    lines.append(
        f"Final scripts execute {len(helpers)} helper{'s' * (len(helpers) != 1)} that another agent contributed, "
        f"in {len(called)} pair{'s' * (len(called) != 1)} of helper and borrower; {_resolved(report.helpers)}"
    )
    return [*lines, *effect_sentences(report.helpers)]


def _resolved(rows: Sequence[HelperRow]) -> str:
    count = sum(row.resolved for row in rows)
    if count == 0:
        return "none of these effects is resolved."
    return f"{count} of {len(rows)} effects {'is' if count == 1 else 'are'} resolved after correction."


def _contributed(report: RunReport) -> list[str]:
    if not report.contributed:
        return []
    authors = list(dict.fromkeys(helper.author for helper in report.contributed))
    names = _listed([helper.release for helper in report.contributed])
    return [f"{_listed(authors)} contributed {len(report.contributed)} to the library: {names}."]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
