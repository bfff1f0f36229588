"""What our grid worlds have in common, and none of them repeats: boards, moves that block each other, beams, windows, pictures.

A place is one integer, the index into a board with a margin of wall around it, so that a window or a beam never leaves it.
"""
