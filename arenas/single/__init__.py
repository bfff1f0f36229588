"""Gymnasium's classic tasks of one seat, told to scripts: named fields with units, named actions, rules in prose, yardsticks."""
