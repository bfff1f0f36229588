"""The iterated prisoner's dilemma (Axelrod 1984) with noise, as a PettingZoo environment of our own and as an arena.

`rules` knows the game, `env` PettingZoo's interface, `drawing` the text on the screen, `twin` and `spec` what scripts meet.
"""
