"""The writer `synthesis`: it explores before it writes, solves or steers what it met, and tunes constants apart from structure.

Rooms: `insight` (what steps say of numbers), `controls` (founders that steer), `tabular` (a learnt model and its best plan),
`distil` (a plan as a short decision list), `adaptation` (the search of the scalar operator), `tuning` (lines of programs of one
structure), `writer`. Its priors are named in docs/writer.md.
"""
