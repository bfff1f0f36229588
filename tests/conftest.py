"""What several folders of tests share."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A busy machine is slow: how long an example takes says nothing of what it shows.
settings.register_profile("machine", deadline=None)
settings.load_profile("machine")

SPREAD = """
[experiment]
name = "tiny"
arena = "simple_spread_v3"
seed = 10
generations = 3
candidates = 6
first_candidates = 8
arguments = { N = 2, max_cycles = 10 }
[evaluation]
race = "screen"
screen = 2
keep = 2
episodes = 4
accept_episodes = 6
audit_episodes = 8
[library]
contribute_every = 1
[credit]
looks = [16]
"""
"""With this seed an agent borrows what the other contributed, so that there is something to measure and to show."""


@pytest.fixture(scope="session")
def spread() -> str:
    """Text of a tiny cooperative experiment in which helpers are contributed, borrowed and credited."""
    return SPREAD
