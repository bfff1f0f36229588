"""Boards and grid worlds: rows of whole numbers where 0 is empty, row 0 at the top."""

from __future__ import annotations

from library.vocabulary import Cell, Grid


def cell_value(grid: Grid, row: int, column: int) -> int:
    """Value of a cell; -1 outside the grid.

    >>> cell_value(((0, 1), (2, 0)), 1, 0)
    2
    >>> cell_value(((0, 1), (2, 0)), -1, 0)
    -1
    """
    if 0 <= row < len(grid) and 0 <= column < len(grid[row]):
        return grid[row][column]
    return -1


def line_length(grid: Grid, row: int, column: int, value: int) -> int:
    """Length of the longest straight run of a value through a cell, if that cell held the value; 0 outside the grid.

    Rows, columns and both diagonals count.

    >>> line_length(((0, 0, 0), (1, 1, 0), (2, 1, 2)), 1, 2, 1)
    3
    >>> line_length(((0, 0, 0), (1, 1, 0), (2, 1, 2)), 0, 0, 2)
    1
    """
    height = len(grid)
    if not 0 <= row < height or not 0 <= column < len(grid[row]):
        return 0
    width = len(grid[row])
    best = 1
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        run = 1
        y = row + down
        x = column + right
        while y < height and 0 <= x < width and grid[y][x] == value:
            run += 1
            y += down
            x += right
        y = row - down
        x = column - right
        while y >= 0 and 0 <= x < width and grid[y][x] == value:
            run += 1
            y -= down
            x -= right
        best = max(best, run)
    return best


def open_run(grid: Grid, row: int, column: int, value: int) -> int:
    """Largest run of a value through a cell plus its empty ends, if that cell held the value; 0 outside the grid.

    Each straight line through the cell scores the length of its run and 1 for every end of the run that is empty (0).

    >>> open_run(((0, 1, 0, 0), (2, 2, 1, 0)), 0, 2, 1)
    4
    >>> open_run(((0, 1, 0, 0), (2, 2, 1, 0)), 1, 3, 2)
    2
    """
    height = len(grid)
    if not 0 <= row < height or not 0 <= column < len(grid[row]):
        return 0
    width = len(grid[row])
    best = 1
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        run = 1
        y = row + down
        x = column + right
        while y < height and 0 <= x < width and grid[y][x] == value:
            run += 1
            y += down
            x += right
        if y < height and 0 <= x < width and grid[y][x] == 0:
            run += 1
        y = row - down
        x = column - right
        while y >= 0 and 0 <= x < width and grid[y][x] == value:
            run += 1
            y -= down
            x -= right
        if y >= 0 and 0 <= x < width and grid[y][x] == 0:
            run += 1
        best = max(best, run)
    return best


def drop_row(grid: Grid, column: int) -> int:
    """Row of the lowest empty cell (0) of a column, where a dropped piece would rest; -1 if there is none.

    >>> drop_row(((0, 0), (0, 1)), 1)
    0
    >>> drop_row(((2, 0), (1, 1)), 0)
    -1
    """
    row = len(grid) - 1
    while row >= 0:
        if not 0 <= column < len(grid[row]):
            return -1
        if grid[row][column] == 0:
            return row
        row -= 1
    return -1


def neighbours(grid: Grid, row: int, column: int) -> list[Cell]:
    """The cells above, below, left and right of a cell that lie inside the grid, in that order.

    >>> neighbours(((0, 0), (0, 0)), 0, 1)
    [(1, 1), (0, 0)]
    """
    cells = []
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        y = row + down
        x = column + right
        if 0 <= y < len(grid) and 0 <= x < len(grid[y]):
            cells.append((y, x))
    return cells


def manhattan(a: Cell, b: Cell) -> int:
    """Steps between two cells when moving along rows and columns only.

    >>> manhattan((0, 3), (2, 1))
    4
    """
    return abs(a[0] - b[0]) + abs(a[1] - b[1])
