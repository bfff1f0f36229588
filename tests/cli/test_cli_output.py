"""How figures and tables are written."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from mascript.cli.options import read_arguments, read_seeds
from mascript.cli.output import aligned, cell, with_error
from mascript.plain import plain


@pytest.mark.parametrize(
    ("mean", "half", "text"),
    [
        (-15.2345, 1.6789, "-15.2 +- 1.7"),
        (0.12345, 0.0567, "0.123 +- 0.057"),
        (250.0, 31.0, "250 +- 31"),
        (1.5, None, "1.5"),
        (None, None, "-"),
    ],
)
def test_means_are_written_to_the_second_digit_of_their_error(mean, half, text) -> None:
    assert with_error(mean, half) == text


def test_columns_are_aligned_and_numbers_stand_to_the_right() -> None:
    assert aligned(("name", "n"), [("ada", 7), ("bo", 1200)]) == ["name     n", "ada      7", "bo    1200"]


def test_cells() -> None:
    assert [cell(value) for value in (None, True, 0.123456, 1234.5678, math.nan, "x")] == [
        "-",
        "yes",
        "0.1235",
        "1234.57",
        "-",
        "x",
    ]


def test_json_has_no_number_that_json_lacks() -> None:
    assert plain({"a": math.inf, "b": (1, 2.5), "c": {"d": math.nan}}) == {"a": None, "b": [1, 2.5], "c": {"d": None}}


def test_seeds_are_distinct_and_both_ends_count() -> None:
    assert read_seeds("5..7, 1,6") == (5, 6, 7, 1)


def test_arguments_are_read_as_values() -> None:
    assert read_arguments(("N=4", "ratio=.5", "fast=true", "name=x y", "payoffs=[3, 0]")) == {
        "N": 4,
        "ratio": 0.5,
        "fast": True,
        "name": "x y",
        "payoffs": [3, 0],
    }


def test_a_full_disk_behind_a_redirection_is_one_message() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mascript", "arenas", "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1 and done.stderr.startswith("Error: the disk is full"), done.stderr
