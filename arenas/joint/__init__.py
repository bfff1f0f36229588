"""What our environments in which all seats act at once have in common, and none of them repeats.

`design` says what a game hands over, `env` is PettingZoo's interface to it, `games` the two games that scripts meet: the original
on the environment and the twin on the rules alone.
"""
