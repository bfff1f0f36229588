"""`mascript demo` and `mascript bench`: thin doors to what lives in `mascript.demo` and `mascript.bench`."""

from __future__ import annotations

from pathlib import Path

import click

WORKERS = click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Evaluator processes.")


@click.command()
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@WORKERS
@click.option("--out", metavar="DIR", default="demo", show_default=True, type=click.Path(file_okay=False, path_type=Path), help="Where workspace and report go.")
def demo(seed: int, workers: int, out: Path) -> None:
    """Three small experiments one after the other, with credit and a report."""
    from mascript.demo import run_demo

    run_demo(seed=seed, workers=workers, out=out)


@click.command()
@click.argument("name")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@WORKERS
@click.option("--out", metavar="DIR", default="bench", show_default=True, type=click.Path(file_okay=False, path_type=Path), help="Where results go.")
def bench(name: str, seed: int, workers: int, out: Path) -> None:
    """Run the benchmark NAME."""
    from mascript.bench import run_bench

    run_bench(name, seed=seed, workers=workers, out=out)
