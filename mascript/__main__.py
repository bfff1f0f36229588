"""`python -m mascript` is the `mascript` command."""

from __future__ import annotations

import sys

from mascript.cli import main

if __name__ == "__main__":
    sys.exit(main())
