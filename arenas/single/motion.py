"""The rules of CartPole, MountainCar (both), Acrobot and Pendulum as scalar arithmetic.

Equations, constants and the order of operations are those of gymnasium 1.4 (gymnasium/envs/classic_control), so that states are
equal to the last bit wherever numpy's sine and cosine are those of the C library; elsewhere they differ by a few units in the last
place. Pendulum's costs do so everywhere, because numpy's square of a number in single precision is not the nearest one.
"""

from __future__ import annotations

from math import cos, pi, pow, sin
from struct import Struct
from typing import Any

from arenas.single.single_precision import single
from arenas.single.twin import Step

_TWO, _THREE, _FOUR, _SIX = (Struct(f"<{count}f").pack for count in (2, 3, 4, 6))


def _generator(seed: int) -> Any:
    from numpy.random import default_rng

    return default_rng(seed)


class CartPole:
    """State: position, velocity, angle and angular velocity."""

    _ANGLE = 12 * 2 * pi / 360
    _TRACK = 2.4
    _GRAVITY, _FORCE, _TICK = 9.8, 10.0, 0.02
    _POLE, _HALF = 0.1, 0.5
    _TOTAL = _POLE + 1.0
    _MOMENT = _POLE * _HALF

    def __init__(self) -> None:
        self._state = (0.0, 0.0, 0.0, 0.0)

    def begin(self, seed: int) -> bytes:
        x, x_dot, angle, turning = _generator(seed).uniform(-0.05, 0.05, 4).tolist()
        self._state = (x, x_dot, angle, turning)
        return _FOUR(x, x_dot, angle, turning)

    def step(
        self,
        action: int,
        g: float = _GRAVITY,
        push: float = _FORCE,
        tick: float = _TICK,
        pole: float = _POLE,
        half: float = _HALF,
        total: float = _TOTAL,
        moment: float = _MOMENT,
    ) -> Step:
        """Play a push to the left (0) or to the right (1). The constants are arguments because locals are read fastest."""
        x, x_dot, angle, turning = self._state
        cosine, sine = cos(angle), sin(angle)
        drive = ((push if action else -push) + moment * (turning * turning) * sine) / total
        spin = (g * sine - cosine * drive) / (half * (4.0 / 3.0 - pole * (cosine * cosine) / total))
        speed_up = drive - moment * spin * cosine / total
        x = x + tick * x_dot
        x_dot = x_dot + tick * speed_up
        angle = angle + tick * turning
        turning = turning + tick * spin
        self._state = (x, x_dot, angle, turning)
        fallen = not (-self._TRACK <= x <= self._TRACK and -self._ANGLE <= angle <= self._ANGLE)
        return _FOUR(x, x_dot, angle, turning), 1.0, fallen


class MountainCar:
    """State: position and velocity."""

    def __init__(self) -> None:
        self._position = self._velocity = 0.0

    def begin(self, seed: int) -> bytes:
        self._position, self._velocity = float(_generator(seed).uniform(-0.6, -0.4)), 0.0
        return _TWO(self._position, self._velocity)

    def step(self, action: int) -> Step:
        """Play a push to the left (0), none (1) or to the right (2)."""
        velocity = self._velocity + ((action - 1) * 0.001 + cos(3 * self._position) * -0.0025)
        velocity = -0.07 if velocity < -0.07 else 0.07 if velocity > 0.07 else velocity
        position = self._position + velocity
        position = -1.2 if position < -1.2 else 0.6 if position > 0.6 else position
        if position == -1.2 and velocity < 0:
            velocity = 0.0
        self._position, self._velocity = position, velocity
        return _TWO(position, velocity), -1.0, position >= 0.5 and velocity >= 0


class MountainCarContinuous:
    """State: position and velocity, which the environment keeps in single precision after the first step."""

    _POWER, _TOP, _LEFT, _RIGHT, _GOAL = (single(number) for number in (0.0015, 0.07, -1.2, 0.6, 0.45))

    def __init__(self) -> None:
        self._position = self._velocity = 0.0
        self._first = True

    def begin(self, seed: int) -> bytes:
        self._position, self._velocity = float(_generator(seed).uniform(-0.6, -0.4)), 0.0
        self._first = True
        return _TWO(self._position, self._velocity)

    def step(self, push: float) -> Step:
        """Play a push of -1 (left) to 1 (right)."""
        first, position, top = self._first, self._position, self._TOP
        thrice = 3 * position if first else single(3 * position)
        change = single(single(push * self._POWER) - single(0.0025 * cos(thrice)))
        velocity = self._velocity + change
        velocity = velocity if first else single(velocity)
        velocity = top if velocity > top else -top if velocity < -top else velocity
        position = single(position + velocity)
        position = self._RIGHT if position > self._RIGHT else self._LEFT if position < self._LEFT else position
        if position == self._LEFT and velocity < 0:
            velocity = 0.0
        self._position, self._velocity, self._first = position, single(velocity), False
        there = position >= self._GOAL and velocity >= 0
        return _TWO(position, velocity), (100.0 if there else 0) - pow(push, 2) * 0.1, there


