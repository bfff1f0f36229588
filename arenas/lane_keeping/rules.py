"""The rules: a car is steered along a road; touching an edge or anything on the road ends the drive, as reaching the end does.

The car is the kinematic bicycle model (e.g. Rajamani, Vehicle Dynamics and Control, 2nd ed. 2012, section 2.2) with the rear axle
as its reference point and rates of steering, acceleration and braking that are bounded; its body is a disc around each axle.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import cos, sin, tan
from random import Random

from arenas.errors import BadArguments
from arenas.joint.design import check_whole
from arenas.lane_keeping.roads import NO_TRAFFIC, SIGHT, STEP, STRETCH, Disc, Road, Wall, beside, near
from arenas.lane_keeping.scenarios import COUNT, kind_of, scenario
from arenas.lane_keeping.sensing import distances, touches_disc, touches_wall
from arenas.social import Ledger

ID = "lane_keeping_v0"
TICK = 0.1
"""Seconds of a step."""
WHEELBASE = 2.6
"""Metres."""
BODY = 0.9
"""Metres from an axle's middle to whatever the car would touch."""
TOP_SPEED = 15.0
"""m/s."""
WHEEL, WHEEL_RATE = 0.55, 1.2
"""Largest angle of the front wheels in radians, and how fast they turn, in rad/s."""
THRUST, BRAKES = 3.0, 6.0
"""Largest acceleration and deceleration, m/s2."""
LATERAL = 4.0
"""Metres from the next point of the centre line within which the car is on its way there."""
CROSSED = 15.0
"""Metres from the line before a junction to where it is surely passed."""
UNDER_WAY, END, OFF_ROAD, HIT, TIME = "under way", "end", "off road", "hit", "time"
"""How a drive came out."""
MOST_STEPS = 100_000


class Drive:
    """One episode. The start and the traffic's time are drawn from the source that it is given.

    Args:
        number: of the scenario.
        horizon: steps.
        random: source of what is drawn.
    """

    def __init__(self, number: int, horizon: int, random: Random) -> None:
        self.number = number
        self.kind = kind_of(number)
        self.road: Road = scenario(number)
        self.horizon = horizon
        self.ended = False
        self.exhausted = False
        self.outcome = UNDER_WAY
        self.ledger = Ledger(1)
        start = self.road.line[0]
        self.x, self.y = beside(start, random.random() - 0.5)
        """Middle of the rear axle, metres."""
        self.heading = start.heading + 0.1 * (random.random() - 0.5)
        self.speed = 4.0 + 4.0 * random.random()
        self.wheel = 0.0
        """Angle of the front wheels, radians to the left."""
        self.along = WHEELBASE
        """Metres of the centre line that the front axle has passed."""
        self._index = 1
        self._clock = 10.0 * random.random()
        """Seconds that the traffic is ahead of the episode."""

    @property
    def time(self) -> float:
        """Seconds on the traffic's clock."""
        return self._clock + TICK * self.ledger.steps

    @property
    def progress(self) -> float:
        """Share of the road that was driven."""
        return (self.along - WHEELBASE) / (self.road.length - WHEELBASE)

    def play(self, actions: Sequence[Sequence[float]]) -> list[float]:
        """Drive for a step and return the share of the road newly driven."""
        before = self.progress
        ((steer, throttle),) = actions
        self._move(steer, throttle)
        self._advance()
        paid = self.progress - before
        self.ledger.pay((paid,))
        self._judge()
        return [paid]

    def front(self) -> tuple[float, float]:
        """Middle of the front axle."""
        return self.x + WHEELBASE * cos(self.heading), self.y + WHEELBASE * sin(self.heading)

    def walls(self) -> tuple[Wall, ...]:
        """Edges that may be in sight."""
        return _near(self.number)[self._index // STRETCH]

    def discs(self) -> tuple[Disc, ...]:
        """Obstacles, and vehicles where they are now."""
        traffic = self.road.traffic
        return self.road.discs if traffic is None else traffic.seen(self.time)

    def sensors(self) -> list[float]:
        """Metres from the middle of the front axle to whatever each ray meets."""
        return distances(*self.front(), self.heading, self.walls(), self.discs())

    def junction(self) -> float:
        """Metres to the line before the junction, negative within it; the range of sight where none is near."""
        if self.road.junction is None or self.along > self.road.junction + CROSSED:
            return SIGHT
        return min(self.road.junction - self.along, SIGHT)

    def gap(self) -> float:
        """Seconds until a vehicle with right of way is in the junction."""
        return NO_TRAFFIC if self.road.traffic is None else self.road.traffic.gap(self.time)

    def _move(self, steer: float, throttle: float) -> None:
        wanted, most = steer * WHEEL, WHEEL_RATE * TICK
        self.wheel += min(max(wanted - self.wheel, -most), most)
        self.x += TICK * self.speed * cos(self.heading)
        self.y += TICK * self.speed * sin(self.heading)
        self.heading += TICK * self.speed * tan(self.wheel) / WHEELBASE
        pushed = throttle * (THRUST if throttle > 0 else BRAKES)
        self.speed = min(max(self.speed + TICK * pushed, 0.0), TOP_SPEED)

    def _advance(self) -> None:
        """Pass the points of the centre line that the front axle has come by."""
        line = self.road.line
        x, y = self.front()
        while True:
            point = line[self._index]
            ahead = (x - point.x) * cos(point.heading) + (y - point.y) * sin(point.heading)
            aside = (y - point.y) * cos(point.heading) - (x - point.x) * sin(point.heading)
            if ahead < 0 or abs(aside) > LATERAL or self._index + 1 == len(line):
                break
            self._index += 1
        if abs(aside) <= LATERAL:
            here = STEP * self._index + max(ahead, -STEP)
            self.along = min(max(self.along, here), self.road.length)

    def _judge(self) -> None:
        x, y = self.front()
        walls, discs = self.walls(), self.discs()
        if touches_wall(x, y, BODY, walls) or touches_wall(self.x, self.y, BODY, walls):
            self.ended, self.outcome = True, OFF_ROAD
        elif touches_disc(x, y, BODY, discs) or touches_disc(self.x, self.y, BODY, discs):
            self.ended, self.outcome = True, HIT
        elif self.along >= self.road.length:
            self.ended, self.outcome = True, END
        elif self.ledger.steps >= self.horizon:
            self.exhausted, self.outcome = True, TIME


@lru_cache(maxsize=COUNT)
def _near(number: int) -> tuple[tuple[Wall, ...], ...]:
    return near(scenario(number))


def check(number: object, horizon: object) -> None:
    """Raise BadArguments where the scenario is none of the list (None: the seed's) or the number of steps out of range."""
    if number is not None:
        check_scenario(number)
    check_whole(ID, "the horizon (max_cycles)", horizon, 1, MOST_STEPS)


def check_scenario(number: object) -> int:
    """Return the number of a scenario; raise BadArguments where it is none."""
    if type(number) is not int or not 0 <= number < COUNT:
        raise BadArguments(f"{ID}: scenario must be a number in 0..{COUNT - 1}, got {number!r}")
    return number
