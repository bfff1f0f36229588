"""Online bin packing, as a PettingZoo environment of our own and as an arena.

`rules` knows the game and its streams of items, `bounds` how few bins could do, `view` what the packer sees and how it is drawn,
`env` PettingZoo's interface, `spec` what scripts meet.
"""
