"""Games whose every payoff is known in closed form, so that what measures effects can be held against the truth.

No task and in no listing: `rules` says what an action truly earns, `spec` what scripts meet.
"""
