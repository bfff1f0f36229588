"""Conditions set side by side: runs grouped, matched by seed, and summed up so that few runs do not say more than they can."""
