"""The built-in grammar writer: typed expression trees over named fields, printed as readable Python. No model, no arena in it.

Rooms: `tree` (expressions and their JSON), `language` (what may be said here), `terminals` and `grow` (random expressions),
`sketches` (program forms), `simplify`, `render` (printing), `operators` (changes), `extract` (contributing), `evaluate` (values for
examples), `writer`.

Human priors, all of them general, none written for one arena:

- forms (`sketches`): steering by directions, scoring each legal action, decision lists, one number per output component;
- Points and scores start as sums of one to three weighted features, and ADD-TERM (`n -> n + c * feature`) is a frequent change;
- vector primitives (add, subtract, scale, length, distance) are known by name and type, and stand in locally where missing;
- list combinators: the element with the least or greatest key (mostly a length or distance), minimum, maximum, sum, filter;
- an element of a list with one entry per seat may be taken at the own `seat`; long lists are read near their beginning more often;
- in a form that scores actions, terms that do not read the action are dropped; `field[action]` reads a list with one entry per
  action; the distance of the action from the middle of all actions is a feature;
- arguments are bound by the parameter's name first (a field of that name; for whole numbers a per-action list with that unit, or
  the action where it counts that word: `column` for actions named column_0, ..., or as many as a grid has columns), else by type;
  a per-action entry may be shifted by one; other whole-number arguments are mostly small literals; `index` is a position in a list;
- contributed functions are borrowed in proportion to their weight, and up to half of a first generation starts from them;
- what is contributed is the heart of the program, abstracted over fields, action, seat and literal positions.
"""
