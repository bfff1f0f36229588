"""Catch as an image: balls fall, a paddle catches them, and all that is given is a noisy picture of 84 by 84 pixels.

After the game of Mnih et al. (2014, arXiv 1406.6247), with balls that drift and bounce.
"""
