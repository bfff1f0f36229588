"""Leduc hold'em (Southey et al. 2005), the small poker of research on imperfect information, as a PettingZoo environment of our
own and as an arena in which the distance from an equilibrium is exact.

`rules` knows the game, `env` PettingZoo's interface, `twin` and `spec` what scripts meet, `tree` the whole game, `solve` its
solution.
"""
