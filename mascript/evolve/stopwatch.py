"""How long the parts of a turn take: for telemetry alone, since no decision may depend on a clock."""

from __future__ import annotations

from time import monotonic


class Stopwatch:
    """Wall time since the last lap, by name. Made for one turn; its laps go to telemetry."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        """Seconds by name, in the order of the laps."""
        self._last = monotonic()

    def lap(self, name: str) -> None:
        """End a lap."""
        now = monotonic()
        self.laps[name] = now - self._last
        self._last = now
