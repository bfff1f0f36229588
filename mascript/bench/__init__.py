"""Slow proofs: each writes its figures, with the command that made them, to docs/results."""
