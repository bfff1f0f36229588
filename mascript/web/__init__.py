"""`mascript serve`: a workspace in a browser, on this machine, with nothing from anywhere else.

A _view_ is a pure function from an open workspace and an `Ask` to a frozen dataclass (`mascript.web.views`). A route names a view
and a template (`mascript.web.routes`). The same dataclass becomes the page and, at the same address with `.json`, its twin. Nothing
here writes: every request opens the workspace read-only.
"""
