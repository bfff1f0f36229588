"""catch_pixels_v0, as PettingZoo names its modules.

Version history:
    v0: first version.
"""

from __future__ import annotations

from arenas.catch_pixels.env import env, parallel_env, raw_env

__all__ = ["env", "parallel_env", "raw_env"]
