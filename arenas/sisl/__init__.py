"""Pursuit (Gupta, Egorov and Kochenderfer 2017) and multiwalker, of PettingZoo's SISL family."""
