"""Library learning: what scripts say again and again becomes one typed, named, tested function that they call instead.

`types_of` tells the types of expressions, `corpus` reads scripts, `patterns` searches what pays, `helper` writes the function,
`rewrite` the scripts, `proof` plays both, and `learning` does all of it for a workspace's runs.
"""
