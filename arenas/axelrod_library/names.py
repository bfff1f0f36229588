"""What axelrod_v0 is called and which lists of the library it knows, for readers who have not the library."""

ID = "axelrod_v0"
EXTRA = "axelrod"
LISTS = ("axelrod_first", "basic", "short_run_time")
"""Lists of the library that can be named, there with `_strategies` behind them."""
