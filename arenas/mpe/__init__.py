"""The multi-particle environments (Lowe et al. 2017, arXiv 1706.02275) in mpe2's implementation, on one scalar physics core."""
