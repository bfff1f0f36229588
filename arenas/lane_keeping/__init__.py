"""Driving along 100 numbered stretches of road, as a PettingZoo environment of our own and as an arena.

`roads` has the pieces that roads are laid of, `scenarios` the list of 100, `sensing` what rays meet, `rules` the car and what ends
an episode, `view` what the driver sees and how it is drawn, `env` PettingZoo's interface, `spec` what scripts meet.
"""
