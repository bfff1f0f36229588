"""Knights, archers and zombies, of PettingZoo's butterfly family."""
