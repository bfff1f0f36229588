"""axelrod_v0: the iterated dilemma against strategies of the Axelrod library (Knight et al., Journal of Open Research Software 4,
2016), behind the extra `axelrod`.

The library plays in the host, as the rest of the environment does; the script stays in its sandbox.
"""
