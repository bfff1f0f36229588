"""Games small enough to be walked whole: `tree` says what one is, `nash_conv` how far a policy is from an equilibrium, `cfr` finds
one. Exact, in floating point; nothing is sampled."""
