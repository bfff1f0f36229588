"""A common orchard that regrows only where apples are left, as a PettingZoo environment of our own and as an arena.

`rules` knows the game, `view` what a player sees and how it is drawn, `env` PettingZoo's interface, `spec` what scripts meet.
"""
