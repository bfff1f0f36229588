"""Pictures of arenas for people: a scene says what lies where, and painting it is another matter.

`scene` has the vocabulary, a few shapes in an arena's own units; each arena's `drawing` module makes scenes of its game; `board`
lays out what several of them need. `paint` turns a scene, or an image that an environment rendered itself, into a frame with a
caption, and frames into a GIF. Only `paint` knows Pillow. `foreign` asks environments without a renderer of ours for their own.
"""
