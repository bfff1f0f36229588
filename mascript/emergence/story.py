"""A run's strategies as a short text with references: ids that `mascript lineage` and `mascript score` take."""

from __future__ import annotations

from collections.abc import Sequence

from mascript.emergence.past import Meeting
from mascript.emergence.races import Race, Racer
from mascript.emergence.strategies import Helper, Strategy, Taker

LINES = 14
"""Changed lines of a script that a story shows."""
_SHORT = 19


def story(run: str, strategies: Sequence[Strategy]) -> list[str]:
    """What came about in a run: one paragraph per strategy that spread or was kept, then a line on the rest."""
    told = [one for one in strategies if one.spread or len(one.members) > 1 or one.alive]
    rest = len(strategies) - len(told)
    watched = sum(len(one.members) for one in strategies)
    lines = [f"{run}: {watched} champions watched, {len(strategies)} strategies, {sum(one.spread for one in strategies)} spread."]
    for one in told:
        lines += ["", *paragraph(one)]
    if rest:
        lines += ["", f"{rest} more {'was' if rest == 1 else 'were'} one champion's only, and given up."]
    return lines


def paragraph(one: Strategy) -> list[str]:
    """One strategy: what it does, where it began, by what change, what it was worth, who took it up."""
    state = "alive at the end" if one.alive else "given up"
    lines = [f"{one.name}  {len(one.members)} champion{'s' * (len(one.members) != 1)}, {state}{_rates(one)}"]
    made = f"by {one.first.operator}" + (f" from {_ref(one.parent)}" if one.parent else ", from scratch")
    lines.append(f"  began in {one.first.agent}'s script of generation {one.first.generation} ({_ref(one.first.pid)}), made {made}")
    lines += [f"  borrowed {_helper(helper)}" for helper in one.borrowed]
    lines.append(f"  worth {_worth(one.worth_then)} at first, {_worth(one.worth_later)} in its last champion, in one company")
    lines += [f"  {_taken(taker)}" for taker in one.takers] or ["  nobody else took it up"]
    return lines


def change(one: Strategy) -> list[str]:
    """The change that made its first script, as lines of a diff; cut where it is long."""
    lines = one.change.splitlines()[2:]
    return lines if len(lines) <= LINES else [*lines[:LINES], f"... {len(lines) - LINES} more lines; --json has them"]


def race_lines(race: Race) -> list[str]:
    """The current champions against the past, and cycles."""
    lines = [f"Arms race: {len(race.racers)} champions, every pair in every seat, {race.games} games."]
    for one in race.standings:
        lost = ", ".join(_racer(racer) for racer in one.loses)
        lines.append(
            f"  {one.agent}'s current champion beats {one.beats} of {one.met} past ones" + (f"; it loses to {lost}" if lost else "")
        )
    if not race.cycles:
        return [*lines, "  no cycle of three is resolved"]
    shown = [f"  cycle: {' beats '.join(map(_racer, (*cycle, cycle[0])))}" for cycle in race.cycles[:5]]
    more = [f"  {len(race.cycles) - 5} more cycles; --json has them"] if len(race.cycles) > 5 else []
    return [*lines, *shown, *more]


def past_lines(meetings: Sequence[Meeting]) -> list[str]:
    """Each current champion against what the others once were."""
    lines = ["Current champions against the others of earlier generations:"]
    for agent in dict.fromkeys(one.agent for one in meetings):
        shown = [f"g{one.generation} {_mean(one)}" for one in meetings if one.agent == agent]
        lines.append(f"  {agent}: {', '.join(shown)}")
    return lines


def _mean(one: Meeting) -> str:
    if one.mean is None:
        return "no verdict"
    return f"{one.mean:.4g}" if one.half_width is None else f"{one.mean:.4g} +- {one.half_width:.2g}"


def _rates(one: Strategy) -> str:
    return "".join(f"; {name} {value:.2f}" for name, value in one.behaviour.items())


def _worth(worth: tuple[float, float | None]) -> str:
    mean, error = worth
    return f"{mean:.4g}" if error is None else f"{mean:.4g} +- {error:.2g}"


def _helper(helper: Helper) -> str:
    by = f"by {helper.contributor}{f' ({helper.run})' if helper.run else ''}" if helper.contributor else "by nobody known"
    return f"{helper.pin} ({by}){f'; measured effect on the borrower {helper.worth}' if helper.worth else ''}"


def _taken(taker: Taker) -> str:
    way = f"by {' and '.join(dict.fromkeys(taker.way))}" if taker.way else "on its own: no code passed"
    return f"{taker.agent} came to it in generation {taker.generation} ({_ref(taker.pid)}, {taker.operator}), {way}"


def _racer(racer: Racer) -> str:
    return f"{racer.agent} g{racer.generation} ({_ref(racer.pid)})"


def _ref(pid: str) -> str:
    return pid[:_SHORT]
