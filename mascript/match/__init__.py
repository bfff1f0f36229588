"""Matches: lineups of sandboxed scripts on the episodes of an arena.

`table` is one running episode, `play` drives many at once so that a message to a worker carries many decisions, `pool` spreads jobs
over evaluator processes. The environment and the score live here, in the host; scripts live in the sandbox's workers.
"""
