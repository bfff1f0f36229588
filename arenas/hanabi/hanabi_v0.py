"""hanabi_v0 under PettingZoo's naming convention: `env` and `raw_env`.

Version history:
    v0: first version.
"""

from __future__ import annotations

from arenas.hanabi.env import env, raw_env

__all__ = ["env", "raw_env"]
