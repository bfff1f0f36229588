"""Rock, paper, scissors, thrown again and again, in PettingZoo's implementation, from seeded openings."""
