"""Connect four in PettingZoo's implementation, from seeded random openings."""
