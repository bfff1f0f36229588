"""Tic-tac-toe in PettingZoo's implementation, from seeded openings."""
