"""The `mascript` command. Importing this package loads click alone; a command's module is imported when it is invoked."""

from __future__ import annotations

from mascript.cli.frame import Frame

__all__ = ["main"]

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("mascript.cli.start:init", "Write a commented experiment file and an empty workspace."),
    "demo": ("mascript.cli.extras:demo", "Run the demonstration: cooperation, competition, inheritance."),
    "run": ("mascript.cli.run:run", "Run an experiment, or take up one that was cut short."),
    "status": ("mascript.cli.status:status", "How the runs of a workspace stand."),
    "arenas": ("mascript.cli.arenas:arenas", "The worlds that scripts play in."),
    "check": ("mascript.cli.check:check", "What every gate says of a script."),
    "score": ("mascript.cli.score:score", "Mean return of a script over episode seeds."),
    "tournament": ("mascript.cli.tournament:tournament", "Scripts play each other: payoffs, ratings, alpha-rank."),
    "play": ("mascript.cli.play:play", "One episode, step by step, as text."),
    "export": ("mascript.cli.export:export", "A script with all that it borrows, as plain Python."),
    "library": ("mascript.cli.library:library", "The shared functions of a workspace."),
    "transcript": ("mascript.cli.transcript:transcript", "What a run asked models or people, and what it was told."),
    "lineage": ("mascript.cli.lineage:lineage", "Who wrote what, and who borrowed what from whom."),
    "trace": ("mascript.cli.trace:trace", "How strategies came about, and who took them up."),
    "explain": ("mascript.cli.explain:explain", "Which line made each decision; what an edit would change."),
    "compare": ("mascript.cli.compare:compare", "Runs as conditions side by side, matched by seed."),
    "credit": ("mascript.cli.credit:credit", "What each borrowed helper was worth."),
    "report": ("mascript.cli.credit:report", "One HTML file about a run."),
    "serve": ("mascript.cli.serve:serve", "Runs, library and lineages in a browser."),
    "mcp": ("mascript.cli.mcp:mcp", "The workspace for coding agents, over the Model Context Protocol."),
    "submissions": ("mascript.cli.submissions:submissions", "What coding agents handed in, and what was said of it."),
    "verify": ("mascript.cli.status:verify", "Hold every row of a run against its hash chains."),
    "doctor": ("mascript.cli.doctor:doctor", "What this machine offers: sandbox mechanisms, versions, disk."),
    "bench": ("mascript.cli.bench:bench", "Run a benchmark by name."),
}
"""Command to (where it is defined, one line for `--help`), in the order that `--help` shows."""

main = Frame(
    COMMANDS,
    name="mascript",
    help="Several agents write Python scripts that play in one arena, and share a versioned library of functions.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
