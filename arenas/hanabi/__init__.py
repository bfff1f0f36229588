"""Hanabi for two players (Bauza 2010) by the rules of the Hanabi Learning Environment (Bard et al. 2020, The Hanabi Challenge,
arXiv 1902.00506), as a PettingZoo environment of our own: PettingZoo's classic/hanabi needs a package that has no wheels.

`rules` knows the game, `view` what a player sees, `env` PettingZoo's interface, `twin` and `spec` what scripts meet.
"""
