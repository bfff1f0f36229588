"""The iterated dilemma against the strategies of the Axelrod library (Knight et al., Journal of Open Research Software 4, 2016).

`game` is the only module that imports the library, `spec` what scripts meet.
"""
