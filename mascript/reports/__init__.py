"""Reports of runs: from a workspace's rows to what a reader meets. The records and the page itself are the lineage's."""

from mascript.reports.demo import demo_page, write_demo_report
from mascript.reports.run import run_report, write_report

__all__ = ["demo_page", "run_report", "write_demo_report", "write_report"]
