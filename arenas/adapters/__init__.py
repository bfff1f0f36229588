"""Games on original environments: one adapter for each of PettingZoo's two interfaces and one for Gymnasium."""
