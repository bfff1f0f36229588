"""The starter set: examples hold, texts stand alone, and each helper is right where its examples do not look."""

from __future__ import annotations

import ast
import doctest
import importlib
import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.starter import MODULES, starter_functions
from library.starter.geometry import aligned, clamp, distance, farthest, length, nearest, subtract, unit
from library.starter.grids import cell_value, drop_row, line_length, manhattan, neighbours, open_run
from library.starter.masks import complement, first_allowed, intersect
from library.starter.memory import count_recent, moving_average, rate_of, streak
from library.starter.selection import argmax, argmin, rank_of

coordinate = st.floats(-1e3, 1e3, allow_subnormal=False)
point = st.tuples(coordinate, coordinate)


@st.composite
def grids(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    width = draw(st.integers(1, 6))
    row = st.tuples(*[st.integers(0, 2)] * width)
    return tuple(draw(st.lists(row, min_size=1, max_size=6)))


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_the_modules_hold(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"library.starter.{module}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_names_are_unique_and_about_twenty() -> None:
    names = [name for name, _ in starter_functions()]
    assert len(set(names)) == len(names)
    assert 20 <= len(names) <= 28


def test_every_text_stands_alone() -> None:
    for name, source in starter_functions():
        namespace: dict[str, object] = {}
        exec("from __future__ import annotations\n" + source, namespace)
        parsed = doctest.DocTestParser().get_doctest(namespace[name].__doc__ or "", namespace, name, None, 0)
        assert parsed.examples, name
        assert doctest.DocTestRunner(verbose=False).run(parsed).failed == 0, name


def test_the_formatter_leaves_every_text_unchanged() -> None:
    for name, source in starter_functions():
        done = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "132", "-"],
            input=source,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == source, name


def test_no_helper_mentions_an_arena_or_imports_more_than_math() -> None:
    for name, source in starter_functions():
        words = source.lower()
        assert not [word for word in ("connect", "spread", "dilemma", "landmark", "cooperate", "defect") if word in words], name
        imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert all(isinstance(node, ast.Import) and [a.name for a in node.names] == ["math"] for node in imports), name


@given(st.lists(point, min_size=1), point)
def test_nearest_and_farthest_bound_every_distance(points: list[tuple[float, float]], origin: tuple[float, float]) -> None:
    near = distance(points[nearest(points, origin)], origin)
    far = distance(points[farthest(points, origin)], origin)
    assert all(near <= distance(p, origin) + 1e-9 and distance(p, origin) <= far + 1e-9 for p in points)


@given(point)
def test_unit_has_length_one_or_zero(vector: tuple[float, float]) -> None:
    size = length(unit(vector))
    assert size == 0.0 if vector == (0.0, 0.0) else math.isclose(size, 1.0, rel_tol=1e-9)


@given(st.lists(point, min_size=1), point)
def test_aligned_has_the_largest_product(directions: list[tuple[float, float]], vector: tuple[float, float]) -> None:
    products = [d[0] * vector[0] + d[1] * vector[1] for d in directions]
    assert aligned(directions, vector) == products.index(max(products))


@given(coordinate, coordinate, coordinate)
def test_clamp_stays_between_the_bounds(value: float, a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    assert clamp(value, low, high) == min(max(value, low), high)


def test_subtract_leads_from_the_second_to_the_first() -> None:
    assert subtract((3.0, 3.0), (1.0, 2.0)) == (2.0, 1.0)


def _longest_by_segments(grid: tuple[tuple[int, ...], ...], row: int, column: int, value: int) -> int:
    """Reference by another route: the longest segment of held cells that contains the cell, over every segment."""
    held = {(r, c) for r, line in enumerate(grid) for c, cell in enumerate(line) if cell == value} | {(row, column)}
    longest = 0
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        for before in range(6):
            for after in range(6):
                segment = [(row + k * down, column + k * right) for k in range(-before, after + 1)]
                if held.issuperset(segment):
                    longest = max(longest, len(segment))
    return longest


@settings(max_examples=60)
@given(grids(), st.data())
def test_line_length_is_the_longest_segment(grid: tuple[tuple[int, ...], ...], data: st.DataObject) -> None:
    row, column = data.draw(st.integers(0, len(grid) - 1)), data.draw(st.integers(0, len(grid[0]) - 1))
    value = data.draw(st.integers(1, 2))
    longest = line_length(grid, row, column, value)
    assert longest == _longest_by_segments(grid, row, column, value)
    assert longest <= open_run(grid, row, column, value) <= longest + 2


def test_runs_outside_the_grid_are_zero() -> None:
    grid = ((0, 0), (1, 1))
    for row, column in ((-1, 0), (2, 0), (0, -1), (0, 2)):
        assert line_length(grid, row, column, 1) == 0
        assert open_run(grid, row, column, 1) == 0
        assert cell_value(grid, row, column) == -1
    assert line_length((), 0, 0, 1) == 0


def test_open_run_counts_only_empty_ends() -> None:
    assert open_run(((2, 1, 0, 1, 0),), 0, 2, 1) == 4
    assert open_run(((0, 1, 0, 1, 0),), 0, 2, 1) == 5
    assert open_run(((2, 1, 0, 1, 2),), 0, 2, 1) == 3


@given(grids(), st.integers(-1, 6))
def test_drop_row_is_the_lowest_empty_cell(grid: tuple[tuple[int, ...], ...], column: int) -> None:
    empty = [row for row, line in enumerate(grid) if 0 <= column < len(line) and line[column] == 0]
    assert drop_row(grid, column) == max(empty, default=-1)


@given(grids(), st.data())
def test_neighbours_are_one_step_away(grid: tuple[tuple[int, ...], ...], data: st.DataObject) -> None:
    row, column = data.draw(st.integers(0, len(grid) - 1)), data.draw(st.integers(0, len(grid[0]) - 1))
    inside = [(r, c) for r in range(len(grid)) for c in range(len(grid[0]))]
    assert sorted(neighbours(grid, row, column)) == [cell for cell in inside if manhattan(cell, (row, column)) == 1]


@given(st.lists(coordinate, min_size=1))
def test_selection_agrees_with_sorting(values: list[float]) -> None:
    assert argmax(values) == values.index(max(values))
    assert argmin(values) == values.index(min(values))
    assert [rank_of(values, value) for value in values] == [sorted(values).index(value) for value in values]


@given(st.lists(st.integers(0, 6)), st.lists(st.integers(0, 6)))
def test_masks_agree_with_sets(a: list[int], b: list[int]) -> None:
    assert set(intersect(a, b)) == set(a) & set(b)
    assert set(complement(a, 7)) == set(range(7)) - set(a)
    position = first_allowed(a, b)
    assert (position == -1) == (not set(a) & set(b))
    assert position == -1 or (a[position] in b and not set(a[:position]) & set(b))


@given(st.lists(st.integers(0, 1)), st.integers(-1, 9))
def test_memory_agrees_with_slices(history: list[int], window: int) -> None:
    recent = history[-window:] if window > 0 else []
    assert count_recent(history, 1, window) == recent.count(1)
    assert moving_average([float(h) for h in history], window) == (sum(recent) / len(recent) if recent else 0.0)
    assert rate_of(history, 1) == (history.count(1) / len(history) if history else 0.0)
    run = streak(history)
    assert len(set(history[len(history) - run :])) <= 1
    assert run == len(history) or history[-run - 1] != history[-1]
