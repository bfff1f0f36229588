"""Bring your own environment: `orchard_v0` is a plain PettingZoo environment, `spec` makes its scripts readable.

    PYTHONPATH=examples mascript score mine.py --arena orchard:orchard_v0 --seeds 0..19

plays it as it is: scripts see an array. A package of yours that names `orchard.spec:build` under the entry-point group
`mascript.arenas` gives it fields, names and rules.
"""