class Acrobot:
    """State: both angles and both angular velocities."""

    _TICK = 0.2 - 0
    _FASTEST = (4 * pi, 9 * pi)

    def __init__(self) -> None:
        self._state = (0.0, 0.0, 0.0, 0.0)

    def begin(self, seed: int) -> bytes:
        import numpy

        first, second, turning_1, turning_2 = state = _generator(seed).uniform(-0.1, 0.1, 4).astype(numpy.float32)
        self._state = tuple(state.tolist())
        # In single precision, as the environment observes its first state.
        waves = (numpy.cos(first), numpy.sin(first), numpy.cos(second), numpy.sin(second))
        return _SIX(*map(float, waves), float(turning_1), float(turning_2))

    def step(self, action: int) -> Step:
        """Play a torque of -1 (0), 0 (1) or 1 (2) on the joint, integrated by Runge and Kutta's fourth-order rule."""
        torque, tick = action - 1.0, self._TICK
        half, sixth = tick / 2.0, tick / 6.0
        a, b, c, d = self._state
        a1, b1, c1, d1 = _swing(a, b, c, d, torque)
        a2, b2, c2, d2 = _swing(a + half * a1, b + half * b1, c + half * c1, d + half * d1, torque)
        a3, b3, c3, d3 = _swing(a + half * a2, b + half * b2, c + half * c2, d + half * d2, torque)
        a4, b4, c4, d4 = _swing(a + tick * a3, b + tick * b3, c + tick * c3, d + tick * d3, torque)
        fast_1, fast_2 = self._FASTEST
        a = _turned(a + sixth * (a1 + 2 * a2 + 2 * a3 + a4))
        b = _turned(b + sixth * (b1 + 2 * b2 + 2 * b3 + b4))
        c = min(max(c + sixth * (c1 + 2 * c2 + 2 * c3 + c4), -fast_1), fast_1)
        d = min(max(d + sixth * (d1 + 2 * d2 + 2 * d3 + d4), -fast_2), fast_2)
        self._state = (a, b, c, d)
        cosine = cos(a)
        up = -cosine - cos(b + a) > 1.0
        return _SIX(cosine, sin(a), cos(b), sin(b), c, d), 0.0 if up else -1.0, up


def _swing(first: float, second: float, turning_1: float, turning_2: float, torque: float) -> tuple[float, float, float, float]:
    """Derivatives of Acrobot's state: links of 1 m, 1 kg and moment 1, centres of mass in the middle, gravity 9.8."""
    cosine, sine = cos(second), sin(second)
    d1 = 0.25 + (1.25 + cosine) + 1.0 + 1.0
    d2 = (0.25 + 0.5 * cosine) + 1.0
    phi2 = 4.9 * cos(first + second - pi / 2.0)
    phi1 = -0.5 * turning_2**2 * sine - turning_2 * turning_1 * sine + 14.700000000000001 * cos(first - pi / 2) + phi2
    spin_2 = (torque + d2 / d1 * phi1 - 0.5 * turning_1**2 * sine - phi2) / (1.25 - d2**2 / d1)
    spin_1 = -(d2 * spin_2 + phi1) / d1
    return turning_1, turning_2, spin_1, spin_2


def _turned(angle: float) -> float:
    """The same angle between -pi and pi."""
    while angle > pi:
        angle = angle - 2 * pi
    while angle < -pi:
        angle = angle + 2 * pi
    return angle


class Pendulum:
    """State: the angle from upright, never turned back, and its velocity."""

    def __init__(self) -> None:
        self._angle = self._velocity = 0.0

    def begin(self, seed: int) -> bytes:
        generator = _generator(seed)
        self._angle, self._velocity = float(generator.uniform(-pi, pi)), float(generator.uniform(-1.0, 1.0))
        return _THREE(cos(self._angle), sin(self._angle), self._velocity)

    def step(self, torque: float) -> Step:
        """Play a torque of -2 to 2."""
        angle, velocity = self._angle, self._velocity
        # What is made of the torque alone stays in single precision.
        effort = single(single(0.001) * single(torque * torque))
        cost = (((angle + pi) % (2 * pi)) - pi) ** 2 + 0.1 * velocity**2 + effort
        velocity = velocity + (15.0 * sin(angle) + single(3.0 * torque)) * 0.05
        velocity = -8.0 if velocity < -8.0 else 8.0 if velocity > 8.0 else velocity
        angle = angle + velocity * 0.05
        self._angle, self._velocity = angle, velocity
        return _THREE(cos(angle), sin(angle), velocity), -cost, False
