from __future__ import annotations


def contributions(tree, champion, brief, language):
    return ()
