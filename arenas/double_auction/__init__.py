"""A continuous double auction of 2 to 10 traders, as a PettingZoo environment of our own and as an arena.

`rules` knows the market, `schedule` what could be gained in it, `view` what a trader sees and how it is drawn, `env` PettingZoo's
interface, `spec` what scripts meet. `python -m arenas.double_auction` shows how the references do by trading period.
"""
